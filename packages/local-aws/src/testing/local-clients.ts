/** SDK clients for tests: one attempt a call, so that every fault is seen. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateKeyCommand, GenerateDataKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { LocalAwsOptions } from "../options.ts";
import { type LocalAws, startLocalAws } from "../start-local-aws.ts";

export interface StartedForTest extends AsyncDisposable {
  readonly aws: LocalAws;
  kms(region?: string): KMSClient;
  dynamodb(region?: string): DynamoDBClient;
  sqs(region?: string): SQSClient;
  createKey(input?: ConstructorParameters<typeof CreateKeyCommand>[0]): Promise<string>;
  /** Makes a data key and answers its blob. */
  dataKey(keyId: string, region?: string): Promise<Uint8Array>;
  /** Name of the error that a call ends in, ECONNRESET for a connection that was destroyed, "none" for success. */
  errorOf(call: Promise<unknown>): Promise<string>;
}

export const REGION = "us-east-1";
export const REPLICA = "eu-west-1";

export async function startForTest(options: Partial<LocalAwsOptions> = {}): Promise<StartedForTest> {
  const aws = await startLocalAws({ regions: [REGION, REPLICA], ...options });
  const clients: { destroy(): void }[] = [];
  const settings = (region: string) => ({
    region,
    endpoint: aws.endpoints[region] ?? "",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 1,
  });
  function kept<T extends { destroy(): void }>(client: T): T {
    clients.push(client);
    return client;
  }
  const byRegion = new Map<string, KMSClient>();
  const started: StartedForTest = {
    aws,
    kms(region = REGION) {
      const client = byRegion.get(region) ?? kept(new KMSClient(settings(region)));
      byRegion.set(region, client);
      return client;
    },
    dynamodb: (region = REGION) => kept(new DynamoDBClient(settings(region))),
    sqs: (region = REGION) => kept(new SQSClient(settings(region))),
    async createKey(input = {}) {
      const { KeyMetadata: metadata } = await started.kms().send(new CreateKeyCommand(input));
      return metadata?.Arn ?? "";
    },
    async dataKey(KeyId, region = REGION) {
      const answer = await started.kms(region).send(new GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256" }));
      return answer.CiphertextBlob ?? new Uint8Array();
    },
    async errorOf(call) {
      try {
        await call;
        return "none";
      } catch (error) {
        // The SDK calls a reset connection a TimeoutError.
        if (error instanceof Error && "code" in error && error.code === "ECONNRESET") return "ECONNRESET";
        return error instanceof Error ? error.name : typeof error;
      }
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.destroy();
      await aws.close();
    },
  };
  return started;
}
