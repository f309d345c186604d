import { DeksError } from "./errors.ts";
import { relatedKeyArn } from "./related-keys.ts";
import type { CheckedRequest, ReplicaWrap, ReplicaWrapDeps, ReplicaWrapOptions } from "./replica-wrap.ts";

/**
 * Home's wrap, labels and all, under the ARN that its multi-Region key has in the replica Region. Related keys share their
 * material, so its id stays true.
 */
export async function copyThere(
  { profile, region, dek, wrap, context }: CheckedRequest,
  { keys }: Pick<ReplicaWrapDeps, "keys">,
  { signal }: ReplicaWrapOptions,
): Promise<ReplicaWrap> {
  const keyArn = relatedKeyArn(wrap.keyArn, region);
  if (keyArn === undefined || !(await keys.allows(profile.name, keyArn, { region, signal }))) {
    const message =
      keyArn === undefined
        ? "the home Region's wrap is under a key of one Region, which the strategy multi-region cannot copy: rewrap it"
        : "the replica Region's configuration lacks the relative of the key that home's wrap is under";
    // Once the wrap has been rewrapped, or the key is listed, it works.
    throw new DeksError("DEKS_KEY_UNSUITABLE", message, {
      retryable: true,
      context: { dekId: dek.dekId, region, keyArn: wrap.keyArn },
    });
  }
  const { material, blob, wrappedAt, campaign } = wrap;
  return {
    region,
    keyArn,
    ...(material === undefined ? {} : { material }),
    blob,
    context,
    wrappedAt,
    ...(campaign === undefined ? {} : { campaign }),
  };
}
