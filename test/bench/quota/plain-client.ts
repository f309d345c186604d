import { KMSClient, type KMSClientConfig } from "@aws-sdk/client-kms";
import { region } from "./settings.ts";

/** A KMS client as most people make it: what is not given here is the SDK's default. */
export function plainClient(endpoint: string, settings: Pick<KMSClientConfig, "retryMode"> = {}): KMSClient {
  return new KMSClient({ region, endpoint, credentials, ...settings });
}

export const credentials = { accessKeyId: "benchmark", secretAccessKey: "benchmark" };
