import { DekhandError } from "@dekhand/errors";
import { generateTransitKeyPair, type TransitPublicKey } from "../transit/transit-key.ts";
import { createTransitKeyring, type TransitKeyring } from "../transit/transit-keyring.ts";

class LookUpError extends DekhandError<"TEST_AWAY"> {}

/** A transit key with a keyring that can be made to fail. */
export interface TransitFixture {
  readonly transit: TransitPublicKey;
  /** Raw, for a process of its own. */
  readonly privateKey: Uint8Array;
  readonly keyring: () => TransitKeyring;
  readonly failLookUps: (count: number) => void;
}

export function createTransitFixture(): TransitFixture {
  const pair = generateTransitKeyPair();
  let failures = 0;
  const load = async (keyId: string) => {
    if (failures > 0) {
      failures -= 1;
      throw new LookUpError("TEST_AWAY", "away for a while", { retryable: true });
    }
    return keyId === pair.keyId ? new Uint8Array(pair.privateKey) : undefined;
  };
  return {
    transit: { keyId: pair.keyId, publicKey: pair.publicKey },
    privateKey: pair.privateKey,
    keyring: () => createTransitKeyring({ load }),
    failLookUps(count) {
      failures = count;
    },
  };
}
