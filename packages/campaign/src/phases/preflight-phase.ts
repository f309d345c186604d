/**
 * Keys and permissions of one target, found out by the very worker that would
 * use them, with its own credentials.
 *
 * The findings are a document of the campaign, written once: whoever runs the
 * segment again after a crash goes by it.
 */

import { DekhandError } from "@dekhand/errors";
import { KmsError } from "@dekhand/kms";
import { type Segment, StoreError, type WrapRef } from "@dekhand/store";
import { followedHome, hasOwnWraps } from "../follow/followed-wraps.ts";
import { judgeWrap } from "../is-current.ts";
import type { PageOptions, PageWork, RunPage } from "./phase.ts";
import { type PreflightCheck, type PreflightFindings, preflightDocument } from "./preflight-findings.ts";
import { scanPage } from "./scan-page.ts";

/** Wraps among which one is looked for that permissions can be tried on, with its context. */
const sampleSize = 100;

export const preflightPhase: RunPage = async (segment, work, options) => {
  const { signal } = options;
  const name = preflightDocument(segment.number);
  if ((await work.campaigns.getDocument(segment.campaignId, name, { signal })) === undefined) {
    const checked = await checkTarget(segment, work, options);
    if (!Array.isArray(checked)) return checked;
    const { store, region } = segment;
    const segments = work.store.segments(work.settings.segments);
    const findings: PreflightFindings = { store, region, segments, checks: checked };
    await putOnce(segment, name, JSON.stringify(findings), work, options);
  }
  return work.save(segment, undefined, {});
};

/** Two workers at once may have found different things: the first one's stand. */
async function putOnce(
  { campaignId }: Segment,
  name: string,
  body: string,
  { campaigns }: PageWork,
  { signal }: PageOptions,
) {
  try {
    await campaigns.putDocument(campaignId, name, body, { signal });
  } catch (error) {
    if (!(error instanceof StoreError && error.code === "STORE_DOCUMENT_EXISTS")) throw error;
  }
}

type Later = {
  readonly kind: "stopped";
  readonly stop: { readonly kind: "later"; class: string; code: string; message: string };
};

async function checkTarget(segment: Segment, work: PageWork, options: PageOptions): Promise<PreflightCheck[] | Later> {
  const { target } = work.order;
  const checks: PreflightCheck[] = [];
  const keys = [...new Set([...target.sources, target.keyArn])];
  try {
    for (const key of keys) checks.push(await checkKey(key, work, options));
    const scanned = await scanPage(segment, (...scan) => work.store.scan(...scan), {
      signal: options.signal,
      pageSize: sampleSize,
      consistent: false,
    });
    if ("stop" in scanned) {
      const { code, message } = scanned.stop;
      return [...checks, { check: "store", ok: false, code, message }];
    }
    checks.push({ check: "store", ok: true });
    const own = scanned.wraps.filter((wrap) => followedHome(wrap, target) === undefined);
    const wrap = own.find((one) => judgeWrap(one, work.order, work.store.labels).kind === "stale");
    // Copies are not re-encrypted; that they open under the target, verification asks.
    const sources = hasOwnWraps(target) ? target.sources : [target.keyArn];
    for (const source of sources) checks.push(await checkReEncrypt(source, wrap, work, options));
    return checks;
  } catch (error) {
    if (!(error instanceof DekhandError) || !error.retryable) throw error;
    const { code, message } = error;
    return { kind: "stopped", stop: { kind: "later", class: "preflight", code, message } };
  }
}

async function checkKey(key: string, { kms }: PageWork, { signal }: PageOptions): Promise<PreflightCheck> {
  return finding({ check: "key", key }, async () => {
    const { enabled, state, usage, spec } = await kms.describeKey(key, { signal });
    if (!enabled) return `the key is ${state}, not Enabled`;
    if (usage === "ENCRYPT_DECRYPT" && spec === "SYMMETRIC_DEFAULT") return undefined;
    return `the key is no symmetric encryption key: ${usage}, ${spec}`;
  });
}

/** With a wrap of that key where there is one: a key policy may depend on the context. */
async function checkReEncrypt(
  source: string,
  wrap: WrapRef | undefined,
  { kms, admit, order, store }: PageWork,
  { signal }: PageOptions,
): Promise<PreflightCheck> {
  const { keyArn } = order.target;
  return finding({ check: "re-encrypt", key: source }, async () => {
    const own = wrap && (!store.labels.keyArn || wrap.keyArn === source) ? wrap : undefined;
    const admission = own && (await admit(own, [source, keyArn], { signal }));
    if (admission?.kind === "quarantined") return admission.message;
    const context = admission?.context ?? {};
    const sides = { sourceKeyArn: source, sourceContext: context, targetKeyArn: keyArn, targetContext: context };
    const call = { signal, priority: "campaign" } as const;
    await kms.probeReEncrypt(own && store.labels.keyArn ? { ...sides, blob: own.blob } : sides, call).catch((error) => {
      // One wrap that is not what it says is no matter of permissions: the campaign finds it.
      if (!(error instanceof KmsError && error.failureClass === "poison")) throw error;
      return kms.probeReEncrypt(sides, call);
    });
    return undefined;
  });
}

/** What an operator has to mend is a finding; what passes by itself is thrown. */
async function finding(
  about: Pick<PreflightCheck, "check" | "key">,
  look: () => Promise<string | undefined>,
): Promise<PreflightCheck> {
  try {
    const message = await look();
    return message === undefined ? { ...about, ok: true } : { ...about, ok: false, message };
  } catch (error) {
    if (!(error instanceof KmsError) || !isFinding.has(error.failureClass)) throw error;
    return { ...about, ok: false, code: error.code, message: error.message };
  }
}

const isFinding: ReadonlySet<KmsError["failureClass"]> = new Set(["denied", "key-unusable", "poison"]);
