import { createKeyDirectory } from "@dekhand/deks";
import { createLogger, toDeploymentConfig } from "@dekhand/runtime";
import { type CampaignKind, openPostgres, openStores } from "@dekhand/store";
import { startEmbeddedPostgres } from "@dekhand/store/testing";
import { tempDir } from "@dekhand/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { applyTrigger } from "../apply-trigger.ts";
import { collectEvidence } from "../evidence/collect-evidence.ts";
import { type ProbeBy, writeSettings } from "../settings.ts";
import { type OpenedWrapAccess, openWrapAccess } from "../stores/open-wrap-access.ts";
import { startCrew } from "../testing/campaign-crew.ts";
import {
  type CampaignRegion,
  type Deployment,
  profileName,
  region,
  startCampaignRegion,
} from "../testing/campaign-region.ts";
import { changedDeks, readWraps } from "../testing/read-wraps.ts";
import { connectionVariable, ownersStores, type PutWrap, startOwners } from "../testing/wrap-owners.ts";

const storeNames = ["dekhand", "transit", "orders", "documents", "legacy"] as const;

describe("a campaign over every kind of store", () => {
  const open = new AsyncDisposableStack();
  let home: CampaignRegion;
  let tables: Deployment;
  let opened: OpenedWrapAccess;
  let owners: Readonly<Record<(typeof storeNames)[number], PutWrap>>;
  const keys: string[] = [];

  beforeAll(async () => {
    home = open.use(await startCampaignRegion());
    const folder = open.use(await tempDir("every-store"));
    const { connectionString } = open.use(await startEmbeddedPostgres());
    const modulePath = folder.join("legacy.ts");
    const logger = createLogger({ service: "test", level: "silent" });
    const { query } = open.use(await openPostgres({ connectionString, logger }));
    tables = await home.deployment();
    const prefix = tables.tables.deks.replace(/-deks$/, "");
    const stores = openStores({ client: home.clients.dynamodb, prefix, logger });
    owners = await startOwners({ home, stores, query, modulePath });
    keys.push(await home.createKey(), await home.createKey(), await home.createKey());
    const [current = "", ...retiring] = keys;
    const config = toDeploymentConfig(
      {
        prefix,
        regions: [region],
        profiles: { [profileName]: { home: region, key: current, retiring, required: ["tenant"] } },
        transit: { key: current, retiring },
        wrapStores: ownersStores(keys, modulePath),
      },
      "test",
    );
    const kms = () => home.kms;
    opened = open.use(
      await openWrapAccess({
        config,
        kms,
        logger,
        dynamodb: () => home.clients.dynamodb,
        keys: createKeyDirectory({ profiles: config.profiles, kms, logger }),
        stores: () => stores,
        secret: (name) => (name === connectionVariable ? connectionString : undefined),
      }),
    );
  });
  afterAll(() => open.disposeAsync());

  const accessTo = (name: string) => opened.find(name, region) ?? expect.fail(`no access to ${name}`);

  const complete = async (kind: CampaignKind, target: { sources: string[]; keyArn: string }, probeBy: ProbeBy) => {
    const act = { at: new Date().toISOString(), actor: "test", reason: "test" };
    const material = kind === "rotation" ? { material: await home.materialOf(target.keyArn) } : {};
    const targets = storeNames.map((store) => ({ store, region, ...target, ...material }));
    const settings = writeSettings({ canary: 2, sample: 1, probeBy, segments: 3, confirmed: "by the owners" });
    const wanted = { id: crypto.randomUUID(), kind, targets, settings, ...act };
    const created = await tables.campaigns.create(wanted, [...new Set([...target.sources, target.keyArn])]);
    await applyTrigger(tables.campaigns, created, { kind: "start" }, act);
    await using crew = await startCrew(home, tables, { access: accessTo });
    const status = await crew.until(created.id, "paused");
    const failures = (await tables.campaigns.listFailures(created.id)).entries;
    const reason = (await tables.campaigns.get(created.id))?.last.reason;
    expect({ status, reason, failures }).toEqual({ status: "complete", reason: expect.any(String), failures: [] });
    const software = { name: "dekhand", version: "test" };
    return await collectEvidence(tables.campaigns, created.id, { software, at: act.at });
  };

  it.each(["dry-run", "decrypt"] as const)("goes to another key, probed by %s", async (probeBy) => {
    const [from = "", to = ""] = probeBy === "decrypt" ? [keys[0], keys[1]] : [keys[1], keys[2]];
    const born = new Map<string, Map<string, Buffer>>();
    for (const name of storeNames) {
      born.set(name, new Map([await owners[name](from), await owners[name](from), await owners[name](from)]));
    }
    const evidence = await complete("key", { sources: [from], keyArn: to }, probeBy);
    expect(evidence.campaign.status).toBe("complete");
    for (const name of storeNames) {
      const mine = born.get(name) ?? new Map();
      const wraps = (await readWraps(accessTo(name).store)).filter(({ id }) => mine.has(id));
      expect(wraps).toHaveLength(3);
      expect(await changedDeks(wraps, to, mine, home.kms)).toEqual([]);
    }
  });

  it("is one pass of a rotation where a store keeps no label, and says so", async () => {
    const key = keys[2] ?? "";
    const born = new Map<string, Buffer>();
    for (const name of storeNames) born.set(...(await owners[name](key)));
    await home.rotate(key);
    const evidence = await complete("rotation", { sources: [key], keyArn: key }, "dry-run");
    expect(evidence.statement.join("\n")).toMatch(/orders.*swapped once/);
    for (const name of storeNames) {
      const wraps = (await readWraps(accessTo(name).store)).filter(({ id }) => born.has(id));
      expect(await changedDeks(wraps, key, born, home.kms)).toEqual([]);
      const { context = {}, blob = Buffer.alloc(0) } = wraps[0] ?? {};
      const { material } = await home.kms.decrypt({ keyArn: key, blob, context });
      expect(material).toBe(await home.materialOf(key));
    }
  });

  it("goes to another key in stores of others only on somebody's word", async () => {
    const act = { at: new Date().toISOString(), actor: "test", reason: "test" };
    const [keyArn = "", from = ""] = keys;
    const targets = [{ store: "orders", region, sources: [from], keyArn }];
    const wanted = { id: crypto.randomUUID(), kind: "key" as const, targets, ...act };
    const created = await tables.campaigns.create(wanted, []);
    await applyTrigger(tables.campaigns, created, { kind: "start" }, act);
    await using crew = await startCrew(home, tables, { access: accessTo });
    expect(await crew.until(created.id)).toBe("failed");
    expect((await tables.campaigns.get(created.id))?.last.reason).toContain("of orders, somebody has to confirm");
  });
});
