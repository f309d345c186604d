import { type LocalAws, startLocalAws } from "@dekhand/local-aws";
import { createLogger, createMetrics, toDeploymentConfig } from "@dekhand/runtime";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "@dekhand/store/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectWorker } from "./connect-worker.ts";

const region = "us-east-1";
const variable = "DEKHAND_DOCUMENTS_URL";

describe("a worker's wrap stores", () => {
  const open = new AsyncDisposableStack();
  let aws: LocalAws;
  let postgres: EmbeddedPostgres;

  beforeAll(async () => {
    aws = await startLocalAws({ regions: [region] });
    open.defer(() => aws.close());
    postgres = open.use(await startEmbeddedPostgres());
  });
  afterAll(() => open.disposeAsync());

  const connect = (secrets: Record<string, string>) => {
    const config = toDeploymentConfig(
      {
        prefix: "test",
        regions: [region],
        endpoints: { [region]: aws.endpoints[region] },
        profiles: { people: { home: region, key: "alias/people" } },
        wrapStores: {
          documents: {
            region,
            keys: ["arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555"],
            postgres: {
              connection: variable,
              scan: "SELECT $1::text AS id, NULL AS blob FROM generate_series(1, $2::int) WHERE false",
              swap: "UPDATE documents SET blob = $3 WHERE id = $1 AND blob = $2",
            },
          },
        },
      },
      "test",
    );
    const assembly = {
      config,
      workerId: "w1",
      version: "0.0.0",
      concurrency: 1,
      secret: (name: string) => secrets[name],
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
      logger: createLogger({ service: "test", level: "silent" }),
      metrics: createMetrics({ service: "test" }),
    };
    return connectWorker(assembly, "test");
  };

  it("are opened once, when they are first asked for, and closed with everything else", async () => {
    const connections = await connect({ [variable]: postgres.connectionString });
    const [first, second] = await Promise.all([connections.openWrapAccess(), connections.openWrapAccess()]);
    expect(second).toBe(first);
    const { store } = first.find("documents", region) ?? expect.fail("no such store");
    expect(await store.scan({ index: 0, of: 1 })).toEqual({ wraps: [], malformed: [] });
    await connections.close();
    await expect(store.scan({ index: 0, of: 1 })).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  });

  it("that could not be opened are opened when they are asked for again", async () => {
    const secrets: Record<string, string> = {};
    const connections = await connect(secrets);
    try {
      await expect(connections.openWrapAccess()).rejects.toMatchObject({
        problems: [{ path: variable, missing: true }],
      });
      secrets[variable] = postgres.connectionString;
      expect((await connections.openWrapAccess()).find("documents", region)).toBeDefined();
    } finally {
      await connections.close();
    }
  });

  it("do not stop a worker that needs none of them", async () => {
    const connections = await connect({});
    await connections.close();
  });
});
