/**
 * Keeps a message's lease (SQS visibility, BullMQ lock) for as long as it is
 * held: renewed at half of its time, lost as soon as the queue says so or its
 * time is over on this process's own clock, whatever the queue might think.
 */

import { JobsError } from "../errors.ts";

export type RenewResult =
  /** The lease runs for its full time again, counted from before the call. */
  | "renewed"
  /** Somebody else has the message, or may have. */
  | "lost"
  /** Not known: to be tried again while time is left. */
  | "unknown";

export interface LeaseOptions {
  readonly leaseMs: number;
  /** Sends one renewal. Never rejects. `wanted` turns false when the lease has ended. */
  readonly renew: (wanted: () => boolean) => Promise<RenewResult>;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** When the lease began, by `now`. */
  readonly since: number;
}

export interface Lease {
  /** Whether the message is surely ours at this moment. */
  held(): boolean;
  /** Whether it ended without `end` being called. */
  readonly lost: boolean;
  /** Aborted with JOBS_LEASE_LOST. */
  readonly signal: AbortSignal;
  /** No renewal is begun after this. */
  end(): void;
}

export function holdLease({ leaseMs, renew, now, since }: LeaseOptions): Lease {
  const ended = new AbortController();
  let expiresAt = since + leaseMs;
  let active = true;
  let lost = false;

  const end = () => {
    active = false;
    clearTimeout(renewal);
    clearTimeout(expiry);
  };

  const lose = () => {
    if (!active) return;
    end();
    lost = true;
    ended.abort(new JobsError("JOBS_LEASE_LOST", "the lease ended before the job did", { retryable: true }));
  };

  const onExpiry = () => {
    const left = expiresAt - now();
    if (left <= 0) lose();
    else expiry = setTimeout(onExpiry, left);
  };

  const onRenewal = async () => {
    const startedAt = now();
    if (startedAt >= expiresAt) return lose();
    const result = await renew(() => active);
    if (!active) return;
    if (result === "lost") return lose();
    if (result === "renewed") expiresAt = startedAt + leaseMs;
    renewal = setTimeout(onRenewal, result === "renewed" ? nextRenewal() : leaseMs / 10);
  };

  const nextRenewal = () => Math.max(0, expiresAt - leaseMs / 2 - now());

  let renewal = setTimeout(onRenewal, nextRenewal());
  let expiry = setTimeout(onExpiry, Math.max(0, expiresAt - now()));

  return {
    held() {
      if (now() >= expiresAt) lose();
      return active;
    },
    get lost() {
      return lost;
    },
    signal: ended.signal,
    end,
  };
}
