/** Encrypt jobs as nobody should send them, and the reason code that each must end with. */

import { randomUUID } from "node:crypto";
import {
  DEFAULT_CONTENT_TYPE,
  type EncryptJobHeader,
  generateTransitKeyPair,
  sealForTransit,
  type TransitPublicKey,
} from "@dekhand/jobs";
import { plainProfile, tenantProfile } from "./start-stack.ts";

/** A job's fields before its payload is added. Anything may stand in them. */
export type JobFields = Readonly<Record<string, unknown>>;

export interface BadJob {
  readonly title: string;
  /** What differs from a good job. */
  readonly change: JobFields;
  readonly code: string;
}

/** The biggest payload of the encryptors in these tests, in bytes. */
export const maxPayloadBytes = 64 * 1024;

export function goodFields(): EncryptJobHeader {
  return {
    version: 1,
    kind: "encrypt",
    id: randomUUID(),
    recordId: `record-${randomUUID()}`,
    profile: plainProfile,
    context: {},
    contentType: DEFAULT_CONTENT_TYPE,
  };
}

const loneSurrogate = "broken \ud800 text";

/** Refused as soon as they are read. */
export const contractBreaches: readonly BadJob[] = [
  { title: "an unknown version", change: { version: 2 }, code: "JOBS_VERSION_UNKNOWN" },
  { title: "a version that is text", change: { version: "1" }, code: "JOBS_VERSION_UNKNOWN" },
  { title: "no version", change: { version: undefined }, code: "JOBS_VERSION_UNKNOWN" },
  { title: "an unknown kind", change: { kind: "decrypt" }, code: "JOBS_KIND_UNKNOWN" },
  { title: "a field that the contract does not have", change: { priority: 1 }, code: "JOBS_SCHEMA_INVALID" },
  { title: "no id", change: { id: undefined }, code: "JOBS_ID_INVALID" },
  {
    title: "a record id of 10,000 characters",
    change: { recordId: "r".repeat(10_000) },
    code: "JOBS_RECORD_ID_INVALID",
  },
  { title: "an empty record id", change: { recordId: "" }, code: "JOBS_RECORD_ID_INVALID" },
  { title: "a record id with a control character", change: { recordId: "a\u0000b" }, code: "JOBS_RECORD_ID_INVALID" },
  { title: "a record id that is ill-formed", change: { recordId: loneSurrogate }, code: "JOBS_TEXT_ILL_FORMED" },
  { title: "an id that is ill-formed", change: { id: loneSurrogate }, code: "JOBS_TEXT_ILL_FORMED" },
  { title: "a content type that is ill-formed", change: { contentType: loneSurrogate }, code: "JOBS_TEXT_ILL_FORMED" },
  { title: "an ill-formed context key", change: { context: { [loneSurrogate]: "x" } }, code: "JOBS_TEXT_ILL_FORMED" },
  { title: "an ill-formed context value", change: { context: { k: loneSurrogate } }, code: "JOBS_TEXT_ILL_FORMED" },
  { title: "a reserved context key", change: { context: { "dekhand:dek": "x" } }, code: "JOBS_CONTEXT_RESERVED_KEY" },
  { title: "AWS's context key in capitals", change: { context: { "AWS:x": "x" } }, code: "JOBS_CONTEXT_RESERVED_KEY" },
  { title: "a context that is a list", change: { context: ["tenant"] }, code: "JOBS_CONTEXT_INVALID" },
  { title: "a context value that is no text", change: { context: { tenant: 7 } }, code: "JOBS_CONTEXT_INVALID" },
  { title: "an empty context key", change: { context: { "": "x" } }, code: "JOBS_CONTEXT_INVALID" },
  { title: "a context of 65 keys", change: { context: keys(65) }, code: "JOBS_CONTEXT_INVALID" },
  { title: "a context beyond 8 KiB", change: { context: { k: "v".repeat(8_192) } }, code: "JOBS_CONTEXT_INVALID" },
  { title: "a negative revision", change: { revision: -1 }, code: "JOBS_REVISION_INVALID" },
  { title: "a revision that no number holds", change: { revision: 2 ** 53 }, code: "JOBS_REVISION_INVALID" },
  {
    title: "a required context key that only the prototype has",
    change: { profile: tenantProfile, context: JSON.parse('{"__proto__":{"tenant":"a"}}') },
    code: "JOBS_CONTEXT_INVALID",
  },
  { title: "an empty profile", change: { profile: "" }, code: "JOBS_PROFILE_INVALID" },
];

