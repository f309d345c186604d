import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import type { CommandContext } from "../command-context.ts";
import { runDeployment } from "../embedded/run-deployment.ts";
import { startEmbedded } from "../embedded/start-embedded.ts";
import { printResult } from "./print-result.ts";
import { runDemo, succeeded } from "./run-demo.ts";
import { sampleRecords } from "./sample-records.ts";

const region = "us-east-1";
const profile = "customer-pii";

function commandContext(): CommandContext & { readonly stdout: PassThrough } {
  return {
    env: {},
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr: new PassThrough().resume(),
    signal: AbortSignal.timeout(60_000),
  };
}

async function* lines(count: number) {
  let line = 0;
  for (const record of sampleRecords(count)) {
    line += 1;
    yield { kind: "record" as const, line, record: { profile, ...record } };
  }
}

describe("runDemo", () => {
  it("does not pass over a campaign that fails: it says why, starts no other, and the records still open", async () => {
    await using embedded = await startEmbedded({ regions: [region] });
    const context = commandContext();
    await using deployment = await runDeployment(embedded, context, { campaignsEveryMs: 50 });
    embedded.aws.control.injectErrors(region, {
      service: "kms",
      operation: "ReEncrypt",
      errorName: "AccessDeniedException",
    });

    const input = { profile, lines: lines(20), total: 20 };
    const result = await runDemo(input, { embedded, deployment, context }, { campaigns: true });
    expect(result.campaigns).toMatchObject([
      {
        kind: "rotation",
        state: "failed",
        states: ["planned", "preflight", "failed"],
        counts: { swapped: 0, failures: 0 },
      },
    ]);
    expect(result.census.after).toEqual(result.census.before);
    expect(result.readAgain).toMatchObject({ opened: 20, mismatched: 0, disabledKeys: [] });
    expect(succeeded(result)).toBe(false);

    printResult(context, result);
    context.stdout.end();
    expect(await text(context.stdout)).toMatch(/new material is failed: dekhand in us-east-1: .*arn:aws:kms/);
  });
});
