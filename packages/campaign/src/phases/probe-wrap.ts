/**
 * What a wrap really is, asked of KMS: labels are no authority.
 *
 * By dry run, KMS shows that it is under that key, with its context, and
 * undamaged. By unwrapping it, also which DEK and which material.
 */

import { KmsError } from "@dekhand/kms";
import type { CallOptions, WrapRef } from "@dekhand/store";
import { type PageStop, troubleOf, type WrapFailure } from "../page-stop.ts";
import type { ProbeBy } from "../settings.ts";
import type { WrapAccess } from "../wrap-access.ts";

export interface ProbeQuestion {
  /** The key that it should be under. */
  readonly keyArn: string;
  /** The key material that it should be under, where that is known. */
  readonly material?: string | undefined;
  readonly by: ProbeBy;
  /** Tells whether these are the right bytes, where the wrap's store cannot. */
  readonly isDek?: ((plaintext: Buffer) => boolean) | undefined;
}

/**
 * - `genuine`: it is what it should be.
 * - `different`: it is under another key, was made with another context, holds another DEK, or is damaged.
 * - `quarantined`: KMS was not asked, because the configuration does not list the key, or the context is not the wrap's.
 * - `unknown`: KMS could not say, for a reason that is this wrap's own.
 * - `stop`: nor could it for others. `cancelled`: this side wanted to end.
 */
export type Probed =
  | { readonly kind: "genuine" }
  | { readonly kind: "cancelled" }
  | {
      readonly kind: "different";
      readonly failure: WrapFailure;
      /** KMS itself says that it is under another key: neither damage nor its context is to blame. */
      readonly isOtherKey: boolean;
    }
  | { readonly kind: "quarantined" | "unknown"; readonly failure: WrapFailure }
  | { readonly kind: "stop"; readonly stop: PageStop };

/** Throws nothing but faults in the code. */
export async function probeWrap(
  wrap: WrapRef,
  { keyArn, material, by, isDek }: ProbeQuestion,
  { kms, admit, matches }: Pick<WrapAccess, "kms" | "admit" | "matches">,
  options: CallOptions = {},
): Promise<Probed> {
  const call = { ...options, priority: "campaign", deadlineMs: 300_000 } as const;
  try {
    const admission = await admit(wrap, [keyArn], options);
    if (admission.kind === "quarantined") {
      const failure = { class: "quarantined", code: "CAMPAIGN_QUARANTINED", message: admission.message };
      return { kind: "quarantined", failure };
    }
    const { context } = admission;
    const { blob } = wrap;
    if (by === "dry-run") {
      const sides = { sourceKeyArn: keyArn, sourceContext: context, targetKeyArn: keyArn, targetContext: context };
      await kms.probeReEncrypt({ ...sides, blob }, call);
      return { kind: "genuine" };
    }
    const opened = await kms.decrypt({ keyArn, blob, context }, call);
    try {
      if (material !== undefined && opened.material !== undefined && opened.material !== material) {
        return different("it is under another material than its label and the campaign's target");
      }
      const isRight = isDek?.(opened.plaintext) ?? (await matches?.(wrap.id, opened.plaintext, options)) ?? true;
      return isRight ? { kind: "genuine" } : different("the DEK in it is not the one that belongs there");
    } finally {
      opened.plaintext.fill(0);
    }
  } catch (error) {
    return fromError(error);
  }
}

function fromError(error: unknown): Probed {
  if (error instanceof KmsError && error.failureClass === "poison") {
    const reason = String(error.context.reason);
    const message = `KMS does not take it for a wrap under that key and context: ${reason}`;
    return different(message, reason === "IncorrectKeyException");
  }
  const trouble = troubleOf(error);
  return trouble.kind === "item" ? { kind: "unknown", failure: trouble.failure } : trouble;
}

function different(message: string, isOtherKey = false): Probed {
  const failure = { class: "mislabelled", code: "CAMPAIGN_WRAP_MISLABELLED", message };
  return { kind: "different", failure, isOtherKey };
}
