/**
 * Whether any wrap of any known store is still under a key. KMS is asked about
 * every one, by dry run, whatever its label says: nothing is unwrapped, and KMS
 * does not count it as a use of the key.
 *
 * Memory holds a page of each of four segments. A page that meets trouble which
 * passes by itself is probed again; other trouble ends the whole, as a probe of
 * most wraps proves nothing.
 */

import type { CallOptions, KmsGovernor } from "@dekhand/kms";
import { allOrAbort, type DeploymentConfig, fullJitterDelay, sleep } from "@dekhand/runtime";
import type { WrapStore } from "@dekhand/store";
import { CampaignError } from "../errors.ts";
import type { PageStop } from "../page-stop.ts";
import { admitForProbe } from "./admit-for-probe.ts";
import { createFindings, type ProbedWraps } from "./probe-findings.ts";
import { type PageQuestion, type ProbedPage, probePage } from "./probe-page.ts";

export interface ProbeStoresDeps {
  readonly kms: KmsGovernor;
  readonly config: Pick<DeploymentConfig, "profiles">;
  readonly now: () => Date;
}

export interface ProbeStoresOptions extends CallOptions {
  /** Hears of so many wraps more, page by page. */
  readonly onProgress?: (wraps: number) => void;
}

const segmentsOfStore = 4;
/** Tries of one page after trouble that should pass, up to 30 s apart: about ten minutes. */
const maxTries = 40;
const backoff = { baseMs: 200, capMs: 30_000 };

/**
 * Throws CAMPAIGN_PROBE_STOPPED where KMS cannot be asked, StoreErrors of a store that cannot be read, and the signal's
 * reason.
 */
export async function probeStores(
  keyArn: string,
  stores: readonly WrapStore[],
  { kms, config, now }: ProbeStoresDeps,
  { signal, onProgress }: ProbeStoresOptions = {},
): Promise<ProbedWraps> {
  const beganAt = now().toISOString();
  const [under, unknown] = [createFindings(), createFindings()];
  const counted = new Map<WrapStore, number>();
  for (const store of stores) {
    const question = { keyArn, store, kms, admit: admitForProbe(store.name, keyArn, config) };
    counted.set(store, 0);
    const add = (page: ProbedPage) => {
      counted.set(store, (counted.get(store) ?? 0) + page.items);
      for (const finding of page.under) under.add(finding);
      for (const finding of page.unknown) unknown.add(finding);
      onProgress?.(page.items);
    };
    const of = store.segments(segmentsOfStore);
    const segments = Array.from({ length: of }, (_, index) => async (stop: AbortSignal) => {
      await probeSegment({ index, of }, question, add, stop);
    });
    await allOrAbort(segments, signal);
  }
  return {
    beganAt,
    endedAt: now().toISOString(),
    stores: [...counted].map(([{ name, region }, wraps]) => ({ store: name, region, wraps })),
    under: under.all(),
    unknown: unknown.all(),
  };
}

async function probeSegment(
  segment: { readonly index: number; readonly of: number },
  question: PageQuestion,
  add: (page: ProbedPage) => void,
  signal: AbortSignal,
): Promise<void> {
  let cursor: string | undefined;
  let tries = 0;
  for (;;) {
    const page = await probePage({ ...segment, cursor }, question, signal);
    if (page.kind === "stopped") {
      tries += 1;
      if (page.stop.kind === "pause" || tries >= maxTries) throw page.error ?? stopped(question.store.name, page.stop);
      await sleep(fullJitterDelay(tries, backoff), { signal });
      continue;
    }
    add(page);
    tries = 0;
    ({ cursor } = page);
    if (cursor === undefined) return;
  }
}

function stopped(store: string, { code, message }: PageStop): CampaignError {
  return new CampaignError("CAMPAIGN_PROBE_STOPPED", `the wraps of ${store} could not all be probed: ${message}`, {
    retryable: true,
    context: { store, code },
  });
}
