import { createLogger, createMetrics, type DeploymentConfig } from "@dekhand/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { flipped, reconciled } from "../reconcile/testing/reconciled.ts";
import {
  apart,
  bridged,
  home,
  type RecoveryDeployment,
  type RecoveryRegions,
  related,
  startRecoveryRegions,
} from "../testing/recovery-regions.ts";
import { openDrillRegion } from "./open-drill-region.ts";
import { recordDrill } from "./record-drill.ts";
import { runDrill } from "./run-drill.ts";

const logger = createLogger({ service: "test", level: "silent" });
const all = { sample: "all", actor: "ada" } as const;

describe("a drill", () => {
  let regions: RecoveryRegions;
  let deployment: RecoveryDeployment;
  let recordIds: readonly string[];

  beforeAll(async () => {
    regions = await startRecoveryRegions();
    deployment = await regions.deployment();
    const ids: string[] = [];
    for (let index = 0; index < 30; index += 1) {
      const text = index === 0 ? "x".repeat(900_000) : `secret ${index}`;
      const { recordId } = await deployment.write({ tenant: `tenant-${index % 3}`, text, revision: index });
      ids.push(recordId);
    }
    recordIds = ids;
    for (const region of [related, apart, bridged]) await deployment.replicate({ region, recordIds });
  });
  afterAll(() => regions[Symbol.asyncDispose]());

  const opened = (region: string) => {
    const { profile, tables } = deployment;
    const endpoints = Object.entries(regions.aws.endpoints).map(([name, url]) => [name, { kms: url, dynamodb: url }]);
    const config: DeploymentConfig = {
      prefix: tables.records.replace(/-records$/, ""),
      tables: "regional",
      regions: [home, related, apart, bridged],
      control: home,
      endpoints: Object.fromEntries(endpoints),
      profiles: { [profile.name]: profile },
      queues: { encrypt: "encrypt", rewrap: "rewrap", replicate: "replicate" },
      limits: { payloadBytes: 1_000_000 },
      quota: ampleShare,
      reconcile: { everyMs: 60_000, probe: 0, pagesPerSecond: 5 },
      wrapStores: {},
    };
    const credentials = { accessKeyId: "local", secretAccessKey: "local" };
    return openDrillRegion({ config, region, credentials, logger, metrics: createMetrics({ service: "test" }) });
  };

  it.each([related, apart, bridged])("opens every record in %s while all other Regions are cut off", async (region) => {
    const others = [home, related, apart, bridged].filter((other) => other !== region);
    for (const other of others) regions.aws.control.cutOff(other, true);
    regions.aws.control.resetCounts();
    try {
      using there = opened(region);
      const seen: number[] = [];
      const result = await runDrill(there, { ...all, onProgress: (progress) => seen.push(progress.opened) });
      expect(result).toMatchObject({ region, asked: 30, opened: 30, failed: 0, failures: [], ...all });
      expect(seen.at(-1)).toBe(30);
      expect(regions.aws.control.callCounts()[region]?.kms.Decrypt?.calls).toBe(3);
    } finally {
      regions.aws.control.clearFaults();
    }
  });

  it("of a sample opens as many as are asked for", async () => {
    using there = opened(apart);
    const result = await runDrill(there, { sample: 10, actor: "ada", seed: "a seed" });
    expect(result).toMatchObject({ asked: 10, opened: 10, sample: 10 });
  });

  it("tells which records do not open, and why, and opens all others", async () => {
    using hands = reconciled(regions, deployment);
    using there = opened(bridged);
    const [, first = "", second = "", third = "", fourth = ""] = recordIds;
    const head = (id: string) => ({ region: bridged, id, name: "head" });
    const item = (id: string) => hands.item("records", bridged, id, "head");
    const before = new Map(
      await Promise.all([first, second, third, fourth].map(async (id) => [id, await item(id)] as const)),
    );
    const { envelope, digest } = (await item(second)) ?? {};
    await hands.change("records", head(first), { envelope: flipped((await item(first)).envelope) });
    // Another record's envelope, with its digest: AEAD tells.
    await hands.change("records", head(third), { envelope: envelope ?? { S: "" }, digest: digest ?? { S: "" } });
    await hands.change("records", head(fourth), { revision: { N: "999" } });
    await hands.change("records", head(second), { size: { S: "many" } });
    try {
      const result = await runDrill(there, all);
      expect(result).toMatchObject({ asked: 30, opened: 26, failed: 4 });
      const codes = new Map(result.failures.map(({ recordId, code }) => [recordId, code]));
      expect(codes).toEqual(
        new Map([
          [first, "STORE_RECORD_DAMAGED"],
          [second, "STORE_ITEM_MALFORMED"],
          [third, expect.stringMatching(/STORE_RECORD_DAMAGED|ENVELOPE_AUTHENTICATION_FAILED/)],
          [fourth, "ENVELOPE_AUTHENTICATION_FAILED"],
        ]),
      );
    } finally {
      for (const [id, attributes] of before) await hands.change("records", head(id), attributes);
    }
  });

  it("of a Region that cannot be read fails, and says so", async () => {
    using there = opened(apart);
    regions.aws.control.cutOff(apart, true);
    try {
      const result = await runDrill(there, all);
      expect(result).toMatchObject({ asked: 1, opened: 0, failed: 1, failures: [{ code: "STORE_UNAVAILABLE" }] });
    } finally {
      regions.aws.control.clearFaults();
    }
  });

  it("whose result cannot be written to another Region is written to its own", async () => {
    using there = opened(apart);
    const result = await runDrill(there, { sample: 1, actor: "ada" });
    regions.aws.control.cutOff(home, true);
    try {
      const states = { [apart]: there.state, [home]: deployment.stores(home).state };
      expect(await recordDrill(result, { states, logger })).toEqual([apart]);
    } finally {
      regions.aws.control.clearFaults();
    }
    expect(await there.state.lastDrill(apart)).toEqual(result);
  });

  it("ends at once with its signal, and tells nothing", async () => {
    using there = opened(related);
    const reason = new Error("stopped");
    await expect(runDrill(there, { ...all, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

const ampleShare: DeploymentConfig["quota"] = {
  ...{ share: { callsPerSecond: 1_000_000 }, reserve: 0, campaign: 1, floor: 1, workers: 1, source: "defaults" },
  regions: Object.fromEntries([home, related, apart, bridged].map((region) => [region, 1_000_000])),
};
