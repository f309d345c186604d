/** Reasons of this service for rejecting a job or handing it back. docs/errors.md lists them. */
export const REWRAPPER_ERROR_CODES = ["REWRAPPER_INTERNAL", "REWRAPPER_REGION_UNKNOWN", "REWRAPPER_CONTENDED"] as const;

export type RewrapperErrorCode = (typeof REWRAPPER_ERROR_CODES)[number];
