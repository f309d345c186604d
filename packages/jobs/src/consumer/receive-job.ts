/** From a parsed message to a job with its payload in the clear, or to the reason why there is none. */

import type { EncryptJob, EncryptJobMessage } from "../contracts/encrypt-job.ts";
import type { ParseResult } from "../contracts/parse-encrypt-job.ts";
import { JobsError, type Rejection } from "../errors.ts";
import type { TransitKeyring } from "../transit/transit-keyring.ts";
import { openFromTransit } from "../transit/transit-seal.ts";

export type ReceivedJob =
  | { readonly ok: true; readonly job: EncryptJob }
  | { readonly ok: false; readonly rejection: Rejection };

/**
 * Opens a sealed payload. Rejects with the keyring's error where the key could
 * not be looked up: that says nothing about the job.
 */
export async function receiveJob(
  parsed: ParseResult,
  transit: TransitKeyring | undefined,
  signal: AbortSignal,
): Promise<ReceivedJob> {
  if (!parsed.ok) return parsed;
  const { message } = parsed;
  if (message.form === "plain") return { ok: true, job: { ...message.header, payload: message.payload } };
  const key = await transit?.get(message.sealed.keyId, { signal });
  if (!key) return refuse(message, "JOBS_TRANSIT_KEY_UNKNOWN", "the payload is sealed to an unknown transit key");
  try {
    return {
      ok: true,
      job: { ...message.header, payload: await openFromTransit(key, message.header, message.sealed) },
    };
  } catch (error) {
    if (error instanceof JobsError && error.code === "JOBS_TRANSIT_OPEN_FAILED") {
      return refuse(message, error.code, error.message);
    }
    throw error;
  }
}

export function refuse(
  { header }: Pick<EncryptJobMessage, "header">,
  code: Rejection["code"],
  message: string,
): { readonly ok: false; readonly rejection: Rejection } {
  return { ok: false, rejection: { code, message, jobId: header.id, recordId: header.recordId } };
}
