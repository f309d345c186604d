export type { EncryptJobInput as NewRecord } from "@dekhand/jobs";
export type { DeploymentConfig } from "@dekhand/runtime";
export { parseDeploymentConfig, readDeploymentConfig, toDeploymentConfig } from "@dekhand/runtime";
export {
  type ClientOptions,
  createClient,
  type DekhandClient,
  type SubmitOptions,
  type SubmitOutcome,
} from "./create-client.ts";
export { CLIENT_ERROR_CODES, ClientError } from "./errors.ts";
export type { Credentials } from "./open-reader.ts";
export type { OpenedRecord } from "./read-in-region.ts";
export type { ReadOptions } from "./record-reader.ts";
export type { ReadFrom } from "./region-order.ts";
