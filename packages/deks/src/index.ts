export { BIRTH_DEADLINE_MS } from "./birth.ts";
export { createDecryptDeks, type DecryptDeks, type DecryptDeksDeps } from "./decrypt-deks.ts";
export { type AcquireRequest, createEncryptDeks, type EncryptDeks, type EncryptDeksDeps } from "./encrypt-deks.ts";
export { DEKS_ERROR_CODES, DeksError } from "./errors.ts";
export { createKeyDirectory, type KeyDirectory, type KeyDirectoryDeps, type ResolvedKey } from "./key-directory.ts";
export { expectedKmsContext, kmsContext, scopeOf } from "./kms-context.ts";
export type { DekLease } from "./shared-dek.ts";
export { createTransitKeys, type TransitKeys, type TransitKeysDeps } from "./transit-keys.ts";
