import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import type { Profile } from "@dekhand/runtime";
import { describe, expect, it } from "vitest";
import type { CommandContext } from "../command-context.ts";
import { type RunningDeployment, runDeployment } from "../embedded/run-deployment.ts";
import { startEmbedded } from "../embedded/start-embedded.ts";
import { succeeded } from "./demo-result.ts";
import { ledgerEntry } from "./input-ledger.ts";
import { printResult } from "./print-result.ts";
import { readWithoutHome } from "./read-without-home.ts";
import { runDemo } from "./run-demo.ts";
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

function profileOf({ connection: { config } }: RunningDeployment): Profile {
  return config.profiles[profile] ?? expect.fail("the profile is configured");
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

  it("does not pass over a replica Region that does not open, or does not have, every record", async () => {
    const [related, apart] = ["eu-west-1", "ap-southeast-2"] as const;
    const replicas = { [related]: "multi-region", [apart]: "encrypt" } as const;
    await using embedded = await startEmbedded({ regions: [region, related, apart], replicas });
    const context = commandContext();
    await using deployment = await runDeployment(embedded, context, { debtEveryMs: 100 });
    const deny = (there: string, operation: string) =>
      embedded.aws.control.injectErrors(there, { service: "kms", operation, errorName: "AccessDeniedException" });
    deny(related, "Decrypt");
    deny(apart, "Encrypt");

    const input = { profile, lines: lines(20), total: 20 };
    const deps = { embedded, deployment, context };
    const result = await runDemo(input, deps, { campaigns: false, stalledMs: 2_000 });
    expect(result).toMatchObject({ opened: 20, mismatched: 0 });
    expect(result.regions).toMatchObject({
      [region]: { role: "home", cutOff: true },
      [related]: { coverage: 1, opened: 0, mismatched: 20 },
      [apart]: { coverage: 0, recordsArrived: 0, records: 20, deksArrived: 0, opened: 0, mismatched: 20 },
    });
    expect(succeeded(result)).toBe(false);
    // The home is back: whoever goes on with the deployment finds it.
    expect(embedded.aws.control.faults()[region]).toMatchObject({ cut: null });

    printResult(context, result);
    context.stdout.end();
    const shown = await text(context.stdout);
    expect(shown).toMatch(/^ {2}eu-west-1 +multi-region +100 % of 20 +100 % of \d +0 +20 +[\d,]+$/m);
    expect(shown).toMatch(/^ {2}ap-southeast-2 +encrypt +0\.00 % of 20 +0\.00 % of \d +0 +20 +[\d,]+$/m);
    expect(shown).toMatch(/^ {2}eu-west-1: 20 x [A-Z_]+$/m);

    const notCut = { control: { ...embedded.aws.control, cutOff: () => undefined } };
    const none = { deks: 0, deksArrived: 0, records: 0, recordsArrived: 0 };
    const answering = await readWithoutHome(
      [...sampleRecords(1)].map((record) => ledgerEntry({ profile, ...record })),
      {
        ...{ profile: profileOf(deployment), connection: deployment.connection, context, aws: notCut },
        coverage: new Map([related, apart].map((name) => [name, none])),
      },
    );
    expect(answering[region]).toEqual({ role: "home", cutOff: false });
    expect(succeeded({ ...result, regions: { [region]: { role: "home", cutOff: false } } })).toBe(false);
  }, 60_000);
});
