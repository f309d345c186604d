/**
 * Brings one DEK's wrap in one Region under its profile's current key and that
 * key's current material. The DEK itself never leaves KMS.
 *
 * What lies in the table is a label. The KMS context is computed from the DEK id
 * asked for, the profile and the scope; source and target are keys that the
 * configuration lists; KMS's answer must name both. The swap is conditional on
 * the blob that was read, so of several that come to one wrap one wins and the
 * others find it current. What a label says to be current is believed: whether
 * it is, a campaign's verification probes. A key that a campaign has left is not
 * rewrapped to: who still has it configured waits for the operator.
 *
 * In a replica Region whose key is related to home's, a wrap is a copy of home's:
 * it is brought to what home has, without KMS.
 */

import type { EncryptionContext } from "@dekhand/envelope";
import { isAnswerFor, KmsError, type KmsGovernor, type KmsPriority, type ReEncryptedBlob } from "@dekhand/kms";
import { type Clock, deadlineExceeded, deadlineIn, systemClock } from "@dekhand/runtime";
import type { CallOptions, DekStore, DekWithWrap, StateStore, StoredDek } from "@dekhand/store";
import { copyFromHome, type DekHome } from "./copy-from-home.ts";
import { DeksError } from "./errors.ts";
import type { KeyDirectory, ResolvedKey } from "./key-directory.ts";
import { ownKmsContext } from "./kms-context.ts";
import { BIRTH_DEADLINE_MS, openWrapWindow } from "./wrap-window.ts";

export interface RewrapDekDeps {
  readonly keys: Pick<KeyDirectory, "allows" | "current">;
  /** KMS and tables of the wrap's Region. */
  readonly kms: Pick<KmsGovernor, "reEncrypt" | "region">;
  readonly store: Pick<DekStore, "get" | "swapWrap" | "putWrapCopy">;
  /** Where the wraps of a profile's DEKs are made. Throws as `ProfileHomes.of`. Default: where the wrap is. */
  readonly homeOf?: (profile: string, options: CallOptions) => Promise<DekHome>;
  readonly state: Pick<StateStore, "leftKey">;
  readonly clock?: Clock;
}

export interface RewrapDekOptions extends CallOptions {
  /** Who goes first where calls wait for KMS's share. */
  readonly priority: KmsPriority;
  /** Told whose DEK it is as soon as that is known. */
  readonly onDek?: (dek: StoredDek) => void;
}

export type RewrapOutcome =
  /** The wrap is under the current key and material now. */
  | { readonly kind: "rewrapped"; readonly keyArn: string; readonly material?: string }
  /** It was already; nothing was changed. */
  | { readonly kind: "current"; readonly keyArn: string; readonly material?: string }
  /** It kept changing while this tried: later. */
  | { readonly kind: "conflict" }
  /** There is no such DEK, or no wrap of it, in this Region. */
  | { readonly kind: "not-found" }
  /** It can never succeed as it stands: for quarantine. */
  | { readonly kind: "refused"; readonly error: DeksError };

/** Readings of a wrap that somebody else keeps changing. */
const maxTries = 4;

/**
 * How old the answer to "which key is current" may be, in milliseconds. Somebody
 * who has moved an alias asks for rewraps at once: an older answer would call
 * the key that was left the current one, and the job would be done without effect.
 */
const keyAgeMs = 1_000;

/**
 * Throws KmsError, StoreError, DEKS_KEY_UNSUITABLE, DEKS_KEY_LEFT and RUNTIME_DEADLINE_EXCEEDED for what may pass, and the
 * signal's reason.
 */
export async function rewrapDek(deps: RewrapDekDeps, dekId: string, options: RewrapDekOptions): Promise<RewrapOutcome> {
  for (let tries = 1; tries <= maxTries; tries += 1) {
    const stored = await deps.store.get(dekId, deps.kms.region, options);
    if (!stored) return { kind: "not-found" };
    options.onDek?.(stored.dek);
    // Whoever changed it may know more of the key than this process does.
    const maxAgeMs = tries === 1 ? keyAgeMs : 0;
    const outcome = await rewrapOnce(deps, stored, { ...options, dekId, maxAgeMs }).catch(refused);
    if (outcome.kind !== "conflict") return outcome;
  }
  return { kind: "conflict" };
}

type OnceOptions = RewrapDekOptions & { readonly dekId: string; readonly maxAgeMs: number };

