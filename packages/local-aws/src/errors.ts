import { DekhandError } from "@dekhand/errors";

/**
 * - `LOCAL_AWS_OPTION_INVALID`: an option or a control request is not what it has to be; nothing was started or changed.
 * - `LOCAL_AWS_HOST_NOT_LOOPBACK`: asked to listen on an address that other machines can reach.
 * - `LOCAL_AWS_PORT_TAKEN`: a port that was asked for is in use.
 * - `LOCAL_AWS_REGION_UNKNOWN`: a Region that this instance does not serve.
 * - `LOCAL_AWS_STATE_UNREADABLE`: a state file is damaged, of another version or of another account.
 * - `LOCAL_AWS_DATA_DIR_IN_USE`: another process has the data folder open.
 * - `LOCAL_AWS_KEY_UNKNOWN`: a direct KMS helper was called for a key that does not exist.
 */
export const LOCAL_AWS_ERROR_CODES = [
  "LOCAL_AWS_OPTION_INVALID",
  "LOCAL_AWS_HOST_NOT_LOOPBACK",
  "LOCAL_AWS_PORT_TAKEN",
  "LOCAL_AWS_REGION_UNKNOWN",
  "LOCAL_AWS_STATE_UNREADABLE",
  "LOCAL_AWS_DATA_DIR_IN_USE",
  "LOCAL_AWS_KEY_UNKNOWN",
] as const;

export class LocalAwsError extends DekhandError<(typeof LOCAL_AWS_ERROR_CODES)[number]> {}
