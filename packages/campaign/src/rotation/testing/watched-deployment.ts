/** A deployment's tables, and watches over the keys of its profiles that end with the test. */

import type { KeyRotationEvent, Outcome } from "@dekhand/jobs";
import { createLogger, createMetrics, type DeploymentConfig, type Metrics, type Profile } from "@dekhand/runtime";
import { type Campaign, type CampaignStore, createStateStore, type StateStore } from "@dekhand/store";
import { type CampaignRegion, region } from "../../testing/campaign-region.ts";
import { createRotationWatch, type RotationWatch, type RotationWatchDeps } from "../rotation-watch.ts";

export interface WatchedDeployment extends AsyncDisposable {
  readonly campaigns: CampaignStore;
  readonly state: StateStore;
  readonly metrics: Metrics;
  /** Messages of everything that was logged, in order. */
  readonly logged: readonly string[];
  /** A watch that has started. It polls once; then not until the test is over, unless told otherwise. */
  watch(profiles: readonly Profile[], changes?: WatchChanges): Promise<RotationWatch>;
  allCampaigns(): Promise<readonly Campaign[]>;
}

export interface WatchChanges extends Partial<Omit<RotationWatchDeps, "config">> {
  readonly transit?: DeploymentConfig["transit"];
}

export async function watchedDeployment(home: CampaignRegion): Promise<WatchedDeployment> {
  const { campaigns, tables } = await home.deployment();
  const state = createStateStore({ client: home.clients.dynamodb, tables });
  const metrics = createMetrics({ service: "test" });
  const logged: string[] = [];
  const write = (line: string) => void logged.push(JSON.parse(line).msg);
  const logger = createLogger({ service: "test", level: "info", destination: { write } });
  await using watches = new AsyncDisposableStack();
  const ending = watches.move();
  return {
    campaigns,
    state,
    metrics,
    logged,
    async watch(profiles, { transit, ...changes } = {}) {
      const byName = Object.fromEntries(profiles.map((profile) => [profile.name, profile]));
      const watch = createRotationWatch({
        config: { control: region, profiles: byName, ...(transit === undefined ? {} : { transit }) },
        describeKey: (_, reference, options) => home.kms.describeKey(reference, options),
        listKeyRotations: (_, keyArn, options) => home.kms.listKeyRotations(keyArn, options),
        campaigns,
        state,
        profiles: async () => byName,
        logger,
        metrics,
        ...changes,
      });
      await watch.start();
      ending.defer(() => watch.drain({ ms: 1_000 }));
      return watch;
    },
    allCampaigns: async () => (await campaigns.list()).entries,
    [Symbol.asyncDispose]: () => ending.disposeAsync(),
  };
}

export const profileFor = (key: string, changes: Partial<Profile> = {}): Profile => ({
  name: "people",
  home: region,
  key,
  retiring: [],
  required: [],
  dekScope: [],
  reuse: { records: 1_000, bytes: 1_000_000, ageMs: 60_000 },
  replicas: {},
  autoRewrap: true,
  ...changes,
});

export const keyIdOf = (keyArn: string): string => keyArn.slice(keyArn.lastIndexOf("/") + 1);

/** Delivers an event for that key, as a consumer does. */
export function tell(
  watch: RotationWatch,
  keyArn: string,
  changes: Partial<KeyRotationEvent> & { readonly attempt?: number } = {},
): Promise<Outcome> {
  const { attempt = 1, ...event } = changes;
  const job = { kind: "rotation", id: "event-1", keyId: keyIdOf(keyArn), ...event } as const;
  return watch.onEvent({ job, attempt, signal: new AbortController().signal, source: "sqs" });
}