/** One reading's worth: `conflict` where the wrap was no longer as read, or is not current afterwards. */
async function rewrapOnce(deps: RewrapDekDeps, stored: DekWithWrap, options: OnceOptions): Promise<RewrapOutcome> {
  const { homeOf, kms } = deps;
  const home = await homeOf?.(stored.dek.profile, { signal: options.signal });
  const isCopy = home?.profile.replicas[kms.region]?.strategy === "multi-region";
  if (!home || !isCopy) return reEncryptOnce(deps, stored, options);
  const { kind, wrap } = await copyFromHome(stored, home, deps, { signal: options.signal });
  if (kind === "conflict" || kind === "not-found") return { kind };
  return { kind: kind === "copied" ? "rewrapped" : "current", ...labelsOf(wrap.keyArn, wrap.material) };
}

async function reEncryptOnce(
  { keys, kms, store, state, clock = systemClock }: RewrapDekDeps,
  { dek, wrap }: DekWithWrap,
  { dekId, maxAgeMs, signal, priority }: OnceOptions,
): Promise<RewrapOutcome> {
  const context = ownKmsContext(dekId, dek.profile, { dek: dek.context, wrap: wrap.context });
  if (!context) {
    throw new DeksError("DEKS_CONTEXT_MISMATCH", "DEK or wrap belongs to another DEK id, profile or scope", {
      context: { dekId },
    });
  }
  const { region } = kms;
  if (!(await keys.allows(dek.profile, wrap.keyArn, { region, signal }))) {
    throw new DeksError(
      "DEKS_KEY_NOT_ALLOWED",
      "the wrap names a KMS key that the profile does not list in this Region",
      {
        context: { dekId, keyArn: wrap.keyArn },
      },
    );
  }
  const target = await keys.current(dek.profile, { region, standalone: true, signal, maxAgeMs });
  const late = () => deadlineExceeded(BIRTH_DEADLINE_MS);
  const { leftMs } = await openWrapWindow(target.arn, { state, clock, signal, late });
  if (isCurrent(wrap, target)) return { kind: "current", ...labelsOf(target.arn, wrap.material) };

  const request = { dekId, wrap, target, context };
  const answer = await reEncrypt(kms, request, { signal, priority, deadlineMs: leftMs() });
  const labels = labelsOf(target.arn, answer.material);
  const next = { ...labels, blob: answer.blob, wrappedAt: new Date().toISOString() };
  using limit = deadlineIn(leftMs(), signal);
  switch (await store.swapWrap(dekId, region, wrap.blob, next, { signal: limit.signal })) {
    case "swapped":
      // Material that was rotated away meanwhile is not current: another reading tells.
      return answer.material !== undefined && !isCurrent(next, target)
        ? { kind: "conflict" }
        : { kind: "rewrapped", ...labels };
    case "conflict":
      return { kind: "conflict" };
    case "gone":
      return { kind: "not-found" };
  }
}

/** Where KMS does not tell the key's material, the key is all that can be compared. */
function isCurrent(wrap: { readonly keyArn: string; readonly material?: string }, target: ResolvedKey): boolean {
  return wrap.keyArn === target.arn && (target.material === undefined || wrap.material === target.material);
}

interface ReEncryptRequest {
  readonly dekId: string;
  readonly wrap: DekWithWrap["wrap"];
  readonly target: ResolvedKey;
  readonly context: EncryptionContext;
}

async function reEncrypt(
  kms: Pick<KmsGovernor, "reEncrypt">,
  { dekId, wrap, target, context }: ReEncryptRequest,
  options: Pick<RewrapDekOptions, "signal" | "priority"> & { readonly deadlineMs: number },
): Promise<ReEncryptedBlob> {
  const asked = { sourceKeyArn: wrap.keyArn, targetKeyArn: target.arn };
  const answer = await kms
    .reEncrypt({ ...asked, blob: wrap.blob, sourceContext: context, targetContext: context }, options)
    .catch((error: unknown) => {
      if (!(error instanceof KmsError) || error.failureClass !== "poison") throw error;
      throw new DeksError("DEKS_UNWRAP_REFUSED", "KMS refused the wrap", { cause: error, context: { dekId } });
    });
  if (isAnswerFor(answer, asked)) return answer;
  throw new DeksError("DEKS_REWRAP_UNVERIFIED", "KMS answered for another key than the one it was asked for", {
    context: { dekId, ...asked },
  });
}

function refused(error: unknown): RewrapOutcome {
  if (error instanceof DeksError && !error.retryable) return { kind: "refused", error };
  throw error;
}

function labelsOf(keyArn: string, material: string | undefined) {
  return { keyArn, ...(material === undefined ? {} : { material }) };
}
