import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { RegionEndpoints } from "@dekhand/runtime";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import type { AwsClientsOptions, RegionClients } from "./aws-clients.ts";
import { decodePlaintextFromBytes } from "./plaintext-from-bytes.ts";
import { createRequestSigner, type RequestSigner, type SigningCredentials } from "./request-signer.ts";

const CONNECTION_TIMEOUT_MS = 3_000;
/** An SQS long poll holds its answer back for up to 20 s. */
const LONG_POLL_MS = 20_000;

type Service = keyof RegionEndpoints;

export interface OwnedRegionClients extends RegionClients {
  destroy(): void;
}

interface LeanClient {
  readonly config: { readonly credentials: () => Promise<SigningCredentials> };
  readonly middlewareStack: { remove(name: string): boolean };
}

/** The clients of one Region, each made when it is first asked for. */
export function createRegionClients(region: string, options: AwsClientsOptions): OwnedRegionClients {
  const { credentials, profile, maxSockets = 256, requestTimeoutMs = 10_000, logger } = options;
  const endpoints: RegionEndpoints = ownEndpoints(options, region);
  let kms: KMSClient | undefined;
  let sqs: SQSClient | undefined;
  let dynamodb: DynamoDBClient | undefined;
  let serviceQuotas: ServiceQuotasClient | undefined;

  const settings = (service: Service) => ({
    region,
    // Absent, so that the SDK looks for AWS_ENDPOINT_URL_<SERVICE> and AWS_ENDPOINT_URL by itself.
    ...(endpoints[service] === undefined ? {} : { endpoint: endpoints[service] }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(profile === undefined ? {} : { profile }),
    retryMode: "standard",
    requestHandler: transport(service),
  });

  /** Own connections for each service: long polls never stand in the way of a KMS call. */
  const transport = (service: Service): NodeHttpHandler => {
    const agent = { keepAlive: true, maxSockets };
    const timeoutMs = service === "sqs" ? requestTimeoutMs + LONG_POLL_MS : requestTimeoutMs;
    return new NodeHttpHandler({
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: timeoutMs,
      throwOnRequestTimeout: true,
      // The request timeout ends with the headers; this one covers a body that stalls.
      socketTimeout: timeoutMs,
      httpAgent: agent,
      httpsAgent: agent,
      logger: quiet((message) => logger?.warn({ region, awsService: service }, message)),
    });
  };

  /** Spares small calls, of which there are millions, what the SDK would do for each of them. */
  const lean = <C extends LeanClient>(service: string, make: (signer: RequestSigner) => C): C => {
    const client = make(createRequestSigner({ region, service, credentials: () => client.config.credentials() }));
    // It copies every input and every answer for a logger that is not there.
    client.middlewareStack.remove("loggerMiddleware");
    return client;
  };

  return {
    region,
    get kms() {
      if (kms === undefined) {
        // One attempt: the governor of @dekhand/kms is the layer that retries.
        kms = lean("kms", (signer) => new KMSClient({ ...settings("kms"), maxAttempts: 1, signer }));
        decodePlaintextFromBytes(kms);
      }
      return kms;
    },
    get sqs() {
      // Otherwise a queue URL, which may come from another Region, would decide where the request goes.
      const own = { maxAttempts: 3, useQueueUrlAsEndpoint: false };
      sqs ??= lean("sqs", (signer) => new SQSClient({ ...settings("sqs"), ...own, signer }));
      return sqs;
    },
    get dynamodb() {
      dynamodb ??= lean(
        "dynamodb",
        (signer) => new DynamoDBClient({ ...settings("dynamodb"), maxAttempts: 3, signer }),
      );
      return dynamodb;
    },
    get serviceQuotas() {
      serviceQuotas ??= new ServiceQuotasClient({ ...settings("serviceQuotas"), maxAttempts: 3 });
      return serviceQuotas;
    },
    destroy() {
      for (const client of [kms, sqs, dynamodb, serviceQuotas]) client?.destroy();
    },
  };
}

function ownEndpoints({ endpoints }: AwsClientsOptions, region: string): RegionEndpoints {
  return endpoints !== undefined && Object.hasOwn(endpoints, region) ? (endpoints[region] ?? {}) : {};
}

/** The transport's warnings (connections at capacity) go to our logger; without one, it would write to the console. */
function quiet(warn: (message: string) => void) {
  const ignore = (): void => {};
  return {
    trace: ignore,
    debug: ignore,
    info: ignore,
    warn: (message: unknown) => warn(String(message)),
    error: (message: unknown) => warn(String(message)),
  };
}
