import { StoreError } from "../errors.ts";

/** The names of one Region's tables. */
export interface TableNames {
  readonly deks: string;
  readonly records: string;
  readonly state: string;
  /** Used in the control Region only; there in each, so that any can become it. */
  readonly campaigns: string;
}

/** Both keys are strings; every table is billed per request. */
export interface TableDefinition {
  readonly name: string;
  readonly partition: string;
  readonly sort: string;
}

/** The names that a deployment's prefix gives. Throws STORE_VALUE_INVALID for a prefix that DynamoDB would refuse. */
export function tableNames(prefix: string): TableNames {
  if (!/^[A-Za-z0-9_.-]{1,200}$/.test(prefix)) {
    throw new StoreError("STORE_VALUE_INVALID", "a table prefix is 1 to 200 of A-Z a-z 0-9 _ . -");
  }
  return {
    deks: `${prefix}-deks`,
    records: `${prefix}-records`,
    state: `${prefix}-state`,
    campaigns: `${prefix}-campaigns`,
  };
}

/** In the order in which they are created. */
export function tableDefinitions(tables: TableNames): readonly TableDefinition[] {
  return [
    { name: tables.deks, partition: "dekId", sort: "item" },
    { name: tables.records, partition: "recordId", sort: "item" },
    { name: tables.state, partition: "kind", sort: "id" },
    { name: tables.campaigns, partition: "campaignId", sort: "item" },
  ];
}
