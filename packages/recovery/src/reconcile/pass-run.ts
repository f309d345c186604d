/** What the parts of one pass share. */

import { createHash } from "node:crypto";
import { admitOwnWraps, probeWrap } from "@dekhand/campaign";
import { createDecryptDeks, type DecryptDeks } from "@dekhand/deks";
import { open } from "@dekhand/envelope";
import { DekhandError } from "@dekhand/errors";
import { type Profile, systemClock } from "@dekhand/runtime";
import type { CallOptions, StoredDek, StoredRecord, StoredWrap } from "@dekhand/store";
import { RecoveryError } from "../errors.ts";
import { createFindings, type Findings } from "./findings.ts";
import { createKnownDebt, type KnownDebt } from "./known-debt.ts";
import type { ReconcileDeps, ReconcileRegion, ReconcileScope } from "./reconcile-types.ts";

/**
 * - `genuine`, `damaged`: KMS takes it, or does not take it, for a wrap of that DEK under the key that its label names.
 * - `unproven`: KMS stumbles over this one.
 */
export type WrapProof = "genuine" | "damaged" | "unproven";

export interface PassRun extends Disposable {
  readonly scope: ReconcileScope;
  readonly deps: ReconcileDeps;
  readonly home: ReconcileRegion;
  readonly target: ReconcileRegion;
  readonly findings: Findings;
  readonly debt: KnownDebt;
  /** The wall clock, in milliseconds. */
  now(): number;
  /** The profile with its home there, where it is one of those that the pass is about. */
  inScope(profile: string, options: CallOptions): Promise<Profile | undefined>;
  /** Whether KMS is to be asked about this DEK's wraps though nothing seems wrong with them. */
  isSampled(dekId: string): boolean;
  /** Asks KMS about a wrap. Throws RECOVERY_PROBE_STOPPED where it cannot be asked about any, and the signal's reason. */
  prove(wrap: StoredWrap, options: CallOptions): Promise<WrapProof>;
  /**
   * Why the Region's DEK does not unwrap to what it commits to, or the record does not open there; undefined: it does.
   * Throws what may pass, and the signal's reason.
   */
  whyNotUnwrapped(region: string, dek: StoredDek, options: CallOptions): Promise<string | undefined>;
  whyNotOpened(region: string, record: StoredRecord, options: CallOptions): Promise<string | undefined>;
}

export interface PassSettings {
  readonly probe: number;
  /** Of the pass: it decides which wraps are sampled. */
  readonly startedAt: string;
}

export function createPassRun(scope: ReconcileScope, deps: ReconcileDeps, settings: PassSettings): PassRun {
  const { profiles, homes, keys, regionOf, logger, metrics } = deps;
  const home = regionOf(scope.home);
  const opened = new Map<string, DecryptDeks>();

  /** For the few cases in which two Regions disagree and only opening tells who is right. */
  const deksOf = (region: string): DecryptDeks => {
    const { kms, stores } = regionOf(region);
    const patient: Pick<typeof kms, "decrypt"> = {
      decrypt: (request, options) => kms.decrypt(request, { ...options, priority: "campaign" }),
    };
    const known =
      opened.get(region) ??
      createDecryptDeks({ region, keys, kms: patient, store: stores.deks, metrics, maxDeks: 100, lifetimeMs: 60_000 });
    opened.set(region, known);
    return known;
  };

  return {
    scope,
    deps,
    home,
    target: regionOf(scope.region),
    findings: createFindings({ logger, metrics }),
    debt: createKnownDebt(home.stores.state, scope.region),
    now: () => (deps.clock ?? systemClock).now(),
    async inScope(name, options) {
      if (!Object.hasOwn(profiles, name)) return undefined;
      const { profile } = await homes.of(name, options);
      const isOurs = profile.home === scope.home && Object.hasOwn(profile.replicas, scope.region);
      return isOurs ? profile : undefined;
    },
    isSampled(dekId) {
      if (settings.probe <= 0 || settings.probe >= 1) return settings.probe >= 1;
      const drawn = createHash("sha256").update(`${settings.startedAt} ${dekId}`).digest().readUInt32BE(0);
      return drawn < settings.probe * 2 ** 32;
    },
    async prove(wrap, options) {
      const { region, dekId, keyArn, blob, context } = wrap;
      const { kms } = regionOf(region);
      const admit = admitOwnWraps({ profiles, keys, region });
      const asked = { id: dekId, keyArn, blob, context };
      const probed = await probeWrap(asked, { keyArn, by: "dry-run" }, { kms, admit }, options);
      switch (probed.kind) {
        case "genuine":
          return "genuine";
        case "different":
        case "quarantined":
          return "damaged";
        case "unknown":
          return "unproven";
        case "cancelled":
          options.signal?.throwIfAborted();
          throw stopped(region, "RUNTIME_DEADLINE_EXCEEDED");
        case "stop":
          throw stopped(region, probed.stop.code);
      }
    },
    whyNotUnwrapped: (region, dek, options) =>
      whyNot(async () => {
        using _lease = await deksOf(region).acquire({ dekId: dek.dekId, context: dek.context }, options);
      }),
    whyNotOpened: (region, record, options) =>
      whyNot(async () => {
        const { dekId, recordId, context, contentType, revision, epoch, envelope } = record;
        using lease = await deksOf(region).acquire({ dekId, context }, options);
        const bound = { recordId, context, contentType, epoch, ...(revision === undefined ? {} : { revision }) };
        open(lease.dek, envelope, bound).fill(0);
      }),
    [Symbol.dispose]() {
      for (const deks of opened.values()) deks.close();
    },
  };
}

async function whyNot(attempt: () => Promise<void>): Promise<string | undefined> {
  try {
    await attempt();
    return undefined;
  } catch (error) {
    if (!(error instanceof DekhandError) || error.retryable) throw error;
    return error.code;
  }
}

function stopped(region: string, code: string): RecoveryError {
  const message = "KMS cannot be asked about wraps in that Region for now";
  return new RecoveryError("RECOVERY_PROBE_STOPPED", message, { retryable: true, context: { region, code } });
}
