import { writeFile } from "node:fs/promises";
import type { ClientOptions } from "@dekhand/client";
import { createLogger, createMetrics } from "@dekhand/runtime";
import { createManualClock, eventually, tempDir } from "@dekhand/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  context,
  home,
  independent,
  type Region,
  type ReplicaRegions,
  regions,
  related,
  startReplicaRegions,
} from "./stack/replica-regions.ts";
import { runCommand } from "./stack/run-command.ts";

let stack: ReplicaRegions;
beforeAll(async () => {
  stack = await startReplicaRegions();
});
afterAll(() => stack?.[Symbol.asyncDispose]());
beforeEach(() => {
  stack.aws.control.clearFaults();
  stack.aws.control.resetCounts();
});

/** A client that has what it counts and logs at hand; its pauses pass by hand, and are as long as they may be. */
function openObserved(options: Partial<ClientOptions> = {}) {
  const metrics = createMetrics({ service: "test" });
  const lines: string[] = [];
  const logger = createLogger({
    service: "test",
    level: "info",
    destination: { write: (line: string) => void lines.push(line) },
  });
  const clock = createManualClock();
  const client = stack.openClient({ metrics, logger, clock, random: () => 0.999_999, ...options });
  const counted = async (name: string, labels: Readonly<Record<string, string>>) => {
    const series = (await metrics.render()).split("\n").filter((line) => line.startsWith(`dekhand_${name}{`));
    const wanted = series.filter((line) =>
      Object.entries(labels).every(([key, value]) => line.includes(`${key}="${value}"`)),
    );
    return wanted.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
  };
  return { client, clock, counted, logs: () => lines.join("") };
}

/** Every call to the Region's DynamoDB fails, and is counted: a Region that is cut off counts nothing. */
const failTables = (region: Region) =>
  stack.aws.control.injectErrors(region, { service: "dynamodb", errorName: "InternalServerError", status: 500 });

async function newRecord(): Promise<string> {
  return stack.store(await stack.newDek());
}

describe("a client", () => {
  it.each(regions)("that reads in %s asks no other Region for anything", async (region) => {
    const recordId = await newRecord();
    stack.aws.control.resetCounts();
    const { client } = openObserved({ region });
    const { payload, region: from } = await client.read(recordId, context);
    expect([payload.toString(), from]).toEqual([recordId, region]);
    expect(stack.calls(region, "Decrypt")).toBe(1);
    for (const other of regions.filter((each) => each !== region)) expect(stack.calls(other)).toBe(0);
  });

  it("calls no Region's KMS for a wrap that names another Region's key", async () => {
    const dek = await stack.newDek({ wrap: (wrap) => ({ ...wrap, keyArn: stack.keyArn(home) }) });
    const recordId = await stack.store(dek);
    stack.aws.control.resetCounts();
    const { client } = openObserved({ region: related });
    expect(await client.read(recordId, context)).toMatchObject({ region: home });
    expect(stack.calls(related, "Decrypt")).toBe(0);
    expect(stack.calls(home, "Decrypt")).toBe(1);
  });

  it("looks only where it is told to: in the listed Regions, and in the homes for a read that insists on them", async () => {
    const recordId = await stack.store(await stack.newDek(), { regions: [related] });
    const { client } = openObserved({ region: related });
    expect(await client.read(recordId, context)).toMatchObject({ region: related });
    for (const from of ["home", [independent]] as const) {
      const absent = client.read(recordId, context, { from });
      await expect(absent).rejects.toMatchObject({ code: "CLIENT_RECORD_NOT_FOUND" });
    }
    const { client: narrow } = openObserved({ read: [home, independent] });
    await expect(narrow.read(recordId, context)).rejects.toMatchObject({ code: "CLIENT_RECORD_NOT_FOUND" });
  });
});

