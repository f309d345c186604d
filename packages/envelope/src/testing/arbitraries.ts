/** Random bindings for property tests. */

import fc from "fast-check";
import type { EncryptionContext, RecordBinding } from "../index.ts";

/** Well-formed text with all of Unicode in it. */
export const text = fc.string({ unit: "binary", maxLength: 24 });

/** Keys that JavaScript treats specially among them. */
const key = fc.oneof(
  text,
  fc.constantFrom("__proto__", "constructor", "toString", "hasOwnProperty", "0", "10", "9", ""),
);

export const context: fc.Arbitrary<EncryptionContext> = fc
  .uniqueArray(fc.tuple(key, text), { selector: ([name]) => name, maxLength: 20 })
  .map((entries) => Object.fromEntries(entries));

const count = fc.oneof(fc.nat(), fc.maxSafeNat());

export const binding: fc.Arbitrary<RecordBinding> = fc
  .record({ recordId: text, context, contentType: text, revision: fc.option(count, { nil: undefined }), epoch: count })
  .map(({ revision, ...rest }) => (revision === undefined ? rest : { ...rest, revision }));

export const plaintext = fc.uint8Array({ maxLength: 300 });

/** Text with a surrogate that has no partner. */
export const illFormedTexts = ["\ud800", "\udc00", "a\udfffb", "\udc00\ud800", "\ud83d\ud83d\ude00"] as const;
