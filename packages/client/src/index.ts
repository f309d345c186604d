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
export type { OpenedRecord } from "./record-reader.ts";
export type { Credentials } from "./region-readers.ts";
