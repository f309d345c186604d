import { fields, variable } from "@dekhand/runtime";

/** The encryptor's own variables, beside those that every service knows. docs/configuration.md lists them. */
export const encryptorVariables = {
  leaseSeconds: variable(
    "DEKHAND_LEASE_SECONDS",
    fields.wholeNumber({ min: 2, max: 3_600 }).optional(),
    "seconds that a job stays with a worker that does not renew it",
  ),
} as const;
