import { recoverDek } from "@dekhand/envelope";
import { KmsError } from "@dekhand/kms";
import { type Clock, deadlineExceeded } from "@dekhand/runtime";
import { DeksError } from "./errors.ts";
import type { ResolvedKey } from "./key-directory.ts";
import type { CheckedRequest, ReplicaWrap, ReplicaWrapDeps, ReplicaWrapOptions } from "./replica-wrap.ts";
import { BIRTH_DEADLINE_MS, openWrapWindow } from "./wrap-window.ts";

type EncryptDeps = Pick<ReplicaWrapDeps, "keys" | "kms" | "state"> & { readonly clock: Clock };

/** A wrap by Encrypt under the replica Region's current key. KMS's answer to Encrypt tells no key material. */
export async function encryptThere(
  request: CheckedRequest,
  deps: EncryptDeps,
  options: ReplicaWrapOptions,
): Promise<ReplicaWrap> {
  const { profile, region, key } = request;
  const target = await deps.keys.current(profile.name, { region, standalone: true, signal: options.signal });
  const encrypt = (bytes: Uint8Array) => encryptUnder(target, { ...request, key: bytes }, deps, options);
  if (key) {
    // Side by side: at birth, one way there and back is all there is time for.
    const [wrap] = await Promise.all([encrypt(key), requireNotLeft(target, deps, options)]);
    return wrap;
  }
  await requireNotLeft(target, deps, options);
  const unwrapped = await unwrapAtHome(request, deps, options);
  try {
    return await encrypt(unwrapped);
  } finally {
    unwrapped.fill(0);
  }
}

/** Throws DEKS_KEY_LEFT, and what the reading of the mark fails with. */
export async function requireNotLeft(
  { arn, region }: ResolvedKey,
  { state, clock }: Pick<EncryptDeps, "state" | "clock">,
  { signal }: ReplicaWrapOptions,
): Promise<void> {
  await openWrapWindow(arn, { state: state(region), clock, signal, late: () => deadlineExceeded(BIRTH_DEADLINE_MS) });
}

async function encryptUnder(
  target: ResolvedKey,
  { region, dek: { dekId }, context, key: plaintext }: CheckedRequest & { readonly key: Uint8Array },
  { kms }: EncryptDeps,
  options: ReplicaWrapOptions,
): Promise<ReplicaWrap> {
  const asked = { keyArn: target.arn, plaintext, context };
  const { blob, keyArn } = await kms(region).encrypt(asked, { ...options, priority: "replicate" });
  if (keyArn !== undefined && keyArn !== target.arn) throw unverified(dekId, target.arn);
  return { region, keyArn: target.arn, blob, context, wrappedAt: new Date().toISOString() };
}

/** The DEK's bytes, the caller's to wipe, once they have been found to fit the commitment. */
async function unwrapAtHome(
  { profile, dek, wrap, context }: CheckedRequest,
  { kms }: EncryptDeps,
  options: ReplicaWrapOptions,
): Promise<Uint8Array> {
  const { dekId, commitment } = dek;
  const asked = { keyArn: wrap.keyArn, blob: wrap.blob, context };
  const { plaintext } = await kms(profile.home)
    .decrypt(asked, { ...options, priority: "replicate" })
    .catch((error: unknown) => {
      throw refusedAtHome(error, dekId);
    });
  try {
    // Takes its own copy and wipes it, whatever it finds.
    recoverDek(dekId, Uint8Array.from(plaintext), commitment)[Symbol.dispose]();
    return plaintext;
  } catch (error) {
    plaintext.fill(0);
    throw error;
  }
}

/** What KMS refuses of home's wrap is home's damage: nothing that waiting mends. */
export function refusedAtHome(error: unknown, dekId: string): unknown {
  if (!(error instanceof KmsError) || error.failureClass !== "poison") return error;
  return new DeksError("DEKS_UNWRAP_REFUSED", "KMS refused the home Region's wrap", {
    cause: error,
    context: { dekId },
  });
}

export function unverified(dekId: string, keyArn: string): DeksError {
  const message = "KMS answered for another key than the one it was asked for";
  return new DeksError("DEKS_REWRAP_UNVERIFIED", message, { context: { dekId, keyArn } });
}
