import { type EncryptionContext, sameContext } from "@dekhand/envelope";
import type { Profile } from "@dekhand/runtime";

/** The KMS encryption context keys that Dekhand adds to a DEK's scope. */
const dekKey = "dekhand:dek";
const profileKey = "dekhand:profile";

/** The part of a record's context that scopes its DEK, in the order that the profile names it. */
export function scopeOf(profile: Profile, context: EncryptionContext): EncryptionContext {
  return pick(profile.dekScope, context);
}

/** The encryption context under which KMS wraps a DEK. It binds the wrap to one DEK id, profile and scope. */
export function kmsContext(dekId: string, profile: string, scope: EncryptionContext): EncryptionContext {
  return { ...scope, [dekKey]: dekId, [profileKey]: profile };
}

/** The profile that a stored KMS context names: a label. */
export function profileLabelOf(stored: EncryptionContext): string | undefined {
  return Object.hasOwn(stored, profileKey) ? stored[profileKey] : undefined;
}

/** The keys of a stored KMS context that are its DEK's scope. */
export function scopeKeysOf(stored: EncryptionContext): string[] {
  return Object.keys(stored).filter((key) => key !== dekKey && key !== profileKey);
}

/**
 * The KMS context that a record's DEK must have, or undefined where the stored one is not it.
 *
 * The stored context is a label: it only says which of the record's keys scope
 * the DEK (a profile's `dekScope` may have changed since). Every value comes
 * from the id asked for and from the record's own context, and KMS refuses a
 * wrap that was made under any other.
 */
export function expectedKmsContext(
  dekId: string,
  profile: string,
  recordContext: EncryptionContext,
  stored: EncryptionContext,
): EncryptionContext | undefined {
  const expected = kmsContext(dekId, profile, pick(scopeKeysOf(stored), recordContext));
  return sameContext(expected, stored) ? expected : undefined;
}

/**
 * The KMS context of a DEK without any record of it: its own scope, bound to the id asked for and the profile, where DEK
 * and wrap agree on it; undefined where they do not. Both are labels, and whoever writes the table can make them agree:
 * KMS then refuses the wrap, which was made under another context.
 */
export function ownKmsContext(
  dekId: string,
  profile: string,
  stored: { readonly dek: EncryptionContext; readonly wrap: EncryptionContext },
): EncryptionContext | undefined {
  const expected = expectedKmsContext(dekId, profile, stored.dek, stored.dek);
  return expected && sameContext(expected, stored.wrap) ? expected : undefined;
}

function pick(keys: readonly string[], context: EncryptionContext): EncryptionContext {
  // fromEntries defines own properties, so a key named __proto__ is data like any other.
  return Object.fromEntries(
    keys.flatMap((key) => {
      const value = Object.hasOwn(context, key) ? context[key] : undefined;
      return value === undefined ? [] : [[key, value]];
    }),
  );
}
