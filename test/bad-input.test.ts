import { randomUUID } from "node:crypto";
import { eventually } from "@dekhand/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  brokenSeals,
  contractBreaches,
  goodFields,
  type JobFields,
  maxPayloadBytes,
  oddContexts,
  profileBreaches,
  sealedBreaches,
} from "./stack/bad-jobs.ts";
import { type DeadLetter, deadLetters, listRejected, sendBodies, transitKeyOf } from "./stack/raw-queues.ts";
import { plainProfile, type RunningEncryptor, type Stack, startStack } from "./stack/start-stack.ts";

interface Case {
  readonly title: string;
  readonly code: string;
  readonly body: string;
  /** Where it can be read from the message. */
  readonly jobId?: string;
}

const payload = Buffer.from("a payload of a bad neighbour");
const base64 = payload.toString("base64");

describe("bad messages in SQS", () => {
  let stack: Stack;
  let running: RunningEncryptor;
  const cases: Case[] = [...bodies()];
  const letters = new Map<string, DeadLetter>();
  const good = Array.from({ length: 60 }, (_, index) => ({
    ...goodFields(),
    context: oddContexts[index % oddContexts.length]?.context ?? {},
    payload: Buffer.from(`good ${index}`),
  }));

  beforeAll(async () => {
    stack = await startStack();
    const seals = await brokenSeals(await transitKeyOf(stack), payload);
    for (const [title, code] of Object.entries(sealedBreaches))
      cases.push({ title, code, ...message(seals.get(title)) });
    const goodBodies = good.map((job) => JSON.stringify({ ...job, payload: job.payload.toString("base64") }));
    // The escapes are what a producer must write for what SQS refuses.
    const escaped = goodBodies.map((body) => body.replace("\uffff", "\\uffff").replace("\ufffe", "\\ufffe"));
    // Good and bad by turns, so that they share receives and writes.
    await sendBodies(
      stack,
      interleave(
        escaped,
        cases.map(({ body }) => body),
      ),
    );
    const { config } = stack;
    running = await stack.startEncryptor({
      config: { ...config, limits: { ...config.limits, payloadBytes: maxPayloadBytes } },
    });
    await eventually(
      async () => {
        for (const letter of await deadLetters(stack)) letters.set(letter.body, letter);
        expect(letters.size).toBe(cases.length);
      },
      { timeoutMs: 40_000, intervalMs: 100 },
    );
  });
  afterAll(() => stack?.[Symbol.asyncDispose]());

  const titles = [...cases.map(({ title, code }) => [title, code]), ...Object.entries(sealedBreaches)];

  it.for(titles)("%s: the message ends in the dead-letter queue with %s", ([title]) => {
    const sent = cases.find((each) => each.title === title);
    const letter = letters.get(sent?.body ?? "");
    expect(letter?.attributes.ReasonCode).toBe(sent?.code);
    expect(letter?.attributes.JobId).toBe(sent?.jobId);
    expect(letter?.attributes.ReasonMessage).toMatch(/./);
    expect(letter?.attributes.SourceQueue).toMatch(/:dekhand-encrypt$/);
    // The reason tells what is wrong, not what was sent.
    expect(JSON.stringify({ ...letter?.attributes, RecordId: "" })).not.toContain(base64);
  });

  it("the good neighbours are stored and read back, odd contexts included", async () => {
    for (const { recordId, context, payload: expected } of good) {
      const opened = await eventually(() => stack.client.read(recordId, context));
      expect(opened.payload).toEqual(expected);
      expect(Object.entries(opened.context).toSorted()).toEqual(Object.entries(context).toSorted());
    }
  });

  it("a record with a prototype-like context key is not read without it", async () => {
    const record = good.find(({ context }) => Object.hasOwn(context, "__proto__"));
    const { __proto__: _, ...others } = record?.context ?? {};
    await expect(stack.client.read(record?.recordId ?? "", others)).rejects.toMatchObject({
      code: "CLIENT_CONTEXT_MISMATCH",
    });
  });

  it("nothing crashed, nothing was handed back, and every message left the queue", async () => {
    const [sqs] = running.encryptor.consumers();
    await eventually(() => expect(sqs?.stats().inFlight).toBe(0));
    expect(sqs?.stats()).toMatchObject({ done: good.length, rejected: cases.length, retried: 0, lost: 0 });
    expect(stack.logs()).not.toContain("unexpected failure");
    expect(stack.logs()).not.toContain(base64);
    const recordId = `after-${randomUUID()}`;
    await stack.client.submit({ recordId, profile: plainProfile, payload });
    await eventually(() => stack.client.read(recordId, {}));
  });

  it("`dekhand jobs rejected list` shows each with its code", async () => {
    await expect.poll(async () => (await listRejected(stack)).rejected.length, { timeout: 40_000 }).toBe(cases.length);
    const { rejected } = await listRejected(stack);
    expect(rejected.map(({ code }) => code).toSorted()).toEqual(cases.map(({ code }) => code).toSorted());
  });
});

function* bodies(): Generator<Case> {
  const broken = [
    ["broken JSON", '{"version":1,"kind":"encrypt"'],
    ["text that is no JSON", "hello"],
    ["null", "null"],
    ["a list", "[]"],
    ["a number", "7"],
  ] as const;
  for (const [title, body] of broken) yield { title, body, code: "JOBS_JSON_INVALID" };
  for (const { title, change, code } of [...contractBreaches, ...profileBreaches]) {
    yield { title, code, ...message({ payload: base64, ...change }) };
  }
  const payloads = [
    ["a payload that is no base64", "§§§§", "JOBS_PAYLOAD_BASE64"],
    ["base64 that is not canonical", "YR==", "JOBS_PAYLOAD_BASE64"],
    ["base64 without its padding", "YQ", "JOBS_PAYLOAD_BASE64"],
    ["a payload that is a number", 7, "JOBS_PAYLOAD_BASE64"],
    ["an empty payload", "", "JOBS_PAYLOAD_EMPTY"],
    ["a payload one byte too large", Buffer.alloc(maxPayloadBytes + 1).toString("base64"), "JOBS_PAYLOAD_TOO_LARGE"],
    ["no payload", undefined, "JOBS_SCHEMA_INVALID"],
  ] as const;
  for (const [title, value, code] of payloads) yield { title, code, ...message({ payload: value }) };
}

function message(fields: JobFields = {}): Pick<Case, "body" | "jobId"> {
  const job = { ...goodFields(), ...fields };
  const jobId = typeof job.id === "string" ? job.id.toWellFormed() : undefined;
  return { body: JSON.stringify(job), ...(jobId === undefined ? {} : { jobId }) };
}

function interleave(a: readonly string[], b: readonly string[]): string[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, index) => [a[index], b[index]])
    .flat()
    .filter((each) => each !== undefined);
}
