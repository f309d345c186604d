/** Reasons of this service for rejecting a job, readable where the job ends up. docs/errors.md lists them. */
export const ENCRYPTOR_ERROR_CODES = ["ENCRYPTOR_INTERNAL"] as const;
