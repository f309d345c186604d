/**
 * What a contract suite runs against: the embedded services, another emulator,
 * or AWS itself. The suites know nothing but the official SDK clients.
 */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { KMSClient } from "@aws-sdk/client-kms";
import type { SQSClient } from "@aws-sdk/client-sqs";
import { it } from "vitest";

export interface ContractTarget {
  readonly name: string;
  /** Capability by name to the reason why the target lacks it. Its tests are skipped under both. */
  readonly lacks: Readonly<Record<string, string>>;
  /** Whether it asks money or keeps what is created: suites then create little and clean up. */
  readonly real: boolean;
  /** Called once before a suite. */
  open(): Promise<OpenTarget>;
}

export interface OpenTarget {
  readonly region: string;
  /** A second Region, for what crosses Regions. */
  readonly replicaRegion: string | undefined;
  kms(region?: string): KMSClient;
  sqs(region?: string): SQSClient;
  dynamodb(region?: string): DynamoDBClient;
  /** Destroys the clients, and what `open` started. */
  close(): Promise<void>;
}

/** A test that needs a capability; skipped by name and with the reason where the target lacks it. */
export function itCan(target: ContractTarget, capability: string, title: string, test: () => Promise<void>): void {
  const reason = target.lacks[capability];
  if (reason === undefined) it(title, test);
  else it.skip(`${title} [${target.name} lacks ${capability}: ${reason}]`, test);
}
