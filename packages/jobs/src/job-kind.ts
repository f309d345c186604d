/**
 * What consumers have to know of a kind of job. Everything else about delivery
 * is the same for all kinds.
 */

import { parseJson } from "./contracts/parse-json.ts";
import type { Rejection } from "./errors.ts";

export interface JobKind<Job> {
  /** What the wire form's `kind` says. */
  readonly name: string;
  /** Judges what a message held. Never throws on any input: a message that did would come back for ever. */
  parse(value: unknown): ParsedJob<Job>;
}

export interface Refused {
  readonly ok: false;
  readonly rejection: Rejection;
}

export type ParsedJob<Job> = { readonly ok: true; readonly message: JobMessage<Job> } | Refused;

/** A message that follows its contract, before its job is opened. */
export interface JobMessage<Job> {
  /** Kept with a rejection, whoever rejects it. */
  readonly ids: Pick<Rejection, "jobId" | "recordId">;
  /** Bytes of payload that it holds. */
  readonly bytes: number;
  /** Why it may not lie in Redis, where that is so. Its data is overwritten there at once. */
  readonly unfitForRedis?: Rejection;
  /** The job, or why there is none. Rejects where that cannot be found out now: this says nothing about the job. */
  open(options: { readonly signal: AbortSignal }): Promise<OpenedJob<Job>>;
  /** Overwrites what of it is in the clear. For a job that no handler gets: the others are their handler's. */
  wipe(): void;
}

export type OpenedJob<Job> = { readonly ok: true; readonly job: Job } | Refused;

/** What `parse` says to a message's text. Never throws where `parse` does not. */
export function parseMessage<Parsed>(text: string, parse: (value: unknown) => Parsed): Parsed | Refused {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    return { ok: false, rejection: { code: "JOBS_JSON_INVALID", message: "the message is not JSON" } };
  }
  return parse(value);
}
