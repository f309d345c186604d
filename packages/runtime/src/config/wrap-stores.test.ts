import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { problemsOf } from "../testing/problems-of.ts";
import { readDeploymentConfig, toDeploymentConfig } from "./read-deployment-config.ts";

const account = "arn:aws:kms:us-east-1:111122223333";
const keyArn = `${account}:key/11111111-2222-3333-4444-555555555555`;
const small = { prefix: "dekhand", regions: ["us-east-1"], profiles: { pii: { home: "us-east-1", key: "alias/pii" } } };
const anyStore = { region: "us-east-1", keys: ["alias/orders", keyArn] };
const table = { table: "orders-keys", partition: { name: "order" }, blob: { attribute: "edek" } };
const database = { connection: "DEKHAND_DOCUMENTS_URL", scan: "SELECT …", swap: "UPDATE …" };

const withStores = (wrapStores: object) => ({ ...small, wrapStores });
const storesOf = (wrapStores: object) => toDeploymentConfig(withStores(wrapStores), "test").wrapStores;
const problems = (wrapStores: object) => problemsOf(() => storesOf(wrapStores));

describe("wrap stores of others", () => {
  it("are told apart by their kind, and hold what was written", () => {
    const full = {
      ...table,
      sort: { name: "version", type: "N" },
      blob: { attribute: "edek", encoding: "base64" },
      labels: { material: "material", campaign: "campaign", wrappedAt: "at" },
      context: { attributes: { order: "order" }, constants: { app: "shop" } },
    };
    const { table: name, ...mapping } = full;
    const { connection, ...statements } = database;
    const context = { columns: { tenant: "account" } };
    const stores = storesOf({
      orders: { ...anyStore, segments: "16", dynamodb: { ...full, keyArn: { attribute: "cmk" } } },
      fixed: { ...anyStore, dynamodb: { ...full, keyArn: { constant: keyArn } } },
      documents: { ...anyStore, postgres: { ...database, encoding: "base64", keyArn, context } },
      legacy: { ...anyStore, module: "./legacy.ts" },
    });
    expect(stores).toEqual({
      orders: {
        ...anyStore,
        name: "orders",
        segments: 16,
        kind: "dynamodb",
        table: name,
        mapping: { ...mapping, keyArn: { attribute: "cmk" } },
      },
      fixed: {
        ...anyStore,
        name: "fixed",
        kind: "dynamodb",
        table: name,
        mapping: { ...mapping, keyArn: { constant: keyArn } },
      },
      documents: {
        ...anyStore,
        name: "documents",
        kind: "postgres",
        connection,
        statements,
        encoding: "base64",
        keyArn,
        context,
      },
      legacy: { ...anyStore, name: "legacy", kind: "module", module: "./legacy.ts" },
    });
    expect(Object.isFrozen(stores.orders)).toBe(true);
  });

  it("are of one kind each", () => {
    const expected = "wrapStores.a: exactly one of dynamodb, postgres, module";
    expect(problems({ a: anyStore })).toEqual([expected]);
    expect(problems({ a: { ...anyStore, module: "./a.ts", dynamodb: table } })).toEqual([expected]);
  });

  it.each(["dekhand", "transit", "records"])("cannot be called %s, which is Dekhand's own", (name) => {
    expect(problems({ [name]: { ...anyStore, module: "./a.ts" } })).toEqual([
      `wrapStores.${name}: as its name another name than dekhand, transit, records, which are Dekhand's own`,
    ]);
  });

  it("are reported with everything that is wrong with them, at once and without what was found", () => {
    const other = keyArn.replace("us-east-1", "eu-west-1");
    const found = problems({
      "-a": {},
      orders: {
        region: "eu-west-1",
        keys: ["alias/aws/s3", "alias/x", "alias/x", other.replace("eu-west-1", "ap-south-1")],
        segments: 0,
        dynamodb: {
          table: "dekhand-deks",
          partition: { name: "order" },
          sort: { name: "order", type: "X" },
          blob: { attribute: "order" },
          keyArn: { attribute: "at", constant: `${account}:alias/canary` },
          labels: { material: "customer", campaign: "1", wrappedAt: "at" },
          context: { attributes: { who: "customer", "dekhand:dek": "id" }, constants: { who: "canary" } },
        },
      },
      documents: {
        ...anyStore,
        keys: [],
        postgres: {
          connection: "postgres://canary@host",
          scan: " ",
          keyArn: other,
          context: { columns: { a: "a" }, constants: { a: "canary" } },
        },
      },
      legacy: { ...anyStore, module: "./canary", password: "canary" },
    });
    expect(found.map((line) => line.slice(0, line.indexOf(":"))).sort()).toEqual(
      [
        "wrapStores.-a",
        "wrapStores.orders.region",
        "wrapStores.orders.keys[0]",
        "wrapStores.orders.keys[2]",
        "wrapStores.orders.keys[3]",
        "wrapStores.orders.segments",
        "wrapStores.orders.dynamodb.table",
        "wrapStores.orders.dynamodb.sort.name",
        "wrapStores.orders.dynamodb.sort.type",
        "wrapStores.orders.dynamodb.blob.attribute",
        "wrapStores.orders.dynamodb.keyArn",
        "wrapStores.orders.dynamodb.keyArn.constant",
        "wrapStores.orders.dynamodb.keyArn.constant",
        "wrapStores.orders.dynamodb.labels.material",
        "wrapStores.orders.dynamodb.labels.campaign",
        "wrapStores.orders.dynamodb.labels.wrappedAt",
        "wrapStores.orders.dynamodb.context.attributes.dekhand",
        "wrapStores.orders.dynamodb.context.constants.who",
        "wrapStores.documents.keys",
        "wrapStores.documents.postgres.connection",
        "wrapStores.documents.postgres.scan",
        "wrapStores.documents.postgres.swap",
        "wrapStores.documents.postgres.keyArn",
        "wrapStores.documents.postgres.context.constants.a",
        "wrapStores.legacy.module",
        "wrapStores.legacy.password",
      ].sort(),
    );
    expect(found.join()).not.toContain("canary");
  });

  it("that are modules are looked for beside the file", () => {
    const folder = mkdtempSync(join(tmpdir(), "dekhand-config-"));
    const file = join(folder, "dekhand.yaml");
    try {
      const stores = { near: "./stores/near.ts", far: "/opt/far.mjs" };
      const written = Object.entries(stores).map(([name, module]) => [name, { ...anyStore, module }]);
      writeFileSync(file, JSON.stringify(withStores(Object.fromEntries(written))));
      const { wrapStores } = readDeploymentConfig(file);
      expect(wrapStores.near).toMatchObject({ kind: "module", module: join(folder, "stores", "near.ts") });
      expect(wrapStores.far).toMatchObject({ kind: "module", module: "/opt/far.mjs" });
      expect(Object.isFrozen(wrapStores) && Object.isFrozen(wrapStores.near)).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
