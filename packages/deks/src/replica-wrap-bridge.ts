import { isAnswerFor, type KmsGovernor, type ReEncryptedBlob } from "@dekhand/kms";
import { type Clock, systemClock, waitFor } from "@dekhand/runtime";
import type { CallOptions } from "@dekhand/store";
import { DeksError } from "./errors.ts";
import { areRelatedKeys } from "./related-keys.ts";
import type { CheckedRequest, ReplicaWrap, ReplicaWrapDeps, ReplicaWrapOptions } from "./replica-wrap.ts";
import { refusedAtHome, requireNotLeft, unverified } from "./replica-wrap-encrypt.ts";

/** The multi-Region keys that stand between Regions, by the name that the configuration gives them. */
export interface BridgeKeys {
  /** The key's ARN in that Region. Throws KmsError, and the signal's reason. */
  arnIn(region: string, name: string, options?: CallOptions): Promise<string>;
}

/** How long a name is trusted before KMS is asked again, in milliseconds. */
const trustMs = 60_000;

export function createBridgeKeys({
  kms,
  clock = systemClock,
}: {
  readonly kms: (region: string) => Pick<KmsGovernor, "describeKey">;
  readonly clock?: Pick<Clock, "monotonic">;
}): BridgeKeys {
  const known = new Map<string, { readonly arn: Promise<string>; readonly askedAt: number }>();
  return {
    arnIn(region, name, { signal } = {}) {
      const key = `${region}\n${name}`;
      const found = known.get(key);
      if (found && clock.monotonic() - found.askedAt < trustMs) return waitFor(found.arn, signal);
      const arn = kms(region)
        .describeKey(name)
        .then((described) => described.arn);
      const entry = { arn, askedAt: clock.monotonic() };
      known.set(key, entry);
      arn.catch(() => {
        if (known.get(key) === entry) known.delete(key);
      });
      return waitFor(arn, signal);
    },
  };
}

/** A wrap by two ReEncrypts over a multi-Region key: the DEK is in no worker's memory for it. */
export async function bridgeThere(
  { profile, region, replica, dek: { dekId }, wrap, context }: CheckedRequest,
  { keys, kms, state, bridges, clock }: Omit<ReplicaWrapDeps, "clock"> & { readonly clock: Clock },
  options: ReplicaWrapOptions,
): Promise<ReplicaWrap> {
  const { signal } = options;
  const { bridge } = replica;
  if (bridge === undefined) throw new RangeError("the configuration's relations are checked: a bridge has its key");
  const [target, pierAtHome, pierThere] = await Promise.all([
    keys.current(profile.name, { region, standalone: true, signal }),
    bridges.arnIn(profile.home, bridge, { signal }),
    bridges.arnIn(region, bridge, { signal }),
  ]);
  if (!areRelatedKeys(pierAtHome, pierThere)) {
    const message = "the bridge's key is not one multi-Region key in both Regions";
    const named = { profile: profile.name, region, keyArn: pierThere };
    throw new DeksError("DEKS_KEY_UNSUITABLE", message, { retryable: true, context: named });
  }
  await requireNotLeft(target, { state, clock }, options);

  const move = async (at: string, blob: Uint8Array, [sourceKeyArn, targetKeyArn]: readonly [string, string]) => {
    const asked = { sourceKeyArn, targetKeyArn };
    const contexts = { sourceContext: context, targetContext: context };
    const answer = await kms(at).reEncrypt({ ...asked, blob, ...contexts }, { ...options, priority: "replicate" });
    if (!isAnswerFor(answer, asked)) throw unverified(dekId, targetKeyArn);
    return answer;
  };
  const half = await move(profile.home, wrap.blob, [wrap.keyArn, pierAtHome]).catch((error: unknown) => {
    throw refusedAtHome(error, dekId);
  });
  return toWrap(await move(region, half.blob, [pierThere, target.arn]));

  function toWrap({ blob, material }: ReEncryptedBlob): ReplicaWrap {
    const labels = material === undefined ? {} : { material };
    return { region, keyArn: target.arn, ...labels, blob, context, wrappedAt: new Date().toISOString() };
  }
}