describe("a read falls back", () => {
  it("on a Region that is cut off", async () => {
    const recordId = await newRecord();
    const { client, counted } = openObserved();
    stack.aws.control.cutOff(home, true);
    expect((await client.read(recordId, context)).payload.toString()).toBe(recordId);
    stack.aws.control.cutOff(related, true);
    expect(await client.read(recordId, context)).toMatchObject({ region: independent });
    expect(await counted("client_fallbacks_total", { from: home, to: related })).toBe(1);
    expect(await counted("client_fallbacks_total", { from: home, to: independent })).toBe(1);
    expect(await counted("client_region_bad", { region: home })).toBe(1);
  });

  // Connections that nobody answers last for 30 s.
  it.each([
    ["does not answer at all", () => stack.aws.control.cutOff(home, true, { mode: "hang" })],
    ["has tables that answer late", () => stack.aws.control.setLatency(home, 60_000, { service: "dynamodb" })],
    ["has a KMS that answers late", () => stack.aws.control.setLatency(home, 60_000, { service: "kms" })],
  ])("within the time that a Region has, where it %s", async (_, fault) => {
    const recordId = await newRecord();
    const { client, counted } = openObserved({ regionTimeoutMs: 200 });
    fault();
    const startedAt = performance.now();
    expect(await client.read(recordId, context)).toMatchObject({ region: related });
    expect(performance.now() - startedAt).toBeLessThan(8_000);
    expect(await counted("client_reads_total", { region: home, outcome: "bad" })).toBe(1);
  });

  it("on a Region that is throttled, which is not taken for one in trouble", async () => {
    const recordId = await newRecord();
    const { client, counted } = openObserved({ regionTimeoutMs: 200 });
    stack.aws.control.setQuota(home, "crypto", 0);
    expect(await client.read(recordId, context)).toMatchObject({ region: related });
    expect(await counted("client_reads_total", { region: home, outcome: "busy" })).toBe(1);
    expect(await counted("client_region_bad", {})).toBe(0);
  });

  it("on a Region that has the record's head and DEK, and not the wrap", async () => {
    const recordId = await stack.store(await stack.newDek({ wraps: [home] }));
    const { client, counted } = openObserved({ region: independent });
    expect(await client.read(recordId, context)).toMatchObject({ region: home });
    expect(await counted("client_reads_total", { region: independent, outcome: "incomplete" })).toBe(1);
    expect(await counted("client_region_bad", {})).toBe(0);
    stack.aws.control.cutOff(home, true);
    await expect(client.read(recordId, context)).rejects.toMatchObject({ retryable: true });
  });

  it("on a damaged envelope, which is counted and logged", async () => {
    const recordId = await stack.store(await stack.newDek(), {
      envelope(envelope, region) {
        const last = envelope.length - 1;
        if (region === related) envelope.writeUInt8(envelope.readUInt8(last) ^ 1, last);
        return envelope;
      },
    });
    const { client, counted, logs } = openObserved({ region: related });
    expect(await client.read(recordId, context)).toMatchObject({ region: home });
    expect(await counted("client_reads_total", { region: related, outcome: "damaged" })).toBe(1);
    expect(logs()).toContain("ENVELOPE_AUTHENTICATION_FAILED");
    const there = client.read(recordId, context, { from: [related] });
    await expect(there).rejects.toMatchObject({ code: "ENVELOPE_AUTHENTICATION_FAILED" });
  });

  it("on a key that is not to be used, for the records of that key alone", async () => {
    const recordId = await newRecord();
    const { client, counted } = openObserved();
    stack.aws.control.injectErrors(home, { operation: "Decrypt", errorName: "DisabledException" });
    expect(await client.read(recordId, context)).toMatchObject({ region: related });
    expect(await counted("client_region_bad", {})).toBe(0);
  });
});

describe("a Region in trouble", () => {
  it("is asked nothing while others answer, then by one probe at a time, and everything once it is back", async () => {
    const recordIds = [await newRecord(), await newRecord()];
    const { client, clock } = openObserved();
    const readMany = (times: number) =>
      Promise.all(Array.from({ length: times }, (_, at) => client.read(recordIds[at % 2] ?? "", context)));
    failTables(home);
    await readMany(10);

    stack.aws.control.resetCounts();
    await clock.advance(4_000);
    for (const { region } of await readMany(50)) expect(region).toBe(related);
    expect(stack.calls(home)).toBe(0);

    // The SDK tries a call three times.
    await clock.advance(1_000);
    for (const { region } of await readMany(50)) expect(region).toBe(related);
    expect(stack.calls(home)).toBe(3);

    stack.aws.control.clearFaults();
    await clock.advance(9_000);
    for (const { region } of await readMany(50)) expect(region).toBe(related);
    await clock.advance(1_000);
    stack.aws.control.resetCounts();
    const back = await readMany(50);
    expect(back.filter(({ region }) => region === home)).toHaveLength(1);
    expect(stack.calls(home)).toBeLessThanOrEqual(4);
    for (const { region } of await readMany(50)) expect(region).toBe(home);
  });

  it("may have what others do not: a record is not said to be missing while it cannot be asked", async () => {
    const recordId = await stack.store(await stack.newDek(), { regions: [home] });
    const { client, counted } = openObserved();
    stack.aws.control.cutOff(home, true);
    for (const _ of ["at its place", "asked last"]) {
      await expect(client.read(recordId, context)).rejects.toMatchObject({
        code: "STORE_UNAVAILABLE",
        retryable: true,
      });
    }
    await expect(client.read("nobody", context)).rejects.toMatchObject({ retryable: true });
    stack.aws.control.clearFaults();
    // Its pause is not over, and it is asked all the same.
    expect(await client.read(recordId, context)).toMatchObject({ region: home });
    expect(await counted("client_region_bad", { region: home })).toBe(1);
    await expect(client.read("nobody", context)).rejects.toMatchObject({ code: "CLIENT_RECORD_NOT_FOUND" });
  });
});

