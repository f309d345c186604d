import { getEventListeners } from "node:events";
import { createManualClock } from "@dekhand/testing";
import { describe, expect, it } from "vitest";
import { attemptOnce } from "./attempt-once.ts";
import { createBreaker } from "./breaker.ts";
import { byPriority, type CallPipe, type KmsCall } from "./kms-call.ts";
import { type RetrySettings, retryAttempts } from "./retry-attempts.ts";
import { createRetryBudget } from "./retry-budget.ts";
import { failureOf, kmsAnswers, sampleCall, sampleCaller } from "./testing/sample-call.ts";

const hourMs = 3_600_000;

/** Retries around real attempts that are answered as told, with an answer or a failure's name. */
function retried(settings: Partial<RetrySettings> = {}, next: CallPipe = attemptOnce) {
  const clock = createManualClock();
  const budget = createRetryBudget();
  const waits: number[] = [];
  const waiting = Promise.withResolvers<void>();
  const pipe = retryAttempts({
    baseMs: 50,
    capMs: 2_000,
    maxAttempts: Number.POSITIVE_INFINITY,
    random: () => 0,
    clock,
    budgets: byPriority(() => budget),
    onRetry: () => waiting.resolve(),
    onWait: (ms) => void waits.push(ms),
    ...settings,
  })(next);
  let sent = 0;

  function call(answers: readonly string[], part: Partial<KmsCall<string>> = {}): Promise<string> {
    const left = [...answers];
    const send = async (): Promise<string> => {
      sent += 1;
      const answer = left.shift() ?? "answer";
      if (answer !== "answer") throw kmsAnswers(answer);
      return answer;
    };
    return pipe(sampleCall(send, part));
  }

  return { call, budget, clock, waits, waiting: waiting.promise, sent: () => sent };
}

const throttled = "ThrottlingException";
const transient = "KMSInternalException";

describe("retries", () => {
  it("that succeed cost nothing but what the failed ones among them took", async () => {
    const { call, budget } = retried();
    await call([transient]);
    expect(budget.left()).toBe(500);
    await call([transient, throttled, throttled]);
    expect(budget.left()).toBe(500 - 14 - 5);
    await call([]);
    expect(budget.left()).toBe(500 - 14 - 5 + 1);
  });

  it("end with the last failure as soon as the budget cannot pay, and begin again after successes", async () => {
    const { call, budget, sent } = retried();
    const error = await failureOf(call(Array<string>(200).fill(throttled)));
    expect(error).toMatchObject({ failureClass: "throttled", context: { attempts: 101 } });
    expect(sent()).toBe(101);
    expect(await failureOf(call([throttled]))).toMatchObject({ context: { attempts: 1 } });
    for (let success = 0; success < 5; success += 1) await call([]);
    expect(await call([throttled])).toBe("answer");
    expect(budget.left()).toBe(5);
  });

  it("that would come too late or once too often are not paid for", async () => {
    const late = retried();
    await failureOf(late.call([throttled], { deadlineAt: 0 }));
    expect(late.budget.left()).toBe(500);
    const often = retried({ maxAttempts: 2 });
    await failureOf(often.call([throttled, transient]));
    expect(often.budget.left()).toBe(495);
  });

  it("never follow what the breaker refused, and what was not sent is not paid for", async () => {
    const breaker = createBreaker({ clock: createManualClock(), random: () => 0, minimumCalls: 1 });
    const { call, budget, sent } = retried({}, breaker.layer(attemptOnce));
    const error = await failureOf(call([transient]));
    expect(error).toMatchObject({ failureClass: "circuit-open", context: { attempts: 1 } });
    expect(sent()).toBe(1);
    expect(budget.left()).toBe(500);
  });

  it("follow a deadline that moves while they are made", async () => {
    const seen: number[] = [];
    let deadlineAt = 10;
    const pipe: CallPipe = (call) => {
      deadlineAt += 10;
      seen.push(call.deadlineAt);
      return attemptOnce(call);
    };
    const moving = sampleCall(async () => {
      if (seen.length < 3) throw kmsAnswers(throttled);
      return "answer";
    });
    const call: KmsCall<string> = Object.defineProperty(moving, "deadlineAt", { get: () => deadlineAt });
    const clock = createManualClock();
    const budgets = byPriority(createRetryBudget);
    const settings = { baseMs: 1, capMs: 1, maxAttempts: 9, random: () => 0, clock, budgets, onRetry: () => {} };
    expect(await retryAttempts(settings)(pipe)(call)).toBe("answer");
    expect(seen).toEqual([20, 30, 40]);
  });
});

describe("a delay", () => {
  it("ends at once with the caller, sends and costs nothing, and tells how long it really took", async () => {
    const { call, budget, clock, waits, waiting, sent } = retried({ baseMs: hourMs, capMs: hourMs, random: () => 0.5 });
    const caller = sampleCaller();
    const failure = failureOf(call([throttled], caller.part));
    await waiting;
    await clock.advance(1_234);
    caller.cancel();
    expect(await failure).toMatchObject({ failureClass: "cancelled", context: { attempts: 1 } });
    expect(sent()).toBe(1);
    expect(budget.left()).toBe(500);
    expect(waits).toEqual([1_234]);
    expect(getEventListeners(caller.part.signal, "abort")).toHaveLength(0);
  });

  it("that the deadline ends gives the last failure", async () => {
    const { call, waiting } = retried({ baseMs: hourMs, capMs: hourMs, random: () => 0.5 });
    const caller = sampleCaller();
    const failure = failureOf(call([throttled], caller.part));
    await waiting;
    caller.timeIsUp();
    expect(await failure).toMatchObject({ failureClass: "throttled", context: { attempts: 1 } });
  });

  it("is told once for each retry", async () => {
    const { call, waits } = retried();
    await call([throttled, transient, throttled]);
    expect(waits).toHaveLength(3);
  });
});
