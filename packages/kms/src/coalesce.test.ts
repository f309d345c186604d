import { getEventListeners } from "node:events";
import { createManualClock } from "@dekhand/testing";
import { describe, expect, it } from "vitest";
import { attemptOnce } from "./attempt-once.ts";
import { coalesce, createFlights, decryptFlightKey } from "./coalesce.ts";
import { byPriority, type CallPipe, type KmsCall } from "./kms-call.ts";
import { retryAttempts } from "./retry-attempts.ts";
import { createRetryBudget } from "./retry-budget.ts";
import { failureOf, kmsAnswers, sampleCall, sampleCaller } from "./testing/sample-call.ts";

interface Answer {
  readonly plaintext: Buffer;
}

const secret = Buffer.from("a data key in the clear");
const zeroes = Buffer.alloc(secret.length);

/** Calls through the coalescing layer; each request waits until the test answers it. */
function shared(next: CallPipe = attemptOnce) {
  let joined = 0;
  const among = createFlights<Answer>({
    copy: ({ plaintext }) => ({ plaintext: Buffer.from(plaintext) }),
    onJoin: () => {
      joined += 1;
    },
  });
  const requests: { signal: AbortSignal; answer: (answer: Answer) => void; fail: (error: Error) => void }[] = [];
  const pipe = coalesce(next);

  function call(key: string | undefined, part: Partial<KmsCall<Answer>> = {}): Promise<Answer> {
    const send = (signal: AbortSignal): Promise<Answer> => {
      const { promise, resolve, reject } = Promise.withResolvers<Answer>();
      requests.push({ signal, answer: resolve, fail: reject });
      return promise;
    };
    const wipe = ({ plaintext }: Answer): void => void plaintext.fill(0);
    return pipe(sampleCall(send, { wipe, ...part, ...(key === undefined ? {} : { flight: { key, among } }) }));
  }

  function request(at: number) {
    const found = requests[at];
    if (!found) throw new Error(`request ${at} was not sent`);
    return found;
  }

  return { call, requests, request, joined: () => joined };
}

describe("equal calls in flight", () => {
  it("share one request, and each owns its copy of the answer; the original is wiped", async () => {
    const { call, requests, request, joined } = shared();
    const calls = [call("a"), call("a"), call("a")];
    const original = Buffer.from(secret);
    request(0).answer({ plaintext: original });
    const [one, two, three] = await Promise.all(calls);
    expect(requests).toHaveLength(1);
    expect(joined()).toBe(2);
    expect(original).toEqual(zeroes);
    one?.plaintext.fill(0);
    expect(two?.plaintext).toEqual(secret);
    expect(three?.plaintext).toEqual(secret);
  });

  it("get the same failure, and the next call makes a request of its own", async () => {
    const { call, request } = shared();
    const failures = [failureOf(call("a")), failureOf(call("a"))];
    request(0).fail(kmsAnswers("InvalidCiphertextException"));
    const [one, two] = await Promise.all(failures);
    expect(one).toMatchObject({ failureClass: "poison" });
    expect(two).toBe(one);

    const next = call("a");
    request(1).answer({ plaintext: Buffer.from(secret) });
    expect((await next).plaintext).toEqual(secret);
  });

  it("that fail before anything is sent all hear of it", async () => {
    const refused = new Error("thrown, not rejected");
    const { call } = shared(() => {
      throw refused;
    });
    await expect(call("a")).rejects.toBe(refused);
    await expect(call("a")).rejects.toBe(refused);
  });

  it("are those of one key: others, and calls without a flight, go alone", async () => {
    const { call, requests, joined } = shared();
    const calls = [call("a"), call("b"), call(undefined), call(undefined)];
    expect(requests).toHaveLength(4);
    for (const { answer } of requests) answer({ plaintext: Buffer.from(secret) });
    for (const { plaintext } of await Promise.all(calls)) expect(plaintext).toEqual(secret);
    expect(joined()).toBe(0);
  });

  it("leave no listener on their signals", async () => {
    const { call, request } = shared();
    const callers = [sampleCaller(), sampleCaller()];
    const calls = callers.map(({ part }) => call("a", part));
    request(0).answer({ plaintext: Buffer.from(secret) });
    await Promise.all(calls);
    for (const { part } of callers) expect(getEventListeners(part.signal, "abort")).toHaveLength(0);
  });
});

