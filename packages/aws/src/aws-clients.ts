import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { KMSClient, KMSClientConfig } from "@aws-sdk/client-kms";
import type { ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import type { SQSClient } from "@aws-sdk/client-sqs";
import type { Logger, RegionEndpoints } from "@dekhand/runtime";
import { AwsError } from "./errors.ts";
import { createRegionClients, type OwnedRegionClients } from "./region-clients.ts";

export interface AwsClientsOptions {
  /** The Regions that clients may be asked for. */
  readonly regions: readonly string[];
  /** By Region. What is not given here is the SDK's: AWS_ENDPOINT_URL_KMS and the like, then AWS itself. */
  readonly endpoints?: Readonly<Record<string, RegionEndpoints>>;
  /** Default: the SDK's own chain (environment, profile, container, instance). */
  readonly credentials?: NonNullable<KMSClientConfig["credentials"]>;
  /** A profile of the AWS configuration files; default AWS_PROFILE. */
  readonly profile?: string;
  /** Connections per Region and service; default 256. */
  readonly maxSockets?: number;
  /** Time for one answer; default 10,000 ms. SQS has 20 s more, for its long polls. */
  readonly requestTimeoutMs?: number;
  readonly logger?: Logger;
}

export interface AwsClients {
  /** Throws AWS_REGION_NOT_CONFIGURED, AWS_CLIENTS_DESTROYED. */
  region(name: string): RegionClients;
  /** Closes every connection. */
  destroy(): void;
}

export interface RegionClients {
  readonly region: string;
  readonly kms: KMSClient;
  readonly sqs: SQSClient;
  readonly dynamodb: DynamoDBClient;
  readonly serviceQuotas: ServiceQuotasClient;
}

/**
 * The clients of several Regions. Nothing is connected or looked up before it is used. Retries: none for KMS (its
 * governor owns them), the SDK's standard three attempts for the others, which nobody above repeats.
 */
export function createAwsClients(options: AwsClientsOptions): AwsClients {
  const made = new Map<string, OwnedRegionClients>();
  let destroyed = false;
  return {
    region(name) {
      if (destroyed) throw new AwsError("AWS_CLIENTS_DESTROYED", "the AWS clients have been closed");
      if (!options.regions.includes(name)) {
        throw new AwsError("AWS_REGION_NOT_CONFIGURED", `Region ${name} is not one of the deployment's`, {
          context: { region: name },
        });
      }
      let clients = made.get(name);
      if (clients === undefined) {
        clients = createRegionClients(name, options);
        made.set(name, clients);
      }
      return clients;
    },
    destroy() {
      destroyed = true;
      for (const clients of made.values()) clients.destroy();
      made.clear();
    },
  };
}
