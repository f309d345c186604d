/** Two Postgres tables as others have them, with their owners' statements. */

import type { OwnedWrap, WrapStoreSubject } from "../../contract/wrap-subject.ts";
import type { PostgresQuery } from "../../wraps/postgres/postgres-query.ts";
import { createPostgresWrapStore, type PostgresWrapStoreOptions } from "../../wraps/postgres/postgres-wrap-store.ts";

interface ForeignTable {
  readonly create: string;
  readonly options: Omit<PostgresWrapStoreOptions, "query" | "name" | "region">;
  /** Returns the id. */
  readonly insert: string;
  valuesOf(wrap: OwnedWrap): readonly unknown[];
  contextOf(wrap: OwnedWrap): Record<string, string>;
  /** Rows that are no wraps. */
  readonly other: string;
  /** Rows that cannot be read; returns their ids. */
  readonly broken: string;
  /** What no swap may touch. */
  readonly rest: string;
}

/** Text ids, bytea, a column for every label, json, segments by a hash of the id. */
function documentKeys(table: string): ForeignTable {
  return {
    create: `CREATE TABLE ${table} (id text PRIMARY KEY, wrapped bytea, key_arn text, material text, campaign text,
      rewrapped timestamptz, context jsonb, note text NOT NULL DEFAULT 'the owner''s $1')`,
    options: {
      statements: {
        scan: `SELECT id, wrapped AS blob, key_arn, material, campaign, rewrapped AS wrapped_at, context FROM ${table}
          -- $9 would be the ninth
          WHERE ($1::text IS NULL OR id > $1) AND mod(abs(hashtext(id)::bigint), $4::int) = $3::int
          ORDER BY id LIMIT $2;`,
        swap: `UPDATE ${table} SET wrapped = $3, key_arn = $4, material = $5, campaign = $6, rewrapped = $7::timestamptz
          WHERE id = $1 AND wrapped = $2`,
      },
      context: { constants: { app: "documents" } },
    },
    insert: `INSERT INTO ${table} (id, wrapped, key_arn, material, context) VALUES ($1, $2, $3, $4, $5) RETURNING id`,
    valuesOf: ({ name, blob, keyArn, material = null, tenant }) => [
      name,
      blob,
      keyArn,
      material,
      JSON.stringify({ tenant }),
    ],
    contextOf: ({ tenant }) => ({ tenant, app: "documents" }),
    other: `INSERT INTO ${table} (id, key_arn, context) VALUES ('none-' || gen_random_uuid(), 'no wrap', '["canary"]')`,
    broken: `INSERT INTO ${table} (id, wrapped, context) VALUES ('broken-1', '', '{}'), ('broken-2', 'wrap', '["canary"]'),
      ('broken-3', 'wrap', '{"tenant": 1}'), ('broken-4', 'wrap', '"canary"') RETURNING id`,
    rest: `SELECT note, context, key_arn IS NOT NULL AS labelled FROM ${table} WHERE id = $1`,
  };
}

/** Numbered ids, base64, no label at all, the context in columns, a statement to read one. */
function accountKeys(table: string): ForeignTable {
  return {
    create: `CREATE TABLE ${table} (id bigserial PRIMARY KEY, account text, shard int DEFAULT 3, wrapped text, touched int DEFAULT 0)`,
    options: {
      encoding: "base64",
      keyArn: "arn:aws:kms:us-east-1:111122223333:key/of-all",
      statements: {
        scan: `SELECT id, wrapped AS blob, account, shard FROM ${table} WHERE id > coalesce($1::bigint, 0) ORDER BY id LIMIT $2`,
        swap: `UPDATE ${table} SET wrapped = $3 WHERE id = $1::bigint AND wrapped = $2`,
        read: `SELECT id, wrapped AS blob, account, shard FROM ${table} WHERE id = $1::bigint`,
      },
      context: { columns: { tenant: "account", shard: "shard" } },
    },
    insert: `INSERT INTO ${table} (account, wrapped) VALUES ($1, $2) RETURNING id`,
    valuesOf: ({ blob, tenant }) => [tenant, Buffer.from(blob).toString("base64")],
    contextOf: ({ tenant }) => ({ tenant, shard: "3" }),
    other: `INSERT INTO ${table} (account) VALUES ('no wrap')`,
    broken: `INSERT INTO ${table} (account, wrapped) VALUES ('a', 'canary!'), ('a', ''), ('a', 'Y2FuYXJ5MQ'), (NULL, 'd3JhcA==')
      RETURNING id`,
    rest: `SELECT account, shard, touched FROM ${table} WHERE id = $1::bigint`,
  };
}

const kinds = { documentKeys, accountKeys } as const;
let tables = 0;

/** A new empty table of that kind, and a store on it. */
export async function postgresSubject(query: PostgresQuery, kind: keyof typeof kinds): Promise<WrapStoreSubject> {
  tables += 1;
  const table = `wraps_${tables}`;
  const foreign = kinds[kind](table);
  await query(foreign.create, []);
  const idsOf = async (text: string, values: readonly unknown[]) =>
    (await query(text, values)).rows.map(({ id }) => String(id));
  return {
    store: createPostgresWrapStore({ ...foreign.options, query, name: kind, region: "us-east-1" }),
    contextOf: foreign.contextOf,
    async put(wraps) {
      await query(foreign.other, []);
      return (await Promise.all(wraps.map((wrap) => idsOf(foreign.insert, foreign.valuesOf(wrap))))).flat();
    },
    async remove(id) {
      await query(`DELETE FROM ${table} WHERE id::text = $1`, [id]);
    },
    putMalformed: () => idsOf(foreign.broken, []),
    restOf: async (id) => (await query(foreign.rest, [id])).rows,
  };
}
