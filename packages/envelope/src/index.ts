export type { RecordBinding } from "./binding.ts";
export { canonicalContext, type EncryptionContext, sameContext } from "./context.ts";
export { createDek, DEK_BYTES, type Dek, recoverDek } from "./dek.ts";
export { isDekId, newDekId } from "./dek-id.ts";
export { ENVELOPE_ERROR_CODES, EnvelopeError, type EnvelopeErrorCode } from "./errors.ts";
export { ENVELOPE_OVERHEAD_BYTES, type EnvelopeHeader, MAX_PLAINTEXT_BYTES, readHeader } from "./format.ts";
export { open } from "./open.ts";
export { seal } from "./seal.ts";
