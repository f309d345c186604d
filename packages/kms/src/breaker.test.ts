import { createManualClock } from "@dekhand/testing";
import { describe, expect, it } from "vitest";
import { attemptOnce } from "./attempt-once.ts";
import { type BreakerSettings, type BreakerState, createBreaker } from "./breaker.ts";
import type { KmsCall } from "./kms-call.ts";
import { failureOf, kmsAnswers, sampleCall, sampleCaller } from "./testing/sample-call.ts";

const down = "KMSInternalException";

/** A breaker around real attempts. `random` gives pauses of their full length. */
function regionBehindBreaker(settings: Partial<BreakerSettings> = {}) {
  const clock = createManualClock();
  const changes: BreakerState[] = [];
  const onChange = (state: BreakerState): void => void changes.push(state);
  const breaker = createBreaker({ clock, random: () => 1, onChange, ...settings });
  const pipe = breaker.layer(attemptOnce);
  let sent = 0;

  /** An attempt that ends when the test says so. */
  function begin(part: Partial<KmsCall<string>> = {}) {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const send = (): Promise<string> => {
      sent += 1;
      return promise;
    };
    const call = pipe(sampleCall(send, part));
    return {
      call,
      async answers() {
        resolve("answer");
        expect(await call).toBe("answer");
      },
      async fails(name = down) {
        reject(kmsAnswers(name));
        return await failureOf(call);
      },
    };
  }

  return {
    breaker,
    clock,
    changes,
    begin,
    sent: () => sent,
    async fail(times: number, name = down) {
      for (let at = 0; at < times; at += 1) await begin().fails(name);
    },
    async answer(times: number) {
      for (let at = 0; at < times; at += 1) await begin().answers();
    },
    refused: () => failureOf(begin().call),
  };
}

describe("a closed breaker", () => {
  it("opens with the tenth attempt when all failed, and not before", async () => {
    const region = regionBehindBreaker();
    await region.fail(9);
    expect(region.breaker.state()).toBe("closed");
    await region.fail(1);
    expect(region.breaker.state()).toBe("open");
    expect(region.changes).toEqual(["open"]);
  });

  it("opens when half of the attempts failed, and stays closed when fewer did", async () => {
    const region = regionBehindBreaker();
    await region.answer(10);
    await region.fail(9);
    expect(region.breaker.snapshot()).toMatchObject({ state: "closed", calls: 19, failures: 9 });
    await region.fail(1);
    expect(region.breaker.state()).toBe("open");
  });

  it.each(["ThrottlingException", "DisabledException", "AccessDeniedException", "InvalidCiphertextException"])(
    "takes %s as a sign that the Region answers",
    async (name) => {
      const region = regionBehindBreaker();
      await region.fail(50, name);
      expect(region.breaker.snapshot()).toMatchObject({ state: "closed", calls: 50, failures: 0 });
    },
  );

  it("learns nothing from callers who went away, nor from a role without credentials", async () => {
    const region = regionBehindBreaker();
    await region.fail(20, "CredentialsProviderError");
    for (let at = 0; at < 20; at += 1) {
      const caller = sampleCaller();
      const { call } = region.begin(caller.part);
      await region.clock.advance(1);
      caller.cancel();
      expect(await failureOf(call)).toMatchObject({ failureClass: "cancelled" });
    }
    expect(region.breaker.snapshot()).toMatchObject({ state: "closed", calls: 0 });
  });

  it("holds a caller's deadline against the Region only when the attempt had a fair time", async () => {
    const region = regionBehindBreaker({ slowMs: 1_000 });
    const runOutOfTime = async (ms: number): Promise<void> => {
      const callers = Array.from({ length: 10 }, sampleCaller);
      const calls = callers.map(({ part }) => failureOf(region.begin(part).call));
      await region.clock.advance(ms);
      for (const { timeIsUp } of callers) timeIsUp();
      for (const error of await Promise.all(calls)) expect(error.context.reason).toBe("DeadlineExceeded");
    };
    await runOutOfTime(999);
    expect(region.breaker.snapshot()).toMatchObject({ state: "closed", calls: 0 });
    await runOutOfTime(1_000);
    expect(region.breaker.state()).toBe("open");
  });

  it("forgets what is older than its window", async () => {
    const region = regionBehindBreaker({ windowMs: 10_000 });
    await region.fail(9);
    await region.clock.advance(5_000);
    await region.answer(8);
    await region.clock.advance(5_000);
    expect(region.breaker.snapshot()).toMatchObject({ calls: 8, failures: 0 });
    await region.fail(7);
    expect(region.breaker.state()).toBe("closed");
    await region.fail(1);
    expect(region.breaker.state()).toBe("open");
  });
});