describe("a fleet that fails over at once", () => {
  it("has each process unwrap a DEK once, however many reads wait for it", async () => {
    const dek = await stack.newDek();
    const recordIds = [await stack.store(dek), await stack.store(dek), await stack.store(dek)];
    stack.aws.control.resetCounts();
    stack.aws.control.cutOff(home, true);
    const fleet = Array.from({ length: 5 }, () => openObserved().client);
    const opened = await Promise.all(
      fleet.flatMap((client) => Array.from({ length: 30 }, (_, at) => client.read(recordIds[at % 3] ?? "", context))),
    );
    for (const { region } of opened) expect(region).toBe(related);
    expect(stack.calls(related, "Decrypt")).toBe(fleet.length);
  });
});

describe("a record of another context", () => {
  it("is refused before any KMS call, in every Region", async () => {
    const recordId = await newRecord();
    stack.aws.control.resetCounts();
    const { client, counted } = openObserved({ region: related });
    const refused = client.read(recordId, { tenant: "dunes" });
    await expect(refused).rejects.toMatchObject({ code: "CLIENT_CONTEXT_MISMATCH" });
    for (const region of regions) {
      expect(stack.calls(region, "Decrypt")).toBe(0);
      expect(await counted("client_reads_total", { region, outcome: "mismatch" })).toBe(1);
    }
  });

  it("is not said of one while a Region that may have the right one cannot be asked", async () => {
    const recordId = await newRecord();
    const { client } = openObserved();
    stack.aws.control.cutOff(home, true);
    await expect(client.read(recordId, { tenant: "dunes" })).rejects.toMatchObject({ retryable: true });
  });
});

describe("the caller's signal", () => {
  it("ends a read at once, with its own reason, while a Region does not answer", async () => {
    const recordId = await newRecord();
    stack.aws.control.resetCounts();
    const { client, counted } = openObserved({ regionTimeoutMs: 60_000 });
    const leaving = new AbortController();
    stack.aws.control.setLatency(home, 60_000, { service: "dynamodb" });
    const reading = client.read(recordId, context, { signal: leaving.signal });
    const ended = expect(reading).rejects.toThrow("enough");
    await eventually(() => stack.calls(home) > 0);
    leaving.abort(new RangeError("enough"));
    await ended;
    expect(stack.calls(related)).toBe(0);
    expect(await counted("client_region_bad", { region: home })).toBe(0);
  });
});

describe("dekhand read", () => {
  it("falls back as a client does, and with --region looks into that Region only; it says where it has read", async () => {
    await using folder = await tempDir();
    const config = folder.join("dekhand.yaml");
    await writeFile(config, stack.configYaml);
    const env = { AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local", DEKHAND_CONFIG: config };
    Object.assign(process.env, env);
    const read = (...args: readonly string[]) => runCommand(["read", recordId, ...args], { env });
    const recordId = await stack.store(await stack.newDek(), { regions: [home, related] });

    expect(await read()).toEqual({ exitCode: 0, stdout: recordId, stderr: `read in ${home}\n` });
    expect(JSON.parse((await read("--region", related, "--json")).stdout)).toMatchObject({ region: related });
    const absent = await read("--region", independent);
    expect(absent).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("CLIENT_RECORD_NOT_FOUND") });
    const unknown = await read("--region", "us-west-2");
    expect(unknown).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(`${home}, ${related}`) });

    stack.aws.control.cutOff(home, true);
    expect(await read()).toEqual({ exitCode: 0, stdout: recordId, stderr: `read in ${related}\n` });
    expect((await read("--region", home)).exitCode).toBe(3);
  });
});
