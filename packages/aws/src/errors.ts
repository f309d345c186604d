import { DekhandError } from "@dekhand/errors";

/**
 * - `AWS_REGION_NOT_CONFIGURED`: clients were asked for a Region that the configuration does not list.
 * - `AWS_CLIENTS_DESTROYED`: clients were asked for after `destroy()`.
 * - `AWS_REQUEST_UNSIGNABLE`: a request is of another form than those of AWS's JSON protocols.
 */
export const AWS_ERROR_CODES = [
  "AWS_REGION_NOT_CONFIGURED",
  "AWS_CLIENTS_DESTROYED",
  "AWS_REQUEST_UNSIGNABLE",
] as const;

export class AwsError extends DekhandError<(typeof AWS_ERROR_CODES)[number]> {}
