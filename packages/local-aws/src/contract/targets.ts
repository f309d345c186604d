/**
 * Targets of the contract suites: the one that the environment names, or the
 * embedded services where it names none.
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { SQSClient } from "@aws-sdk/client-sqs";
import { startLocalAws } from "../start-local-aws.ts";
import type { ContractTarget, OpenTarget } from "./target.ts";

/** Where a service of a Region answers; `undefined` where the SDK itself knows (AWS). */
type EndpointOf = (service: "KMS" | "SQS" | "DYNAMODB", region: string) => string | undefined;

const oneRegion = Object.fromEntries(
  ["kms.multi-region", "kms.multi-region-rotation", "kms.multi-region-primary"].map((capability) => [
    capability,
    "DEKHAND_CONTRACT_REPLICA_REGION is not set",
  ]),
);

const placeholder = { accessKeyId: "local", secretAccessKey: "local" };

export function embeddedTarget(): ContractTarget {
  const region = "us-east-1";
  const replicaRegion = "eu-west-1";
  return {
    name: "the embedded services",
    lacks: { "dynamodb.partiql": "dynalite answers UnknownOperationException" },
    real: false,
    async open() {
      const aws = await startLocalAws({ regions: [region, replicaRegion] });
      const settings = { region, replicaRegion, credentials: placeholder, maxAttempts: 1 };
      const open = openTarget(settings, (_, of) => aws.endpoints[of]);
      return {
        ...open,
        async close() {
          await open.close();
          await aws.close();
        },
      };
    },
  };
}

/**
 * The target that the environment names, or undefined where it names none.
 *
 * - `DEKHAND_CONTRACT_ENDPOINT`: URL for all services, or `aws` for AWS itself
 * - `DEKHAND_CONTRACT_ENDPOINT_KMS`, `_SQS`, `_DYNAMODB`: URL for one service
 * - `DEKHAND_CONTRACT_REGION`: us-east-1 when absent
 * - `DEKHAND_CONTRACT_REPLICA_REGION`, `DEKHAND_CONTRACT_REPLICA_ENDPOINT_KMS`: the second Region; the same
 *   endpoints serve it where it has none of its own
 * - `DEKHAND_CONTRACT_LACKS`: `capability: reason; capability: reason`
 * - credentials as the SDK finds them; placeholders where AWS_ACCESS_KEY_ID is not set and the target is not AWS
 */
export function targetFromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): ContractTarget | undefined {
  const setting = (name: string): string | undefined => environment[`DEKHAND_CONTRACT_${name}`] || undefined;
  const endpoints = ["ENDPOINT", "ENDPOINT_KMS", "ENDPOINT_SQS", "ENDPOINT_DYNAMODB"].map(setting);
  if (endpoints.every((endpoint) => endpoint === undefined)) return undefined;
  const region = setting("REGION") ?? "us-east-1";
  const replicaRegion = setting("REPLICA_REGION");
  const real = endpoints.includes("aws");
  const endpointOf: EndpointOf = (service, of) => {
    const own = of === replicaRegion ? setting(`REPLICA_ENDPOINT_${service}`) : undefined;
    const endpoint = own ?? setting(`ENDPOINT_${service}`) ?? setting("ENDPOINT");
    return endpoint === "aws" ? undefined : endpoint;
  };
  const credentials = real || environment.AWS_ACCESS_KEY_ID ? undefined : placeholder;
  return {
    name: setting("NAME") ?? (real ? "AWS" : "the target"),
    lacks: { ...(replicaRegion === undefined && oneRegion), ...parseLacks(setting("LACKS") ?? "") },
    real,
    open: async () => openTarget({ region, replicaRegion, credentials, maxAttempts: real ? 5 : 1 }, endpointOf),
  };
}

function parseLacks(text: string): Record<string, string> {
  const entries = text.split(";").filter((entry) => entry.trim() !== "");
  return Object.fromEntries(
    entries.map((entry) => {
      const [capability = "", ...reason] = entry.split(":");
      return [capability.trim(), reason.join(":").trim() || "no reason given"];
    }),
  );
}

function openTarget(
  settings: {
    region: string;
    replicaRegion: string | undefined;
    credentials: typeof placeholder | undefined;
    maxAttempts: number;
  },
  endpointOf: EndpointOf,
): OpenTarget {
  const { region, replicaRegion, credentials, maxAttempts } = settings;
  const opened: { destroy(): void }[] = [];
  const configuration = (service: Parameters<EndpointOf>[0], of: string) => {
    const endpoint = endpointOf(service, of);
    return {
      region: of,
      maxAttempts,
      ...(endpoint !== undefined && { endpoint }),
      ...(credentials && { credentials }),
    };
  };
  /** One client a Region. */
  function perRegion<T extends { destroy(): void }>(make: (region: string) => T): (region?: string) => T {
    const clients = new Map<string, T>();
    return (of = region) => {
      const client = clients.get(of) ?? make(of);
      if (!clients.has(of)) opened.push(client);
      clients.set(of, client);
      return client;
    };
  }
  return {
    region,
    replicaRegion,
    kms: perRegion((of) => new KMSClient(configuration("KMS", of))),
    sqs: perRegion((of) => new SQSClient(configuration("SQS", of))),
    dynamodb: perRegion((of) => new DynamoDBClient(configuration("DYNAMODB", of))),
    async close() {
      for (const client of opened) client.destroy();
    },
  };
}
