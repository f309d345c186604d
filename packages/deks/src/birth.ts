/**
 * A DEK's birth: from KMS to durable, within one deadline.
 *
 * The deadline is what a campaign's closing census waits for: a worker that
 * still held an old key's DEK after it could otherwise make that DEK durable
 * behind the census. A DEK that comes too late is wiped unused.
 */

import { createDek, type Dek, newDekId } from "@dekhand/envelope";
import type { KmsGovernor } from "@dekhand/kms";
import { type Clock, deadlineIn, type Profile } from "@dekhand/runtime";
import type { DekStore } from "@dekhand/store";
import { DeksError } from "./errors.ts";
import { kmsContext } from "./kms-context.ts";

/** From before GenerateDataKey until DEK and wrap are durable, in milliseconds. */
export const BIRTH_DEADLINE_MS = 30_000;

export interface BirthRequest {
  readonly profile: Profile;
  readonly scope: Readonly<Record<string, string>>;
  readonly keyArn: string;
}

export interface BirthDeps {
  readonly kms: Pick<KmsGovernor, "generateDataKey" | "region">;
  readonly store: Pick<DekStore, "insert">;
  readonly clock: Pick<Clock, "monotonic">;
  readonly signal: AbortSignal;
}

/**
 * Creates a DEK under `keyArn` and returns it once DEK and wrap are durable.
 * Throws DEKS_BIRTH_DEADLINE when an answer came after the birth deadline,
 * KmsError and RUNTIME_DEADLINE_EXCEEDED when the deadline cut a call short,
 * StoreError as it comes: all of these retryable. The key is wiped in each case.
 */
export async function bearDek(request: BirthRequest, deps: BirthDeps): Promise<Dek> {
  const { profile, scope, keyArn } = request;
  const deadline = deps.clock.monotonic() + BIRTH_DEADLINE_MS;
  const dekId = newDekId();
  const context = kmsContext(dekId, profile.name, scope);

  const left = () => {
    const ms = deadline - deps.clock.monotonic();
    if (ms <= 0)
      throw new DeksError("DEKS_BIRTH_DEADLINE", "the DEK came too late and was wiped", {
        retryable: true,
        context: { dekId },
      });
    return ms;
  };

  const answer = await deps.kms.generateDataKey({ keyArn, context }, { signal: deps.signal, deadlineMs: left() });
  const dek = createDek(dekId, answer.plaintext);
  try {
    using limit = deadlineIn(left(), deps.signal);
    const createdAt = new Date().toISOString();
    await deps.store.insert(
      {
        dekId,
        profile: profile.name,
        suite: 1,
        commitment: dek.commitment,
        context,
        home: profile.home,
        createdAt,
      },
      {
        region: deps.kms.region,
        keyArn: answer.keyArn,
        ...(answer.material === undefined ? {} : { material: answer.material }),
        blob: answer.blob,
        context,
        wrappedAt: createdAt,
      },
      { signal: limit.signal },
    );
    left();
    return dek;
  } catch (error) {
    dek[Symbol.dispose]();
    throw error;
  }
}
