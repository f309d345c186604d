/**
 * The transit keys that producers may seal to.
 *
 * The state table is not trusted: whoever can write it could put in a key of
 * their own and read what producers seal to it. So a key counts only if KMS
 * opens its wrap under the configured key, for exactly this key id, which is a
 * digest of the public half.
 */

import { createTransitKeys } from "@dekhand/deks";
import { DekhandError } from "@dekhand/errors";
import { toTransitPublicKey } from "@dekhand/jobs";
import type { TransitKey } from "@dekhand/store";
import type { Connection } from "./connect.ts";

/** What producers are configured with to seal payloads for BullMQ. */
export interface PublicTransitKey {
  readonly keyId: string;
  /** Base64. */
  readonly publicKey: string;
}

type Deployment = Pick<Connection, "config" | "kms" | "stores" | "logger">;

/** The active keys that are the deployment's own, newest first. Throws KmsError, StoreError when that cannot be found out. */
export async function trustedTransitKeys(
  deployment: Deployment,
  signal: AbortSignal,
): Promise<readonly PublicTransitKey[]> {
  const { config, kms, stores, logger } = deployment;
  const { transit } = config;
  if (!transit) return [];
  const { state } = await stores(config.control);
  const { key, retiring } = transit;
  const own = createTransitKeys({ state, kms: kms(transit.region ?? config.control), key, retiring });
  const trusted: TransitKey[] = [];
  for (const key of await state.listTransitKeys({ signal })) {
    if (key.status !== "active") continue;
    if (await isOwn(key, own.load, signal)) trusted.push(key);
    else logger.warn({ keyId: key.id }, "a transit key in the table is not the deployment's own");
  }
  return trusted.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt)).map(toPublic);
}

type Load = ReturnType<typeof createTransitKeys>["load"];

async function isOwn({ id, publicKey }: TransitKey, load: Load, signal: AbortSignal): Promise<boolean> {
  try {
    if (toTransitPublicKey(publicKey).keyId !== id) return false;
    const privateKey = await load(id, { signal });
    privateKey?.fill(0);
    return privateKey !== undefined;
  } catch (error) {
    if (error instanceof DekhandError && !error.retryable && !signal.aborted) return false;
    throw error;
  }
}

function toPublic({ id, publicKey }: TransitKey): PublicTransitKey {
  return { keyId: id, publicKey: Buffer.from(publicKey).toString("base64") };
}
