import { DekhandError } from "@dekhand/errors";
import { createLogger } from "@dekhand/runtime";
import { describe, expect, it } from "vitest";
import { sampleJob, sealedWire } from "../contract/sample-jobs.ts";
import { encodeEncryptJob } from "../contracts/encode-encrypt-job.ts";
import type { EncryptJob } from "../contracts/encrypt-job.ts";
import { encryptJobs } from "../contracts/encrypt-jobs.ts";
import type { Delivery } from "../delivery.ts";
import { parseMessage } from "../job-kind.ts";
import { createTransitFixture } from "../testing/transit-fixture.ts";
import type { TransitKeyring } from "../transit/transit-keyring.ts";
import { type DeliveryRun, runDelivery } from "./run-delivery.ts";

class KeyRefused extends DekhandError<"TEST_REFUSED"> {}

const fixture = createTransitFixture();
const forever = new AbortController().signal;

const parsePlain = () => parseMessage(encodeEncryptJob(sampleJob()).body, encryptJobs().parse);

/** A sealed job, its keys as `get` gives them. */
async function parseSealed(get: TransitKeyring["get"]) {
  const transit = { get, close: () => undefined };
  return encryptJobs({ transit }).parse(await sealedWire(fixture.transit, sampleJob()));
}

function run(parts: Partial<DeliveryRun<EncryptJob>>) {
  return runDelivery({
    parsed: parsePlain(),
    handler: async () => ({ kind: "done" }),
    attempt: 1,
    source: "sqs",
    lease: forever,
    drain: forever,
    abandon: forever,
    handlerTimeoutMs: 10_000,
    logger: createLogger({ service: "test", level: "silent" }),
    ...parts,
  });
}

describe("a delivery", () => {
  it("whose transit key only an operator can mend is handed back for longer each time", async () => {
    const get = async () => {
      throw new KeyRefused("TEST_REFUSED", "not with this key");
    };
    const parsed = await parseSealed(get);
    const afterMs: number[] = [];
    for (const attempt of [1, 2, 9]) {
      const result = await run({ parsed, attempt });
      expect(result).toMatchObject({ kind: "retry", reason: "TEST_REFUSED" });
      if (result.kind === "retry") afterMs.push(result.afterMs / 60_000);
    }
    expect(afterMs).toEqual([15, 30, 360]);
  });

  it("stops waiting for a transit key when its lease is lost", async () => {
    const lease = new AbortController();
    const get = () => {
      lease.abort(new KeyRefused("TEST_REFUSED", "lease over"));
      throw new KeyRefused("TEST_REFUSED", "away", { retryable: true });
    };
    const result = run({ parsed: await parseSealed(get), lease: lease.signal });
    expect(await result).toEqual({ kind: "retry", afterMs: 0, reason: "TEST_REFUSED" });
  });

  it("whose signal is aborted before its handler ran is not handled, and its payload is wiped", async () => {
    const parsed = parsePlain();
    let handled = false;
    const handler = async () => {
      handled = true;
      return { kind: "done" } as const;
    };
    expect(await run({ parsed, handler, drain: AbortSignal.abort() })).toMatchObject({ kind: "retry", afterMs: 0 });
    expect(handled).toBe(false);
    const opened = parsed.ok ? await parsed.message.open({ signal: forever }) : parsed;
    expect(opened.ok && opened.job.payload.every((byte) => byte === 0)).toBe(true);
  });

  it("ends when it is abandoned, whatever its handler does", async () => {
    const abandon = new AbortController();
    const started = Promise.withResolvers<Delivery<EncryptJob>>();
    const handler = (delivery: Delivery<EncryptJob>) => {
      started.resolve(delivery);
      return new Promise<never>(() => undefined);
    };
    const result = run({ handler, abandon: abandon.signal });
    await started.promise;
    abandon.abort();
    expect(await result).toEqual({ kind: "retry", afterMs: 0, reason: "JOBS_DRAINING" });
  });

  it("whose handler throws, even before it returns a promise, comes again after a growing, random delay", async () => {
    const handler = () => {
      throw new Error("handler fault");
    };
    for (const attempt of [1, 8]) {
      const result = await run({ handler, attempt });
      expect(result).toMatchObject({ kind: "retry", reason: "JOBS_HANDLER_FAILED" });
      if (result.kind === "retry") expect(result.afterMs).toBeLessThanOrEqual(2_000 * 2 ** (attempt - 1));
    }
  });
});
