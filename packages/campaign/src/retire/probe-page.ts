import type { KmsGovernor } from "@dekhand/kms";
import type { WrapPage, WrapRef, WrapStore } from "@dekhand/store";
import type { AdmitWrap } from "../admit-wraps.ts";
import { type PageStop, troubleOf } from "../page-stop.ts";
import { type Probed, probeWrap } from "../phases/probe-wrap.ts";
import { type ItemEnd, workSideBySide } from "../phases/work-side-by-side.ts";
import type { WrapFinding } from "./probe-findings.ts";

export interface ProbedPage {
  readonly kind: "probed";
  /** Wraps, and what cannot be read as one. */
  readonly items: number;
  readonly under: readonly WrapFinding[];
  readonly unknown: readonly WrapFinding[];
  /** Absent: the segment is done. */
  readonly cursor?: string;
}

/** The page proves nothing; `error` is what the store failed with. */
interface StoppedPage {
  readonly kind: "stopped";
  readonly stop: PageStop;
  readonly error?: unknown;
}

export interface PageQuestion {
  readonly keyArn: string;
  readonly store: Pick<WrapStore, "name" | "region" | "scan">;
  readonly kms: KmsGovernor;
  readonly admit: AdmitWrap;
}

const pageSize = 200;
/** Of each segment. */
const callsAtOnce = 16;

/** Throws the signal's reason, and StoreErrors that no later try would mend. */
export async function probePage(
  { index, of, cursor }: { readonly index: number; readonly of: number; readonly cursor: string | undefined },
  question: PageQuestion,
  signal: AbortSignal,
): Promise<ProbedPage | StoppedPage> {
  const { store } = question;
  const scanned = await scan({ index, of, cursor }, store, signal);
  if ("stop" in scanned) return scanned;
  const { wraps, malformed } = scanned;

  const under: WrapFinding[] = [];
  const finding = (id: string, message: string) => ({ store: store.name, region: store.region, id, message });
  const unknown: WrapFinding[] = malformed.map(({ id, reason }) => finding(id, `it cannot be read: ${reason}`));
  const end = await workSideBySide(wraps, callsAtOnce, signal, async (wrap): Promise<ItemEnd> => {
    const probed = await probeWrap(wrap, { keyArn: question.keyArn, by: "dry-run" }, question, { signal });
    if (probed.kind === "stop") return { kind: "stopped", stop: probed.stop };
    if (probed.kind === "cancelled") return "cancelled";
    if (probed.kind === "genuine") under.push(finding(wrap.id, "it is under the key"));
    else {
      const why = whyUnknown(wrap, probed, question.keyArn);
      if (why !== undefined) unknown.push(finding(wrap.id, why));
    }
    return undefined;
  });
  signal.throwIfAborted();
  if (end?.kind === "stopped") return end;
  const next = scanned.cursor === undefined ? {} : { cursor: scanned.cursor };
  return { kind: "probed", items: wraps.length + malformed.length, under, unknown, ...next };
}

/** Undefined: KMS says that it is under another key, and its label does not say otherwise. */
function whyUnknown(
  { keyArn: label }: WrapRef,
  probed: Extract<Probed, { readonly failure: unknown }>,
  keyArn: string,
): string | undefined {
  if (probed.kind !== "different" || !probed.isOtherKey) return probed.failure.message;
  return label === keyArn ? "its label names the key, and KMS says that it is under another one" : undefined;
}

async function scan(
  { index, of, cursor }: { readonly index: number; readonly of: number; readonly cursor: string | undefined },
  store: Pick<WrapStore, "scan">,
  signal: AbortSignal,
): Promise<WrapPage | StoppedPage> {
  const from = cursor === undefined ? {} : { cursor };
  try {
    return await store.scan({ index, of }, { pageSize, consistent: true, signal, ...from });
  } catch (error) {
    signal.throwIfAborted();
    const trouble = troubleOf(error);
    if (trouble.kind !== "stop") throw error;
    return { kind: "stopped", stop: trouble.stop, error };
  }
}