/** Refused because of what the deployment's configuration says. */
export const profileBreaches: readonly (BadJob & { readonly change: Partial<EncryptJobHeader> })[] = [
  { title: "an unknown profile", change: { profile: "nobody" }, code: "JOBS_PROFILE_UNKNOWN" },
  { title: "a profile named __proto__", change: { profile: "__proto__" }, code: "JOBS_PROFILE_UNKNOWN" },
  { title: "a missing context key", change: { profile: tenantProfile }, code: "JOBS_CONTEXT_MISSING_KEY" },
];

/** Odd, and fine: each is stored and reads back under exactly this context. */
export const oddContexts: readonly { readonly title: string; readonly context: Record<string, string> }[] = [
  { title: "prototype-like keys", context: JSON.parse('{"__proto__":"p","constructor":"c","toString":"t"}') },
  { title: "keys beyond the basic plane", context: { ключ: "значение", "🔑": "👩‍👩‍👧", é: "e\u0301" } },
  { title: "noncharacters, which JSON may hold and SQS may not", context: { "\uffff": "\ufffe" } },
  { title: "an empty value", context: { empty: "" } },
];

function keys(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, "v"]));
}

/** Sealed payloads that nobody can open, by title. */
export const sealedBreaches = {
  "sealed to an unknown transit key": "JOBS_TRANSIT_KEY_UNKNOWN",
  "moved from another job": "JOBS_TRANSIT_OPEN_FAILED",
  "moved to another context": "JOBS_TRANSIT_OPEN_FAILED",
  "altered after it was sealed": "JOBS_TRANSIT_OPEN_FAILED",
  "cut short after it was sealed": "JOBS_SEALED_INVALID",
} as const;

/** Jobs for each of `sealedBreaches`; `key` is the deployment's own. */
export async function brokenSeals(key: TransitPublicKey, payload: Uint8Array): Promise<Map<string, JobFields>> {
  const seal = () => sealed(goodFields(), key, payload);
  const altered = await seal();
  const flipped = Buffer.from(altered.sealed.ciphertext, "base64");
  flipped[0] = (flipped[0] ?? 0) ^ 1;
  const moved = await seal();
  const cut = await seal();
  const jobs: Readonly<Record<keyof typeof sealedBreaches, JobFields>> = {
    "sealed to an unknown transit key": await sealed(goodFields(), generateTransitKeyPair(), payload),
    "moved from another job": { ...goodFields(), sealed: moved.sealed },
    "moved to another context": { ...moved, context: { tenant: "another" } },
    "altered after it was sealed": {
      ...altered,
      sealed: { ...altered.sealed, ciphertext: flipped.toString("base64") },
    },
    "cut short after it was sealed": { ...cut, sealed: { ...cut.sealed, ciphertext: "YQ==" } },
  };
  return new Map(Object.entries(jobs));
}

/** A good job's fields changed by `fields`, with a payload sealed to exactly that job. */
export async function sealed(fields: Partial<EncryptJobHeader>, key: TransitPublicKey, payload: Uint8Array) {
  const header: EncryptJobHeader = { ...goodFields(), ...fields };
  const { keyId, enc, ciphertext } = await sealForTransit(key, header, payload);
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
  return { ...header, sealed: { keyId, enc: base64(enc), ciphertext: base64(ciphertext) } };
}