describe("a caller that leaves", () => {
  it.each([
    ["because it cancelled", "cancel", { failureClass: "cancelled", context: { reason: "Cancelled", attempts: 1 } }],
    [
      "because its time is up",
      "timeIsUp",
      { failureClass: "transient", context: { reason: "DeadlineExceeded", attempts: 1 } },
    ],
  ] as const)("%s goes at once and ends nothing for the others, starter or not", async (_why, leave, expected) => {
    const { call, request } = shared();
    const starter = sampleCaller();
    const joiner = sampleCaller();
    const leaving = [failureOf(call("a", starter.part)), failureOf(call("a", joiner.part))];
    const staying = call("a");
    starter[leave]();
    joiner[leave]();
    for (const failure of await Promise.all(leaving)) expect(failure).toMatchObject(expected);
    expect(request(0).signal.aborted).toBe(false);
    request(0).answer({ plaintext: Buffer.from(secret) });
    expect((await staying).plaintext).toEqual(secret);
  });

  it("as the last one ends the request; a late answer is wiped, and a newcomer starts anew", async () => {
    const { call, request, joined } = shared();
    const callers = [sampleCaller(), sampleCaller()];
    const failures = callers.map(({ part }) => failureOf(call("a", part)));
    for (const { cancel } of callers) cancel();
    expect(request(0).signal.aborted).toBe(true);
    const newcomer = call("a");
    await Promise.all(failures);

    const late = Buffer.from(secret);
    request(0).answer({ plaintext: late });
    request(1).answer({ plaintext: Buffer.from(secret) });
    expect((await newcomer).plaintext).toEqual(secret);
    expect(late).toEqual(zeroes);
    expect(joined()).toBe(1);
  });

  it("and the end of the flight that it left do not take the next flight with them", async () => {
    const { call, requests, request } = shared();
    const caller = sampleCaller();
    const failure = failureOf(call("a", caller.part));
    caller.cancel();
    const second = call("a");
    request(0).fail(kmsAnswers("KMSInternalException"));
    await failure;
    await new Promise((resolve) => setImmediate(resolve));
    const third = call("a");
    expect(requests).toHaveLength(2);
    request(1).answer({ plaintext: Buffer.from(secret) });
    for (const { plaintext } of await Promise.all([second, third])) expect(plaintext).toEqual(secret);
  });

  it.each([
    ["cancelled", "cancel", "cancelled"],
    ["had waited in vain", "timeIsUp", "transient"],
  ] as const)("as the last one tells the layers below that it %s", async (_what, leave, failureClass) => {
    const ends: Promise<unknown>[] = [];
    const { call } = shared((below) => {
      const end = attemptOnce(below);
      ends.push(failureOf(end));
      return end;
    });
    const caller = sampleCaller();
    const failure = failureOf(call("a", caller.part));
    caller[leave]();
    await failure;
    expect(await Promise.all(ends)).toEqual([expect.objectContaining({ failureClass })]);
  });

  it("before it came sends nothing", async () => {
    const { call, requests } = shared();
    const caller = sampleCaller();
    caller.cancel();
    expect(await failureOf(call("a", caller.part))).toMatchObject({ failureClass: "cancelled" });
    expect(requests).toHaveLength(0);
  });
});

describe("a flight's deadline", () => {
  it("is that of whoever can wait longest, as they come and go", async () => {
    const seen: (() => number)[] = [];
    const { call, request } = shared((below) => {
      seen.push(() => below.deadlineAt);
      return attemptOnce(below);
    });
    const long = sampleCaller();
    const calls = [call("a", { deadlineAt: 20 })];
    expect(seen[0]?.()).toBe(20);
    calls.push(call("a", { deadlineAt: 10 }));
    expect(seen[0]?.()).toBe(20);
    const leaving = failureOf(call("a", { deadlineAt: 30, ...long.part }));
    expect(seen[0]?.()).toBe(30);
    long.cancel();
    await leaving;
    expect(seen[0]?.()).toBe(20);
    request(0).answer({ plaintext: Buffer.from(secret) });
    await Promise.all(calls);
  });

  it("lets a joiner have the retries that its own time allows, though the starter's time is up", async () => {
    const clock = createManualClock();
    const budgets = byPriority(createRetryBudget);
    const settings = { baseMs: 1, capMs: 1, maxAttempts: 9, random: () => 0, clock, budgets, onRetry: () => {} };
    const { call, requests, request } = shared(retryAttempts(settings)(attemptOnce));
    const starter = sampleCaller();
    const short = failureOf(call("a", { deadlineAt: 20, ...starter.part }));
    const long = call("a", { deadlineAt: 10_000 });
    await clock.advance(20);
    starter.timeIsUp();
    expect(await short).toMatchObject({ context: { reason: "DeadlineExceeded" } });
    request(0).fail(kmsAnswers("ThrottlingException"));
    await expect.poll(() => requests.length).toBe(2);
    request(1).answer({ plaintext: Buffer.from(secret) });
    expect((await long).plaintext).toEqual(secret);
  });
});

describe("the key of a Decrypt's flight", () => {
  const request = {
    keyArn: "arn:1",
    blob: Buffer.from("blob"),
    context: { tenant: "acme", user: "u1" },
    priority: "interactive",
  } as const;

  it("is equal for equal requests, in whatever order their context is written", () => {
    const other = { ...request, blob: new Uint8Array(request.blob), context: { user: "u1", tenant: "acme" } };
    expect(decryptFlightKey(other)).toBe(decryptFlightKey(request));
  });

  it.each([
    ["another key", { keyArn: "arn:2" }],
    ["another blob", { blob: Buffer.from("blob2") }],
    ["a context value more", { context: { ...request.context, more: "" } }],
    ["a context value less", { context: { tenant: "acme" } }],
    ["a context whose parts are cut elsewhere", { context: { tenant: 'acme","user', u: "1" } }],
    ["a context that swaps values", { context: { tenant: "u1", user: "acme" } }],
    ["another priority", { priority: "campaign" }],
  ] as const)("differs for %s", (_what, part) => {
    expect(decryptFlightKey({ ...request, ...part })).not.toBe(decryptFlightKey(request));
  });
});
