/**
 * A DEK's birth: from KMS to durable, within one window, and under no key that
 * a campaign has left. A DEK that comes too late is wiped unused.
 */

import { createDek, type Dek, newDekId } from "@dekhand/envelope";
import type { KmsGovernor } from "@dekhand/kms";
import { type Clock, deadlineIn, type Profile } from "@dekhand/runtime";
import type { DekStore, NewDek, StateStore, Wrap } from "@dekhand/store";
import { DeksError } from "./errors.ts";
import { kmsContext } from "./kms-context.ts";
import type { ReplicaWraps } from "./replica-wrap-birth.ts";
import { openWrapWindow } from "./wrap-window.ts";

export interface BirthRequest {
  readonly profile: Profile;
  readonly scope: Readonly<Record<string, string>>;
  readonly keyArn: string;
}

export interface BirthDeps {
  readonly kms: Pick<KmsGovernor, "generateDataKey" | "region">;
  readonly store: Pick<DekStore, "insert">;
  /** Of the key's Region, which is the DEK's. */
  readonly state: Pick<StateStore, "leftKey">;
  /** Makes the wraps of the profile's replica Regions, of which home's table gets a copy. Default: they are made later. */
  readonly replicaWraps?: Pick<ReplicaWraps, "atBirth"> | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Creates a DEK under `keyArn` and returns it once DEK and wrap are durable.
 * Throws DEKS_KEY_LEFT when a campaign has left the key, and KMS is not asked then;
 * DEKS_BIRTH_DEADLINE when an answer came after the birth deadline, KmsError and
 * RUNTIME_DEADLINE_EXCEEDED when the deadline cut a call short, StoreError as it
 * comes: all of these retryable. The key is wiped in each case.
 */
export async function bearDek(request: BirthRequest, deps: BirthDeps): Promise<Dek> {
  const { profile, scope, keyArn } = request;
  const dekId = newDekId();
  const context = kmsContext(dekId, profile.name, scope);
  const late = () =>
    new DeksError("DEKS_BIRTH_DEADLINE", "the DEK came too late and was wiped", {
      retryable: true,
      context: { dekId },
    });
  const { leftMs } = await openWrapWindow(keyArn, { ...deps, late });

  const answer = await deps.kms.generateDataKey({ keyArn, context }, { signal: deps.signal, deadlineMs: leftMs() });
  const isCopied = deps.replicaWraps !== undefined && Object.keys(profile.replicas).length > 0;
  // `createDek` wipes the bytes that it takes.
  const key = isCopied ? Uint8Array.from(answer.plaintext) : undefined;
  const dek = createDek(dekId, answer.plaintext);
  try {
    using limit = deadlineIn(leftMs(), deps.signal);
    const { signal } = limit;
    const createdAt = new Date().toISOString();
    const born: NewDek = {
      dekId,
      profile: profile.name,
      suite: 1,
      commitment: dek.commitment,
      context,
      home: profile.home,
      createdAt,
    };
    const wrap: Wrap = {
      region: deps.kms.region,
      keyArn: answer.keyArn,
      ...(answer.material === undefined ? {} : { material: answer.material }),
      blob: answer.blob,
      context,
      wrappedAt: createdAt,
    };
    const moreWraps = key && (await deps.replicaWraps?.atBirth({ profile, dek: born, wrap, key }, { signal }));
    await deps.store.insert(born, wrap, { signal, ...(moreWraps === undefined ? {} : { moreWraps }) });
    leftMs();
    return dek;
  } catch (error) {
    dek[Symbol.dispose]();
    throw error;
  } finally {
    key?.fill(0);
  }
}
