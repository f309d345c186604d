import { writeFile } from "node:fs/promises";
import { createKeyDirectory, createTransitKeys } from "@dekhand/deks";
import { describeError } from "@dekhand/errors";
import { createLogger, type DeploymentConfig, toDeploymentConfig } from "@dekhand/runtime";
import { openPostgres, openStores, type Stores, type WrapRef } from "@dekhand/store";
import { startEmbeddedPostgres } from "@dekhand/store/testing";
import { tempDir } from "@dekhand/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rewrapPage } from "../rewrap-page.ts";
import { type CampaignRegion, profileName, region, startCampaignRegion } from "../testing/campaign-region.ts";
import { changedDeks, readWraps } from "../testing/read-wraps.ts";
import { connectionVariable, ownersStores, type PutWrap, startOwners } from "../testing/wrap-owners.ts";
import type { WrapAccess } from "../wrap-access.ts";
import { type OpenedWrapAccess, openWrapAccess } from "./open-wrap-access.ts";

const storeNames = ["dekhand", "transit", "orders", "documents", "legacy"] as const;
const deadKey = "alias/deleted-long-ago";

describe("the wrap stores of a configuration", () => {
  const open = new AsyncDisposableStack();
  let home: CampaignRegion;
  let stores: Stores;
  let from: string;
  let to: string;
  let prefix: string;
  let modulePath: string;
  let connectionString: string;
  let owners: Readonly<Record<(typeof storeNames)[number], PutWrap>>;
  const logged: string[] = [];

  beforeAll(async () => {
    home = open.use(await startCampaignRegion());
    const folder = open.use(await tempDir("wrap-access"));
    ({ connectionString } = open.use(await startEmbeddedPostgres()));
    modulePath = folder.join("legacy.ts");
    const logger = createLogger({ service: "test", level: "silent" });
    const { query } = open.use(await openPostgres({ connectionString, logger }));
    prefix = (await home.deployment()).tables.deks.replace(/-deks$/, "");
    stores = openStores({ client: home.clients.dynamodb, prefix, logger });
    owners = await startOwners({ home, stores, query, modulePath });
    [from, to] = [await home.createKey(), await home.createKey()];
  });
  afterAll(() => open.disposeAsync());

  const configWith = (changes: object = {}): DeploymentConfig =>
    toDeploymentConfig(
      {
        prefix,
        regions: [region],
        profiles: { [profileName]: { home: region, key: to, retiring: [from], required: ["tenant"] } },
        transit: { key: to, retiring: [from, deadKey] },
        wrapStores: ownersStores([from, to, deadKey], modulePath),
        ...changes,
      },
      "test",
    );

  const openAccess = (
    config = configWith(),
    secrets: Record<string, string> = { [connectionVariable]: connectionString },
  ) => {
    const logger = createLogger({ service: "test", destination: { write: (line: string) => void logged.push(line) } });
    const kms = () => home.kms;
    return openWrapAccess({
      config,
      kms,
      logger,
      dynamodb: () => home.clients.dynamodb,
      keys: createKeyDirectory({ profiles: config.profiles, kms, logger }),
      stores: async () => stores,
      secret: (name) => secrets[name],
    });
  };

  const accessTo = (opened: OpenedWrapAccess, name: string): WrapAccess =>
    opened.find(name, region) ?? expect.fail(`no access to ${name}`);

  const rewrap = async ({ store, kms, admit }: WrapAccess, sources: readonly string[], wraps?: readonly WrapRef[]) => {
    const order = { campaignId: "c1", target: { store: store.name, region, sources, keyArn: to } };
    return (await rewrapPage(wraps ?? (await readWraps(store)), order, { store, kms, admit })).outcomes;
  };

  it("are opened with Dekhand's own, and found by name and Region", async () => {
    await using opened = await openAccess();
    expect(opened.all.map(({ store }) => store.name).sort()).toEqual([...storeNames].sort());
    expect(opened.find("orders", region)?.store.region).toBe(region);
    expect(opened.find("orders", "eu-west-1")).toBeUndefined();
    expect(opened.find("nobody's", region)).toBeUndefined();
  });

  it("are none but Dekhand's own, where no others and no transit key are configured", async () => {
    await using opened = await openAccess(configWith({ transit: undefined, wrapStores: {} }), {});
    expect(opened.all.map(({ store }) => store.name)).toEqual(["dekhand"]);
  });

  it.each(storeNames)("%s: wraps go from key to key and still unwrap to what they did", async (name) => {
    await using opened = await openAccess();
    const access = accessTo(opened, name);
    const born = new Map([await owners[name](from), await owners[name](from), await owners[name](from)]);
    expect((await rewrap(access, [from])).map(({ kind }) => kind)).toEqual(["swapped", "swapped", "swapped"]);
    const after = await readWraps(access.store);
    expect(after.map(({ id }) => id).sort()).toEqual([...born.keys()].sort());
    expect(await changedDeks(after, to, born, home.kms)).toEqual([]);
  });

  it.each(storeNames)("%s: a wrap under a key that is not listed is quarantined and stays", async (name) => {
    await using opened = await openAccess();
    const access = accessTo(opened, name);
    const stranger = await home.createKey();
    const [id] = await owners[name](stranger);
    const before = (await access.store.read(id)) ?? expect.fail("no wrap");
    // A campaign lies in a table, too: it may name any key as a source.
    expect(await rewrap(access, [stranger], [before])).toMatchObject([
      { kind: "failed", failure: { class: "quarantined", code: "CAMPAIGN_QUARANTINED" } },
    ]);
    expect(await access.store.read(id)).toEqual(before);
  });

  it("a key that cannot be looked up is left out, and said to be", async () => {
    logged.length = 0;
    await using _opened = await openAccess();
    const told = logged.filter((line) => line.includes(deadKey)).join();
    for (const purpose of ["orders", "documents", "legacy", "transit keys"]) expect(told).toContain(purpose);
  });

  it("a transit key's wrap opens under the key that a campaign moved it to", async () => {
    await using opened = await openAccess();
    const [id, plaintext] = await owners.transit(from);
    const alone = createTransitKeys({ state: stores.state, kms: home.kms, key: to });
    await expect(alone.load(id)).rejects.toMatchObject({ code: "DEKS_KEY_NOT_ALLOWED" });
    await rewrap(accessTo(opened, "transit"), [from]);
    expect(await alone.load(id)).toEqual(plaintext);
  });

  it("the KMS context of a transit key's wrap follows from its id, whatever is stored", async () => {
    await using opened = await openAccess();
    const { admit } = accessTo(opened, "transit");
    const wrap = { id: "a", blob: Buffer.from("blob"), context: { "dekhand:transit": "b" } };
    expect(await admit(wrap, [from, to], {})).toEqual({ kind: "admitted", context: { "dekhand:transit": "a" } });
  });

  it("only Dekhand's DEKs have a commitment: it tells their bytes from all others, and takes none", async () => {
    await using opened = await openAccess();
    const [[id, plaintext], [otherId, other]] = [await owners.dekhand(from), await owners.dekhand(from)];
    const { matches } = accessTo(opened, "dekhand");
    const copy = Buffer.from(plaintext);
    expect(await matches?.(id, plaintext)).toBe(true);
    expect(plaintext).toEqual(copy);
    expect(await matches?.(id, other)).toBe(false);
    expect(await matches?.(otherId, plaintext)).toBe(false);
    expect(await matches?.(id, plaintext.subarray(1))).toBe(false);
    expect(await matches?.("01900000-0000-7000-8000-000000000000", plaintext)).toBe(false);
    for (const name of storeNames.slice(1)) expect(accessTo(opened, name).matches).toBeUndefined();
  });

  it("a store is read in no more segments than its configuration allows", async () => {
    await using opened = await openAccess();
    expect(accessTo(opened, "orders").store.segments(64)).toBe(2);
    expect(accessTo(opened, "dekhand").store.segments(64)).toBe(64);
  });

  it("connections to Postgres end with the access", async () => {
    const opened = await openAccess();
    const { store } = accessTo(opened, "documents");
    await store.scan({ index: 0, of: 1 });
    await opened[Symbol.asyncDispose]();
    await expect(store.scan({ index: 0, of: 1 })).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  });

  describe("that cannot be opened are named, and nothing secret is", () => {
    const failureOf = async (changes: object, secrets?: Record<string, string>): Promise<unknown> => {
      try {
        await using _opened = await openAccess(configWith({ wrapStores: changes }), secrets);
      } catch (error) {
        return error;
      }
      return expect.fail("it was opened");
    };
    const shown = (error: unknown) => `${String(error)} ${JSON.stringify(describeError(error))}`;

    it("all variables that are missing or hold no connection string, at once", async () => {
      const { documents } = ownersStores([to], modulePath);
      const files = { ...documents, postgres: { ...documents.postgres, connection: "DEKHAND_FILES_URL" } };
      const error = await failureOf({ documents, files }, { DEKHAND_FILES_URL: "canary:password" });
      expect(error).toMatchObject({
        code: "RUNTIME_CONFIG_INVALID",
        problems: [
          { path: connectionVariable, missing: true, expected: expect.stringContaining("documents") },
          { path: "DEKHAND_FILES_URL", expected: expect.stringContaining("files") },
        ],
      });
      expect(shown(error)).not.toContain("canary");
    });

    it("a statement that cannot be used", async () => {
      const { documents } = ownersStores([to], modulePath);
      const swap = "UPDATE documents SET edek = $3 WHERE id = $1";
      const error = await failureOf({ documents: { ...documents, postgres: { ...documents.postgres, swap } } });
      expect(error).toMatchObject({ code: "STORE_STATEMENT_INVALID", context: { store: "documents" } });
      expect(shown(error)).toContain("the wrap store documents");
    });

    it.each([
      ["throws", "throw new Error('canary');"],
      ["throws with a code of its own", "throw Object.assign(new Error('canary'), { code: 'ERR_CANARY canary' });"],
      ["is no JavaScript", "const canary = ;"],
      ["lacks a function", "export const scan = async () => ({ wraps: [] }); // canary"],
    ])("a module that %s", async (what, text) => {
      await using folder = await tempDir("module");
      const module = folder.join("broken.mjs");
      await writeFile(module, text);
      const error = await failureOf({ broken: { region, keys: [to], module } });
      expect(error, what).toMatchObject({ code: "STORE_MODULE_INVALID", retryable: false });
      expect(shown(error)).toContain("the wrap store broken");
      expect(shown(error)).not.toContain("canary");
    });

    it("a module that is not there", async () => {
      const error = await failureOf({ gone: { region, keys: [to], module: "/nowhere/gone.ts" } });
      expect(error).toMatchObject({ code: "STORE_MODULE_INVALID", context: { store: "gone" } });
    });
  });
});
