import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { TableNames } from "../tables/table-definitions.ts";
import type { ConditionalWriter } from "../writer/conditional-write.ts";

/** What a contract suite runs on: an endpoint with empty tables of its own. */
export interface ContractSubject {
  readonly client: DynamoDBClient;
  readonly writer: ConditionalWriter;
  readonly tables: TableNames;
}

/** Called once per suite. Whoever passes it in also ends what it starts. */
export type ContractSetup = () => Promise<ContractSubject>;