describe("an open breaker", () => {
  it("refuses at once, sends nothing and counts only the attempts made before", async () => {
    const region = regionBehindBreaker();
    await region.fail(10);
    const error = await failureOf(region.begin({ attempt: 3 }).call);
    expect(error).toMatchObject({ code: "KMS_CIRCUIT_OPEN", failureClass: "circuit-open", retryable: true });
    expect(error.context).toMatchObject({ reason: "CircuitOpen", attempts: 2, region: "eu-west-1" });
    expect(region.sent()).toBe(10);
    expect(region.breaker.snapshot()).toMatchObject({ state: "open", opened: 1, refused: 1, openForMs: 1_000 });
  });

  it("is half-open once its pause is over, whether or not a call comes", async () => {
    const region = regionBehindBreaker();
    await region.fail(10);
    await region.clock.advance(999);
    expect(region.breaker.state()).toBe("open");
    await region.clock.advance(1);
    expect(region.breaker.state()).toBe("half-open");
    expect(region.changes).toEqual(["open", "half-open"]);
  });

  it.each([
    [0, 500],
    [0.5, 750],
    [1, 1_000],
  ])("pauses by lot between half of its time and all of it: %d gives %d ms", async (lot, ms) => {
    const region = regionBehindBreaker({ random: () => lot });
    await region.fail(10);
    expect(region.breaker.snapshot().openForMs).toBe(ms);
  });

  it("pauses twice as long after each failed probe, at most 30 s, and 1 s again once it had closed", async () => {
    const region = regionBehindBreaker();
    await region.fail(10);
    const pauses: number[] = [];
    for (let probe = 0; probe < 7; probe += 1) {
      const { openForMs } = region.breaker.snapshot();
      pauses.push(openForMs);
      await region.clock.advance(openForMs);
      await region.fail(1);
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    await region.clock.advance(30_000);
    await region.answer(1);
    await region.fail(10);
    expect(region.breaker.snapshot()).toMatchObject({ state: "open", openForMs: 1_000, opened: 9 });
  });
});

describe("a half-open breaker", () => {
  async function halfOpen() {
    const region = regionBehindBreaker();
    await region.fail(10);
    await region.clock.advance(1_000);
    return region;
  }

  it("lets one probe through at a time", async () => {
    const region = await halfOpen();
    const probe = region.begin();
    expect(await region.refused()).toMatchObject({ failureClass: "circuit-open" });
    expect(region.sent()).toBe(11);
    await probe.answers();
    await region.answer(1);
  });

  it("closes with the first answer, also a refusal by KMS, and starts counting anew", async () => {
    const region = await halfOpen();
    await region.fail(1, "ThrottlingException");
    expect(region.changes).toEqual(["open", "half-open", "closed"]);
    expect(region.breaker.snapshot()).toMatchObject({ calls: 0, failures: 0 });
    await region.fail(9);
    expect(region.breaker.state()).toBe("closed");
  });

  it.each([
    ["whose caller went away", "cancel"],
    ["whose caller had no time", "timeIsUp"],
  ] as const)("gives the place of a probe %s to the next call", async (_who, leave) => {
    const region = await halfOpen();
    const caller = sampleCaller();
    const probe = failureOf(region.begin(caller.part).call);
    caller[leave]();
    await probe;
    expect(region.breaker.state()).toBe("half-open");
    await region.answer(1);
    expect(region.breaker.state()).toBe("closed");
  });
});

describe("an attempt sent before the breaker opened", () => {
  it("neither lengthens the pause nor takes the probe's place nor counts after the closing, however late it fails", async () => {
    const region = regionBehindBreaker();
    const late = Array.from({ length: 40 }, () => region.begin());
    const failLate = async (): Promise<void> => {
      for (const attempt of late.splice(0, 10)) await attempt.fails();
    };
    await region.fail(10);
    await region.clock.advance(500);
    await failLate();
    expect(region.breaker.snapshot()).toMatchObject({ state: "open", openForMs: 500, opened: 1 });

    await region.clock.advance(500);
    await failLate();
    expect(region.breaker.state()).toBe("half-open");
    const probe = region.begin();
    await failLate();
    expect(await region.refused()).toMatchObject({ failureClass: "circuit-open" });

    await probe.answers();
    await failLate();
    expect(region.breaker.snapshot()).toMatchObject({ state: "closed", calls: 0, failures: 0, opened: 1 });
  });

  it("does not close it either: only a probe does", async () => {
    const region = regionBehindBreaker();
    const late = region.begin();
    await region.fail(10);
    await late.answers();
    expect(region.breaker.state()).toBe("open");
  });
});
