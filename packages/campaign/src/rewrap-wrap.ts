/** One wrap on its way to the target: judged, admitted, re-encrypted. Swapping it is the page's affair. */

import { isAnswerFor, KmsError, type KmsGovernor, type ReEncryptedBlob } from "@dekhand/kms";
import type { CampaignTarget, WrapLabels, WrapRef, WrapSwap } from "@dekhand/store";
import type { AdmitWrap } from "./admit-wraps.ts";
import { type CurrentBy, judgeWrap } from "./is-current.ts";
import { type PageStop, type Trouble, troubleOf, type WrapFailure } from "./page-stop.ts";
import type { RewrapOrder } from "./rewrap-order.ts";

export interface RewrapWrapDeps {
  readonly kms: Pick<KmsGovernor, "reEncrypt">;
  readonly labels: WrapLabels;
  readonly admit: AdmitWrap;
  readonly now: () => Date;
}

export interface RewrapWrapOptions {
  readonly signal: AbortSignal;
  /** For the KMS call, retries and waiting for its turn included, in milliseconds. */
  readonly deadlineMs: number;
}

/** `swap`: it was re-encrypted, and is rewrapped once that swap is made. */
export type Rewrapped =
  | { readonly kind: "swap"; readonly swap: WrapSwap }
  | { readonly kind: "current"; readonly by: CurrentBy }
  | { readonly kind: "other" }
  | { readonly kind: "failed"; readonly failure: WrapFailure }
  | Exclude<Trouble, { readonly kind: "item" }>;

/** Throws nothing but faults in the code. */
export async function rewrapWrap(
  wrap: WrapRef,
  order: RewrapOrder,
  deps: RewrapWrapDeps,
  options: RewrapWrapOptions,
): Promise<Rewrapped> {
  const { target } = order;
  const judged = judgeWrap(wrap, order, deps.labels);
  if (judged.kind !== "stale") return judged;
  try {
    const asked = sourcesOf(wrap, target, deps.labels);
    const admission = await deps.admit(wrap, [...new Set([...asked.sources, target.keyArn])], {
      signal: options.signal,
    });
    if (admission.kind === "quarantined") {
      return {
        kind: "failed",
        failure: { class: "quarantined", code: "CAMPAIGN_QUARANTINED", message: admission.message },
      };
    }
    const answer = await reEncrypt(wrap, asked, target.keyArn, admission.context, deps.kms, options);
    if (answer === undefined) return { kind: "other" };
    if (!answer.isAsAsked) return { kind: "failed", failure: unverified };
    return wasCurrent(answer, order, deps.labels) ?? notAtTarget(answer, target) ?? toSwap(wrap, answer, order, deps);
  } catch (error) {
    const trouble = troubleOf(error);
    return trouble.kind === "item" ? { kind: "failed", failure: trouble.failure } : trouble;
  }
}

const unverified: WrapFailure = {
  class: "unverified",
  code: "CAMPAIGN_REWRAP_UNVERIFIED",
  message: "KMS answered for another key than the one it was asked for",
};

interface Answer extends ReEncryptedBlob {
  /** The key that it was under. */
  readonly sourceKeyArn: string;
  /** Whether KMS names the keys that it was asked for, where it names any. */
  readonly isAsAsked: boolean;
}

/** The keys that the wrap may be under: one, where its store keeps that. */
function sourcesOf({ keyArn }: WrapRef, target: CampaignTarget, labels: WrapLabels) {
  if (keyArn !== undefined && labels.keyArn) return { sources: [keyArn], isLabelled: true };
  const configured = keyArn === undefined ? [] : [keyArn];
  return { sources: [...new Set([...configured, ...target.sources, target.keyArn])], isLabelled: false };
}

/**
 * KMS is always told which key the wrap is under; where nobody knows, it is asked for one after the other. Undefined: it is
 * under none of them, by KMS's word.
 */
async function reEncrypt(
  { blob }: WrapRef,
  { sources, isLabelled }: { readonly sources: readonly string[]; readonly isLabelled: boolean },
  targetKeyArn: string,
  context: Readonly<Record<string, string>>,
  kms: RewrapWrapDeps["kms"],
  options: RewrapWrapOptions,
): Promise<Answer | undefined> {
  for (const sourceKeyArn of sources) {
    try {
      const request = { sourceKeyArn, blob, sourceContext: context, targetKeyArn, targetContext: context };
      const answer = await kms.reEncrypt(request, { ...options, priority: "campaign" });
      return { ...answer, isAsAsked: isAnswerFor(answer, request), sourceKeyArn };
    } catch (error) {
      // Of one that a label names, it is news.
      if (!isOtherKey(error) || isLabelled) throw error;
    }
  }
  return undefined;
}

function isOtherKey(error: unknown): boolean {
  return error instanceof KmsError && error.context.reason === "IncorrectKeyException";
}

/**
 * A store without labels cannot say that a wrap is current; the source that KMS named can. So a page that is run again
 * after a crash swaps nothing twice there either, as far as KMS tells materials.
 */
function wasCurrent({ sourceKeyArn, sourceMaterial }: Answer, { target }: RewrapOrder, labels: WrapLabels) {
  if (sourceKeyArn !== target.keyArn) return undefined;
  const byMaterial = !labels.material && sourceMaterial !== undefined && sourceMaterial === target.material;
  const byKey = !labels.keyArn && target.material === undefined && !target.sources.includes(target.keyArn);
  return byMaterial || byKey ? ({ kind: "current", by: "probe" } as const) : undefined;
}

/** KMS wraps under a key's newest material, which need not be the target's (any more, or yet): no swap would help. */
function notAtTarget({ material, sourceMaterial }: Answer, target: CampaignTarget): Rewrapped | undefined {
  if (material === undefined || target.material === undefined || material === target.material) return undefined;
  const unsettled = material === sourceMaterial;
  const message = unsettled
    ? "KMS still wraps under the material from before the rotation"
    : "KMS wraps under another material than the campaign's target: the key was rotated again";
  const stop: PageStop = {
    kind: unsettled ? "later" : "pause",
    class: "target-moved",
    code: "CAMPAIGN_TARGET_MOVED",
    message,
  };
  return { kind: "stop", stop };
}

function toSwap(wrap: WrapRef, answer: Answer, { campaignId, target }: RewrapOrder, deps: RewrapWrapDeps): Rewrapped {
  const next = {
    blob: answer.blob,
    keyArn: target.keyArn,
    ...(answer.material === undefined ? {} : { material: answer.material }),
    campaign: campaignId,
    wrappedAt: deps.now().toISOString(),
  };
  return { kind: "swap", swap: { id: wrap.id, oldBlob: wrap.blob, next } };
}
