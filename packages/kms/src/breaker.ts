/**
 * Stops sending to a Region that does not answer, and finds out when it does again.
 *
 * One breaker serves one governor, so one Region. An attempt that ended says
 * - `answered`: the Region is there. A refusal (throttled, denied, poison and so on) says so as well as a success does;
 * - `failed`: it failed transiently;
 * - `nothing`: its caller went away, or had too little time to say anything of the Region, or there were no credentials
 *   to send it with.
 *
 * Transitions:
 * - closed -> open: a failure ends, and of the attempts within the window, at least `minimumCalls`, at least half failed;
 * - open -> half-open: the pause is over;
 * - half-open -> closed: the probe was answered. The window starts empty, and the next pause is the shortest again;
 * - half-open -> open: the probe failed. The pause doubles, up to its cap;
 * - half-open -> half-open: the probe says nothing; its place is free for the next call.
 *
 * An attempt speaks only in the stretch of one state in which it was sent. So what was sent before the breaker opened
 * neither lengthens the pause nor decides the probe nor counts after the closing, however late it ends.
 *
 * A refused call fails with `circuit-open` and is left to the caller: another Region, or the message is held.
 */
import type { Clock } from "@dekhand/runtime";
import { KmsError } from "./errors.ts";
import type { CallLayer, KmsCall } from "./kms-call.ts";
import { createOutcomeWindow, type OutcomeWindow } from "./outcome-window.ts";

export type BreakerState = "closed" | "open" | "half-open";

export interface BreakerSettings {
  readonly clock: Pick<Clock, "monotonic">;
  /** Uniform in [0, 1): a pause lasts between half of its length and all of it, so that a fleet does not return together. */
  readonly random: () => number;
  /** Told each new state, after it has begun. */
  readonly onChange?: (state: BreakerState) => void;
  /** Milliseconds that an outcome counts for. Default 10,000. */
  readonly windowMs?: number;
  /** Outcomes within the window below which it never opens. Default 10. */
  readonly minimumCalls?: number;
  /** The first pause, in milliseconds. Default 1,000. */
  readonly openMs?: number;
  /** The longest pause, in milliseconds. Default 30,000. */
  readonly maxOpenMs?: number;
  /** Milliseconds of an attempt from which its caller's deadline counts as the Region's failure. Default 1,000. */
  readonly slowMs?: number;
}

export interface Breaker {
  /** Its place is around one HTTP attempt. A refused call throws KmsError `circuit-open`, and nothing is sent. */
  readonly layer: CallLayer;
  /** Before a call waits for its turn: one that would be refused by then is refused now, and takes nobody's turn. */
  readonly gate: CallLayer;
  /** `half-open` as soon as the pause is over, also when no call has come since. */
  state(): BreakerState;
  snapshot(): BreakerSnapshot;
}

export interface BreakerSnapshot {
  readonly state: BreakerState;
  /** Attempts that count within the window; 0 unless closed. */
  readonly calls: number;
  /** Those of them that failed transiently. */
  readonly failures: number;
  /** Milliseconds until a probe is let through; 0 unless open. */
  readonly openForMs: number;
  /** How often it opened, after failed probes included, since it was made. */
  readonly opened: number;
  /** Calls refused since it was made. */
  readonly refused: number;
}

/** A new object for each stretch of a state: an attempt keeps the one it was sent in. */
type Circuit =
  | { readonly state: "closed"; readonly window: OutcomeWindow }
  | { readonly state: "open"; readonly pauseMs: number; readonly untilMs: number }
  | { readonly state: "half-open"; readonly pauseMs: number; probing: boolean };

type Verdict = "answered" | "failed" | "nothing";

export function createBreaker(settings: BreakerSettings): Breaker {
  const { clock, random, onChange, windowMs = 10_000, minimumCalls = 10 } = settings;
  const { openMs = 1_000, maxOpenMs = 30_000, slowMs = 1_000 } = settings;
  let circuit: Circuit = closed();
  let opened = 0;
  let refused = 0;

  function closed(): Circuit {
    return { state: "closed", window: createOutcomeWindow(windowMs, clock) };
  }

  function enter(next: Circuit): void {
    circuit = next;
    onChange?.(next.state);
  }

  function open(pauseMs: number): void {
    opened += 1;
    enter({ state: "open", pauseMs, untilMs: clock.monotonic() + pauseMs * (0.5 + random() / 2) });
  }

  function current(): Circuit {
    if (circuit.state === "open" && clock.monotonic() >= circuit.untilMs) {
      enter({ state: "half-open", pauseMs: circuit.pauseMs, probing: false });
    }
    return circuit;
  }

  function learn(sentIn: Circuit, verdict: Verdict): void {
    if (circuit !== sentIn) return;
    if (sentIn.state === "half-open") {
      sentIn.probing = false;
      if (verdict === "answered") enter(closed());
      if (verdict === "failed") open(Math.min(maxOpenMs, sentIn.pauseMs * 2));
    }
    if (sentIn.state === "closed" && verdict !== "nothing") {
      sentIn.window.add(verdict === "failed");
      if (verdict === "failed" && mostFailed(sentIn.window)) open(openMs);
    }
  }

  function mostFailed(window: OutcomeWindow): boolean {
    const { calls, failures } = window.counts();
    return calls >= minimumCalls && failures * 2 >= calls;
  }

  return {
    gate: (next) => async (call) => {
      if (current().state === "open") {
        refused += 1;
        throw refusal(call);
      }
      return await next(call);
    },
    layer: (next) => async (call) => {
      const sentIn = current();
      if (sentIn.state === "open" || (sentIn.state === "half-open" && sentIn.probing)) {
        refused += 1;
        throw refusal(call);
      }
      if (sentIn.state === "half-open") sentIn.probing = true;
      const startedAt = clock.monotonic();
      let verdict: Verdict = "answered";
      try {
        return await next(call);
      } catch (error) {
        verdict = verdictOn(error, clock.monotonic() - startedAt >= slowMs);
        throw error;
      } finally {
        learn(sentIn, verdict);
      }
    },
    state: () => current().state,
    snapshot() {
      const now = current();
      const counts = now.state === "closed" ? now.window.counts() : { calls: 0, failures: 0 };
      const openForMs = now.state === "open" ? now.untilMs - clock.monotonic() : 0;
      return { state: now.state, ...counts, openForMs, opened, refused };
    },
  };
}

/** Where no credentials were to be had, nothing was sent, although the failure is a kind of `denied`. */
const neverSent: ReadonlySet<unknown> = new Set(["CredentialsProviderError", "TokenProviderError"]);

function verdictOn(error: unknown, hadFairTime: boolean): Verdict {
  if (!(error instanceof KmsError) || error.failureClass === "cancelled") return "nothing";
  const { reason } = error.context;
  if (neverSent.has(reason)) return "nothing";
  if (error.failureClass !== "transient") return "answered";
  return reason === "DeadlineExceeded" && !hadFairTime ? "nothing" : "failed";
}

function refusal<T>({ operation, region, attempt }: KmsCall<T>): KmsError {
  const failureClass = "circuit-open";
  return new KmsError({ failureClass, operation, region, reason: "CircuitOpen", attempts: attempt - 1 });
}
