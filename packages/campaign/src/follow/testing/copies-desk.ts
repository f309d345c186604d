/** What tests of copies ask of a deployment in two Regions, and do to it; with keys of its own for each test. */

import { DeleteItemCommand } from "@aws-sdk/client-dynamodb";
import { type CopyOutcome, tableNames, type WrapRef } from "@dekhand/store";
import { expect } from "vitest";
import { collectEvidence } from "../../evidence/collect-evidence.ts";
import type { Evidence } from "../../evidence/schema/evidence-schema.ts";
import type { CampaignRequest } from "../../plan/resolve-targets.ts";
import { away, home, type RelatedKeys, type TwoRegions } from "../../plan/testing/two-regions.ts";
import { changedDeks, readWraps } from "../../testing/read-wraps.ts";
import type { WrapAccess } from "../../wrap-access.ts";
import { type PairedDeployment, pairedDeployment } from "./paired-deployment.ts";

export const people = "people";

type Put = (put: () => Promise<readonly CopyOutcome[]>, count: number) => Promise<readonly CopyOutcome[]>;

export interface CopiesDesk {
  readonly from: RelatedKeys;
  readonly to: RelatedKeys;
  deployment(profiles: Readonly<Record<string, object>>, mode?: "regional" | "global"): Promise<PairedDeployment>;
  /** With its home in one Region and copies in the other, under `from`; `to` is listed beside it. */
  profile(changes?: object): object;
  rotation(): CampaignRequest;
  keyChange(): CampaignRequest;
  resetCounts(): void;
  /** Calls to KMS that made something: dry runs are refused, and make nothing. */
  callsIn(region: string, operation: string): number;
  wrapsIn(pair: PairedDeployment, region: string): Promise<readonly WrapRef[]>;
  evidenceOf(pair: PairedDeployment, campaignId: string): Promise<Evidence>;
  removeWrap(pair: PairedDeployment, region: string, dekId: string): Promise<void>;
  /** Access to the deployment's stores, where copies are put by `change`. */
  copyingBy(pair: PairedDeployment, change: Put): (store: string, region: string) => WrapAccess;
  /** Every copy is what home has, under the related key; and both open. */
  expectCopied(pair: PairedDeployment, key: RelatedKeys, born: ReadonlyMap<string, Buffer>): Promise<void>;
}

export async function copiesDesk(aws: TwoRegions): Promise<CopiesDesk> {
  const [from, to] = [await aws.createRelatedKeys(), await aws.createRelatedKeys()];
  const accessTo = (pair: PairedDeployment, store: string, region: string) =>
    pair.opened.find(store, region) ?? expect.fail(`no access to ${store} in ${region}`);
  const wrapsIn = async (pair: PairedDeployment, region: string) =>
    (await readWraps(accessTo(pair, "dekhand", region).store)).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return {
    from,
    to,
    deployment: (profiles, mode) => pairedDeployment(aws, profiles, mode),
    profile(changes = {}) {
      const replica = { key: from.there, retiring: [to.there], strategy: "multi-region" };
      const replicas = { [away]: replica };
      return { home, key: from.atHome, retiring: [to.atHome], required: ["tenant"], replicas, ...changes };
    },
    rotation: () => ({ kind: "rotation", from: [from.atHome] }),
    keyChange: () => ({ kind: "key", from: [from.atHome], to: to.atHome }),
    resetCounts: () => aws.aws.control.resetCounts(),
    callsIn(region, operation) {
      const { calls = 0, errors = {} } = aws.aws.control.callCounts()[region]?.kms[operation] ?? {};
      return calls - (errors.DryRunOperationException ?? 0);
    },
    wrapsIn,
    evidenceOf(pair, campaignId) {
      const software = { name: "dekhand", version: "test" };
      const at = new Date().toISOString();
      return collectEvidence(pair.stores(home).campaigns, campaignId, { software, at });
    },
    async removeWrap(pair, region, dekId) {
      const Key = { dekId: { S: dekId }, item: { S: `wrap#${region}` } };
      const TableName = tableNames(pair.config.prefix).deks;
      await aws.dynamodb(region).send(new DeleteItemCommand({ TableName, Key }));
    },
    copyingBy: (pair, change) => (store, region) => {
      const access = accessTo(pair, store, region);
      const { copying } = access;
      if (!copying) return access;
      const putCopies: typeof copying.putCopies = (...args) => change(() => copying.putCopies(...args), args[1].length);
      return { ...access, copying: { ...copying, putCopies } };
    },
    async expectCopied(pair, key, born) {
      const [atHome, there] = [await wrapsIn(pair, home), await wrapsIn(pair, away)];
      expect(there).toEqual(atHome.map((wrap) => ({ ...wrap, keyArn: key.there })));
      expect(atHome).toHaveLength(born.size);
      expect(await changedDeks(atHome, key.atHome, born, aws.kms(home))).toEqual([]);
      expect(await changedDeks(there, key.there, born, aws.kms(away))).toEqual([]);
    },
  };
}
