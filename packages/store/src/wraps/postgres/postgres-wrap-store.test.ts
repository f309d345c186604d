import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeWrapStore } from "../../contract/index.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../../testing/embedded-postgres.ts";
import { postgresSubject } from "../../testing/wraps/postgres-subjects.ts";
import { ownedWraps, swapOf } from "../../testing/wraps/sample-wraps.ts";
import { type OpenPostgres, openPostgres } from "./open-postgres.ts";
import { createPostgresWrapStore, type PostgresStatements } from "./postgres-wrap-store.ts";

const whole = { index: 0, of: 1 };

describe("wraps in Postgres", () => {
  let server: EmbeddedPostgres;
  let postgres: OpenPostgres;

  beforeAll(async () => {
    server = await startEmbeddedPostgres();
    const { connectionString } = server;
    postgres = await openPostgres({ connectionString, maxConnections: 4, logger: { warn: () => {} } });
    await postgres.query("CREATE TABLE keys (id bigint PRIMARY KEY, blob bytea, twin bigint)", []);
    await postgres.query("INSERT INTO keys SELECT n, '\\x0102', 1 FROM generate_series(1, 20) AS n", []);
  });
  afterAll(async () => {
    await postgres[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  describe.each(["documentKeys", "accountKeys"] as const)("%s", (kind) => {
    describeWrapStore(() => postgresSubject(postgres.query, kind));
  });

  const sound: PostgresStatements = {
    scan: "SELECT id, blob FROM keys WHERE $1::bigint IS NULL OR id > $1::bigint ORDER BY id LIMIT $2",
    swap: "UPDATE keys SET blob = $3 WHERE id = $1::bigint AND blob = $2",
  };
  const create = (statements: Partial<PostgresStatements>) =>
    createPostgresWrapStore({
      query: postgres.query,
      name: "keys",
      region: "us-east-1",
      statements: { ...sound, ...statements },
    });
  const swap = swapOf({ id: "1", blob: Buffer.from([1, 2]) });

  it.each<[string, Partial<PostgresStatements>]>([
    ["a swap that does not look at the old blob", { swap: "UPDATE keys SET blob = $3 WHERE id = $1" }],
    ["a swap with the old blob in a comment", { swap: "UPDATE keys SET blob = $3 WHERE id = $1 -- AND blob = $2" }],
    ["a scan without a limit", { scan: "SELECT * FROM keys WHERE id > $1" }],
    ["a scan without a cursor", { scan: "SELECT * FROM keys LIMIT $2" }],
    ["a scan with half a segment", { scan: `${sound.scan} OFFSET $3` }],
    ["a read without the id", { read: "SELECT * FROM keys" }],
    ["a parameter that there is not", { swap: `${sound.swap} AND twin = $8` }],
  ])("%s is refused before it is run", (_, statements) => {
    expect(() => create(statements)).toThrow(expect.objectContaining({ code: "STORE_STATEMENT_INVALID" }));
  });

  it.each([
    ["ignores its cursor", "SELECT id, blob FROM keys WHERE true OR $1::bigint IS NULL ORDER BY id LIMIT $2"],
    ["returns an id twice", "SELECT twin AS id, blob FROM keys WHERE $1::bigint IS NULL OR id > $1::bigint LIMIT $2"],
  ])("a scan that %s fails, as it would never end or count wrongly", async (_, scan) => {
    const store = create({ scan });
    const first = await store.scan(whole, { pageSize: 1 });
    const again = store.scan(whole, { pageSize: 1, ...(first.cursor === undefined ? {} : { cursor: first.cursor }) });
    await expect(again).rejects.toMatchObject({ code: "STORE_STATEMENT_INVALID" });
  });

  it("a scan whose own limit is below the page size is read to its end all the same", async () => {
    const store = create({ scan: sound.scan.replace("LIMIT $2", "LIMIT least($2, 3)") });
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.scan(whole, cursor === undefined ? {} : { cursor });
      ids.push(...page.wraps.map(({ id }) => id));
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(ids).toHaveLength(20);
  });

  it("a row without an id fails the scan", async () => {
    const store = create({ scan: "SELECT NULL AS id, blob FROM keys WHERE id > coalesce($1::bigint, 0) LIMIT $2" });
    await expect(store.scan(whole)).rejects.toMatchObject({ code: "STORE_STATEMENT_INVALID" });
  });

  it("a swap that is a query, or that changes several rows, is not taken for one that swapped", async () => {
    const query = "SELECT 1 WHERE $1 <> '' AND $2::bytea <> $3::bytea";
    const several = "UPDATE keys SET twin = twin WHERE $1 <> '' AND $2::bytea <> $3::bytea";
    for (const text of [query, several]) {
      const failed = { kind: "failed", error: { code: "STORE_STATEMENT_INVALID", retryable: false } };
      expect(await create({ swap: text }).swap([swap])).toMatchObject([failed]);
    }
  });

  it("a statement that Postgres refuses says so by its SQLSTATE and repeats no text of it", async () => {
    const missing = create({ scan: sound.scan.replace("FROM keys", "FROM canary") });
    await expect(missing.scan(whole)).rejects.toMatchObject({ code: "STORE_TABLE_MISSING", retryable: true });
    const wrong = create({ scan: sound.scan.replace("blob", "canary") });
    const failure = await wrong.scan(whole).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: "STORE_REQUEST_INVALID",
      retryable: false,
      context: { statement: "scan", reason: "42703" },
    });
    expect(JSON.stringify(failure)).not.toContain("canary");
  });

  it("more swaps at once than there are connections all come to their end", async () => {
    const { store, put } = await postgresSubject(postgres.query, "accountKeys");
    const wraps = ownedWraps(40);
    const ids = await put(wraps);
    const outcomes = await store.swap(wraps.map(({ blob }, index) => swapOf({ id: ids[index] ?? "", blob })));
    expect(outcomes.every(({ kind }) => kind === "swapped")).toBe(true);
  });
});
