/**
 * Which wraps KMS may be called for, with which keys and context.
 *
 * A campaign, like a wrap, is an item of a table: whoever can write the table
 * could name a key of their own as its target. So every key ARN has to be one
 * that this worker's own configuration lists.
 */

import { expectedKmsContext, type KeyDirectory, profileLabelOf, scopeKeysOf } from "@dekhand/deks";
import type { KmsContext } from "@dekhand/kms";
import { isReservedContextKey, type Profile } from "@dekhand/runtime";
import type { CallOptions, WrapRef } from "@dekhand/store";

/**
 * - `admitted`: with the KMS encryption context to use.
 * - `quarantined`: KMS is not called; the message says why, and repeats nothing that is stored.
 */
export type Admission =
  | { readonly kind: "admitted"; readonly context: KmsContext }
  | { readonly kind: "quarantined"; readonly message: string };

/** Judges one wrap that would be rewrapped between the keys of `keyArns`. Throws what looking up a key fails with. */
export type AdmitWrap = (wrap: WrapRef, keyArns: readonly string[], options: CallOptions) => Promise<Admission>;

/**
 * For Dekhand's own wraps. The KMS context is computed from the DEK id and the profile, and has to equal the stored one;
 * both keys have to be the profile's current or retiring ones.
 */
export function admitOwnWraps(deps: {
  readonly profiles: Readonly<Record<string, Profile>>;
  readonly keys: Pick<KeyDirectory, "allows">;
  /** Where the wraps are: keys of the profile's other Regions are refused. Default: none is refused for that. */
  readonly region?: string;
}): AdmitWrap {
  const { profiles, keys, region } = deps;
  const where = region === undefined ? {} : { region };
  return async (wrap, keyArns, { signal }) => {
    // The label only says which profile to try: what it says is part of what is compared, and of what KMS checks.
    const profile = profileLabelOf(wrap.context) ?? "";
    if (!Object.hasOwn(profiles, profile)) return quarantined("its profile is none that the configuration has");
    const context = expectedKmsContext(wrap.id, profile, wrap.context, wrap.context);
    if (!context || scopeKeysOf(context).some(isReservedContextKey)) {
      return quarantined("its KMS context is not the one that follows from its DEK id and profile");
    }
    for (const keyArn of keyArns) {
      if (await keys.allows(profile, keyArn, { ...where, signal })) continue;
      return quarantined("its key, or the campaign's target, is none that the configuration lists for its profile");
    }
    return { kind: "admitted", context };
  };
}

/** For a store of others: the context is what its owner configured, and so are the keys. */
export function admitForeignWraps(allowed: readonly string[]): AdmitWrap {
  const listed = new Set(allowed);
  return async ({ context }, keyArns) => {
    if (keyArns.every((keyArn) => listed.has(keyArn))) return { kind: "admitted", context };
    return quarantined("its key, or the campaign's target, is none that the configuration lists for its store");
  };
}

function quarantined(message: string): Admission {
  return { kind: "quarantined", message };
}
