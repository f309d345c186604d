import { z } from "zod";
import { fields } from "./fields.ts";
import { isKeyArn, keyReference } from "./key-reference.ts";
import { lookup } from "./lookup.ts";
import { profileName } from "./profile-name.ts";
import { regionName } from "./region-name.ts";
import type { WrapStoreConfig } from "./wrap-store-config.ts";

/** Dekhand's own: its DEKs' wraps, its transit keys' and what campaigns call the records' table. */
export const OWN_STORES = ["dekhand", "transit", "records"] as const;
const ownStores: readonly string[] = OWN_STORES;

export const WRAP_STORE_KINDS = ["dynamodb", "postgres", "module"] as const;

const storeName = profileName.refine((name) => !ownStores.includes(name), {
  error: `another name than ${OWN_STORES.join(", ")}, which are Dekhand's own`,
});

const keyArnExpected = "the ARN of a KMS key, not of an alias";
const keyArn = z.string({ error: keyArnExpected }).refine(isKeyArn, { error: keyArnExpected });
const tableName = fields.text("3 to 255 letters, digits, '_', '.' and '-'", /^[A-Za-z0-9_.-]{3,255}$/);
/** What a conditional write can name. */
const attribute = fields.text(
  "the name of an attribute: a letter or '_', then letters, digits, '_' or '-'",
  /^[A-Za-z_][A-Za-z0-9_-]{0,254}$/,
);
const column = fields.text("the name of a column", /\S/);
const encoding = fields.choice(["binary", "base64"]);
const keyAttribute = z.strictObject({ name: attribute, type: fields.choice(["S", "N", "B"]).exactOptional() });
const contextKey = fields.text(
  "a context key that does not start with dekhand:, which is reserved",
  /^(?!dekhand:)./is,
);
const contextValue = fields.text("text", /^/);
const constants = z.record(contextKey, contextValue).exactOptional();

const dynamodb = z.strictObject({
  table: tableName,
  partition: keyAttribute,
  sort: keyAttribute.exactOptional(),
  blob: z.strictObject({ attribute, encoding: encoding.exactOptional() }),
  keyArn: z.strictObject({ attribute: attribute.exactOptional(), constant: keyArn.exactOptional() }).optional(),
  labels: z
    .strictObject({
      material: attribute.exactOptional(),
      campaign: attribute.exactOptional(),
      wrappedAt: attribute.exactOptional(),
    })
    .exactOptional(),
  context: z.strictObject({ attributes: z.record(contextKey, attribute).exactOptional(), constants }).exactOptional(),
});

const statement = fields.text("an SQL statement", /\S/);
const postgres = z.strictObject({
  connection: fields.text(
    "the name of an environment variable that starts with DEKHAND_: a connection string is a secret",
    /^DEKHAND_[A-Z0-9_]{1,100}$/,
  ),
  scan: statement,
  swap: statement,
  read: statement.exactOptional(),
  encoding: encoding.exactOptional(),
  keyArn: keyArn.exactOptional(),
  context: z.strictObject({ columns: z.record(contextKey, column).exactOptional(), constants }).exactOptional(),
});

const wrapStore = z.strictObject({
  region: regionName,
  keys: z.array(keyReference).min(1),
  segments: fields.wholeNumber({ min: 1, max: 10_000 }).exactOptional(),
  dynamodb: dynamodb.optional(),
  postgres: postgres.optional(),
  module: fields.text("the path of a module: a file that ends in .ts, .js, .mts or .mjs", /\.m?[jt]s$/).optional(),
});

/** `wrapStores` of the configuration file, as it is written. What its settings demand of each other: wrap-store-relations.ts. */
export const wrapStoresSchema = z.record(storeName, wrapStore);

export function toWrapStores(written: z.output<typeof wrapStoresSchema>): Readonly<Record<string, WrapStoreConfig>> {
  return lookup(Object.entries(written), toWrapStore);
}

function toWrapStore(written: z.output<typeof wrapStore>, name: string): WrapStoreConfig {
  const { dynamodb: table, postgres: database, module = "", ...shared } = written;
  const any = { name, ...shared };
  if (table !== undefined) {
    const { table: tableName, keyArn: arn, ...mapping } = table;
    const { attribute: inAttribute, constant = "" } = arn ?? {};
    const kept = inAttribute === undefined ? { constant } : { attribute: inAttribute };
    const full = arn === undefined ? mapping : { ...mapping, keyArn: kept };
    return { ...any, kind: "dynamodb", table: tableName, mapping: full };
  }
  if (database === undefined) return { ...any, kind: "module", module };
  const { scan, swap, read, ...rest } = database;
  return { ...any, kind: "postgres", statements: { scan, swap, ...(read === undefined ? {} : { read }) }, ...rest };
}
