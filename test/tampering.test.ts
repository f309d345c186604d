import { hash, randomBytes } from "node:crypto";
import { CreateKeyCommand, EncryptCommand } from "@aws-sdk/client-kms";
import { ENVELOPE_OVERHEAD_BYTES } from "@dekhand/envelope";
import { generateTransitKeyPair } from "@dekhand/jobs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ingest } from "./stack/ingest.ts";
import { outcomesOf, outcomesSince } from "./stack/outcomes.ts";
import {
  plainProfile,
  type RunningEncryptor,
  region,
  type Stack,
  startStack,
  tenantProfile,
} from "./stack/start-stack.ts";
import { type Item, tablesOf } from "./stack/tables.ts";

/**
 * What somebody can do who writes the tables and cannot call KMS. Nothing of it
 * may open as something that it is not.
 */

let stack: Stack;
let running: RunningEncryptor;
let tables: ReturnType<typeof tablesOf>;
/** Items as they were, put back after each test. */
let before: Map<Item, "records" | "deks">;

const acme = { tenant: "acme" };
const dunes = { tenant: "dunes" };
/** Three parts, the most that fits into a message of SQS. */
const large = randomBytes(770_000);

beforeAll(async () => {
  stack = await startStack();
  tables = tablesOf(stack);
  running = await stack.startEncryptor();
  await ingest(stack, [
    { recordId: "acme-1", profile: tenantProfile, context: acme, payload: Buffer.from("one of acme"), revision: 3 },
    { recordId: "acme-2", profile: tenantProfile, context: acme, payload: Buffer.from("two of acme") },
    { recordId: "dunes-1", profile: tenantProfile, context: dunes, payload: Buffer.from("one of dunes") },
    { recordId: "plain-1", profile: plainProfile, payload: Buffer.from("no tenant") },
    { recordId: "large-1", profile: plainProfile, payload: large },
    { recordId: "large-2", profile: plainProfile, payload: randomBytes(770_000) },
  ]);
  // Another encryptor makes another DEK for the same tenant.
  await running.encryptor.drain({ ms: 5_000 });
  running = await stack.startEncryptor();
  await ingest(stack, [
    { recordId: "acme-3", profile: tenantProfile, context: acme, payload: Buffer.from("three of acme") },
  ]);
});
afterAll(() => stack[Symbol.asyncDispose]());

beforeEach(async () => {
  before = new Map();
  for (const table of ["records", "deks"] as const)
    for (const item of await tables.scan(table)) before.set(item, table);
});
afterEach(async () => {
  for (const [item, table] of before) await tables.put(table, item);
});

/** Reads with a client that has cached nothing; the stored context is what an application would expect, or `context`. */
async function readFresh(recordId: string, context?: Record<string, string>) {
  const client = stack.openClient();
  return client.read(
    recordId,
    context ?? (recordId.startsWith("acme") ? acme : recordId.startsWith("dunes") ? dunes : {}),
  );
}

async function changeHead(recordId: string, change: (head: Item) => Item) {
  await tables.put("records", change(await tables.get("records", recordId, "head")));
}

async function dekOf(recordId: string): Promise<string> {
  return (await tables.get("records", recordId, "head")).dekId?.S ?? "";
}

describe("the untouched tables", () => {
  it("open every record, so that each refusal below is due to its change", async () => {
    expect((await readFresh("acme-1")).payload.toString()).toBe("one of acme");
    expect((await readFresh("dunes-1")).payload.toString()).toBe("one of dunes");
    expect((await readFresh("large-1")).payload.equals(large)).toBe(true);
  });
});

describe("a head", () => {
  const labelChanges: Record<string, (head: Item) => Item> = {
    "another revision": (head) => ({ ...head, revision: { N: "4" } }),
    "no revision": ({ revision: _, ...head }) => head,
    "another content type": (head) => ({ ...head, contentType: { S: "text/html" } }),
    "another epoch": (head) => ({ ...head, epoch: { N: "2" } }),
  };
  for (const [what, change] of Object.entries(labelChanges)) {
    it(`with ${what} does not open`, async () => {
      await changeHead("acme-1", change);
      await expect(readFresh("acme-1")).rejects.toMatchObject({ code: "ENVELOPE_AUTHENTICATION_FAILED" });
    });
  }

  const flips = { "DEK id": 5, nonce: 20, ciphertext: 45, tag: 55 };
  for (const [part, at] of Object.entries(flips)) {
    it(`with a bit of the envelope's ${part} flipped does not open, also with the digest that fits`, async () => {
      await changeHead("acme-1", (head) => ({ ...head, envelope: { B: flip(head.envelope?.B, at) } }));
      await expect(readFresh("acme-1")).rejects.toMatchObject({ code: "STORE_RECORD_DAMAGED" });
      await changeHead("acme-1", (head) => ({ ...head, digest: digestOf(head.envelope?.B) }));
      await expect(readFresh("acme-1")).rejects.toMatchObject({ code: "ENVELOPE_AUTHENTICATION_FAILED" });
    });
  }

  it("with a context that was changed is refused before any KMS call, whichever context the reader expects", async () => {
    await changeHead("acme-1", (head) => ({ ...head, context: { M: { tenant: { S: "dunes" } } } }));
    stack.aws.control.resetCounts();
    await expect(readFresh("acme-1", acme)).rejects.toMatchObject({ code: "CLIENT_CONTEXT_MISMATCH" });
    await expect(readFresh("acme-1", dunes)).rejects.toMatchObject({ code: "DEKS_CONTEXT_MISMATCH" });
    expect(stack.aws.control.callCounts()[region]?.kms.Decrypt?.calls ?? 0).toBe(0);
  });

  it("that carries another record's envelope does not open, under the same DEK or another", async () => {
    const { envelope, digest, sealId, dekId } = await tables.get("records", "acme-2", "head");
    await changeHead("acme-1", (head) => strip({ ...head, envelope, digest, sealId, dekId }));
    await expect(readFresh("acme-1")).rejects.toMatchObject({ code: "ENVELOPE_AUTHENTICATION_FAILED" });
  });

  it("that was moved whole to another record id does not open", async () => {
    const head = await tables.get("records", "acme-2", "head");
    await tables.put("records", { ...head, recordId: { S: "acme-1" } });
    await expect(readFresh("acme-1")).rejects.toMatchObject({ code: "ENVELOPE_AUTHENTICATION_FAILED" });
  });

  it("that names another tenant's DEK is refused", async () => {
    const dekId = await dekOf("dunes-1");
    await changeHead("acme-1", (head) => ({ ...head, dekId: { S: dekId } }));
    await expect(readFresh("acme-1")).rejects.toMatchObject({ code: "DEKS_CONTEXT_MISMATCH" });
  });
});

describe("parts", () => {
  type Parts = readonly [Buffer, Buffer, Buffer];

  async function partsOf(recordId: string): Promise<Parts> {
    const items = (await tables.all("records", recordId)).filter(isPart);
    const [a, b, c, ...more] = items.map(({ bytes }) => Buffer.from(bytes?.B ?? []));
    if (!a || !b || !c || more.length > 0) throw new Error("a large record has three parts");
    return [a, b, c];
  }

  /** Stores `parts` in the places of the record's own, and deletes what is over. */
  async function putParts(recordId: string, parts: readonly Buffer[]) {
    const items = (await tables.all("records", recordId)).filter(isPart);
    for (const [index, item] of items.entries()) {
      const bytes = parts[index];
      if (bytes) await tables.put("records", { ...item, bytes: { B: bytes } });
      else await tables.delete("records", recordId, item.item?.S ?? "");
    }
  }

  /** Makes the head describe `parts`: all that it says of them unauthenticated. */
  async function describeParts(recordId: string, parts: readonly Buffer[]) {
    const envelope = Buffer.concat(parts);
    await changeHead(recordId, (head) => ({
      ...head,
      parts: { N: `${parts.length}` },
      size: { N: `${envelope.length - ENVELOPE_OVERHEAD_BYTES}` },
      digest: digestOf(envelope),
    }));
  }

  const changes: Record<string, (parts: Parts) => readonly Buffer[]> = {
    "exchanged with each other": ([a, b, c]) => [a, c, b],
    "cut short by the last one": ([a, b]) => [a, b],
    "with one repeated in the place of another": ([a, b]) => [a, b, b],
    "with a bit flipped": ([a, b, c]) => [a, flip(b, 1_000), c],
  };
  for (const [what, change] of Object.entries(changes)) {
    it(`${what} do not open, also when the head is made to describe them`, async () => {
      const parts = change(await partsOf("large-1"));
      await putParts("large-1", parts);
      await expect(readFresh("large-1")).rejects.toMatchObject({
        code: parts.length < 3 ? "STORE_PART_MISSING" : "STORE_RECORD_DAMAGED",
      });
      await describeParts("large-1", parts);
      await expect(readFresh("large-1")).rejects.toMatchObject({ code: "ENVELOPE_AUTHENTICATION_FAILED" });
    });
  }

  it("exchanged between two records do not open, also when the heads are made to describe them", async () => {
    const [mine, theirs] = [await partsOf("large-1"), await partsOf("large-2")];
    const exchanged = { "large-1": [mine[0], theirs[1], mine[2]], "large-2": [theirs[0], mine[1], theirs[2]] };
    for (const [recordId, parts] of Object.entries(exchanged)) {
      await putParts(recordId, parts);
      await expect(readFresh(recordId)).rejects.toMatchObject({ code: "STORE_RECORD_DAMAGED" });
      await describeParts(recordId, parts);
      await expect(readFresh(recordId)).rejects.toMatchObject({ code: "ENVELOPE_AUTHENTICATION_FAILED" });
    }
  });
});

describe("a wrap", () => {
  async function changeWrap(recordId: string, change: (wrap: Item) => Item | Promise<Item>) {
    const dekId = await dekOf(recordId);
    await tables.put("deks", await change(await tables.get("deks", dekId, `wrap#${region}`)));
  }

  const sources = { "another DEK of the same tenant": "acme-3", "another tenant's DEK": "dunes-1" };
  for (const [source, recordId] of Object.entries(sources)) {
    it(`moved from ${source} is refused, with or without its labels`, async () => {
      const dekId = await dekOf(recordId);
      expect(dekId).not.toBe(await dekOf("acme-1"));
      const { blob, context } = await tables.get("deks", dekId, `wrap#${region}`);
      await changeWrap("acme-1", (wrap) => strip({ ...wrap, blob }));
      await expect(readFresh("acme-1")).rejects.toMatchObject({ code: "DEKS_UNWRAP_REFUSED" });
      await changeWrap("acme-1", (wrap) => strip({ ...wrap, context }));
      await expect(readFresh("acme-1")).rejects.toMatchObject({ code: "DEKS_CONTEXT_MISMATCH" });
    });
  }

  it("moved from another profile is refused, also when the DEK's profile and contexts are rewritten", async () => {
    const dekId = await dekOf("plain-1");
    const dek = await tables.get("deks", dekId, "dek");
    const wrap = await tables.get("deks", dekId, `wrap#${region}`);
    const context = { M: { "dekhand:dek": { S: dekId }, "dekhand:profile": { S: tenantProfile } } };
    await tables.put("deks", { ...dek, profile: { S: tenantProfile }, context });
    await tables.put("deks", { ...wrap, context });
    await expect(readFresh("plain-1")).rejects.toMatchObject({ code: "DEKS_KEY_NOT_ALLOWED" });
    const ownKey = (await tables.get("deks", await dekOf("acme-1"), `wrap#${region}`)).keyArn;
    await tables.put("deks", strip({ ...wrap, context, keyArn: ownKey }));
    await expect(readFresh("plain-1")).rejects.toMatchObject({ code: "DEKS_UNWRAP_REFUSED" });
  });

  it("made under a stranger's key is refused, whatever key its label names", async () => {
    const { kms } = stack.clients.region(region);
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const dekId = await dekOf("acme-1");
    const EncryptionContext = { tenant: "acme", "dekhand:dek": dekId, "dekhand:profile": tenantProfile };
    const { CiphertextBlob } = await kms.send(
      new EncryptCommand({ KeyId: KeyMetadata?.Arn, Plaintext: randomBytes(32), EncryptionContext }),
    );
    const blob = { B: CiphertextBlob ?? Buffer.alloc(0) };
    await changeWrap("acme-1", (wrap) => ({ ...wrap, blob }));
    await expect(readFresh("acme-1")).rejects.toMatchObject({ code: "DEKS_UNWRAP_REFUSED" });
    await changeWrap("acme-1", (wrap) => ({ ...wrap, blob, keyArn: { S: KeyMetadata?.Arn ?? "" } }));
    await expect(readFresh("acme-1")).rejects.toMatchObject({ code: "DEKS_KEY_NOT_ALLOWED" });
  });

  it("with a flipped bit, or beside another commitment, does not open", async () => {
    await changeWrap("acme-1", (wrap) => ({ ...wrap, blob: { B: flip(wrap.blob?.B, 40) } }));
    await expect(readFresh("acme-1")).rejects.toMatchObject({ code: "DEKS_UNWRAP_REFUSED" });
    const dek = await tables.get("deks", await dekOf("dunes-1"), "dek");
    await tables.put("deks", { ...dek, commitment: { B: randomBytes(32) } });
    await expect(readFresh("dunes-1")).rejects.toMatchObject({ code: "ENVELOPE_AUTHENTICATION_FAILED" });
  });
});

describe("a transit key of a stranger's in the table", () => {
  it("is offered to no producer, and the command line takes none from the table", async () => {
    const { keyId, publicKey } = generateTransitKeyPair();
    const createdAt = new Date(Date.now() + 1_000).toISOString();
    await stack.stores.state.putTransitKey({ id: keyId, publicKey, wraps: {}, status: "active", createdAt });
    const made = JSON.parse((await stack.dekhand("init", "--json")).stdout);
    expect(made.transitKeys.map((key: { keyId: string }) => key.keyId)).not.toContain(keyId);
    expect(made.transitKeys).toHaveLength(1);
    const keys = JSON.parse((await stack.dekhand("keys", "--json")).stdout);
    expect(keys.transitKeys).toEqual(made.transitKeys);
  });
});

describe("what remains possible, as the threat model says", () => {
  it("deleting a record, or putting back a whole older one", async () => {
    const old = await tables.get("records", "acme-1", "head");
    await ingest(stack, [
      { recordId: "acme-1", profile: tenantProfile, context: acme, payload: Buffer.from("newer"), revision: 9 },
    ]);
    await expect.poll(async () => (await readFresh("acme-1")).payload.toString()).toBe("newer");
    await tables.put("records", old);
    expect((await readFresh("acme-1")).payload.toString()).toBe("one of acme");
    await tables.delete("records", "acme-1", "head");
    await expect(readFresh("acme-1")).rejects.toMatchObject({ code: "CLIENT_RECORD_NOT_FOUND" });
  });

  it("changing the time that a record says it was stored at: every reader gets it", async () => {
    const createdAt = "2001-01-01T00:00:00.000Z";
    await changeHead("acme-1", (head) => ({ ...head, createdAt: { S: createdAt } }));
    expect(await readFresh("acme-1")).toMatchObject({ createdAt, payload: Buffer.from("one of acme") });
    const { stdout } = await stack.dekhand("read", "acme-1", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ createdAt });
  });

  /** Submits another revision of `acme-1`, and tells what became of the job. */
  async function submitRevision(revision: number, id: string) {
    const counted = await outcomesOf(running);
    const record = { recordId: "acme-1", profile: tenantProfile, context: acme, payload: Buffer.from("later") };
    await stack.client.submit({ ...record, id, revision });
    return outcomesSince(running, counted, 1);
  }

  it("a later job acknowledged as a duplicate without being stored: the head was given that job's id", async () => {
    await changeHead("acme-1", (head) => ({ ...head, jobId: { S: "foreseen" } }));
    expect(await submitRevision(10, "foreseen")).toEqual({ "done duplicate": 1 });
    expect((await readFresh("acme-1")).payload.toString()).toBe("one of acme");
  });

  it("later jobs acknowledged as superseded without being stored: the head was given a high revision", async () => {
    await changeHead("acme-1", (head) => ({ ...head, revision: { N: "1000" } }));
    expect(await submitRevision(10, "superseded")).toEqual({ "done superseded": 1 });
    // What was stored there before is lost to readers as well: its own revision is bound.
    await expect(readFresh("acme-1")).rejects.toMatchObject({ code: "ENVELOPE_AUTHENTICATION_FAILED" });
  });

  it("an older job that comes back replacing a newer record: the head was given a low revision", async () => {
    await changeHead("acme-1", (head) => ({ ...head, revision: { N: "1" } }));
    expect(await submitRevision(2, "older")).toEqual({ "done replaced": 1 });
    expect(await readFresh("acme-1")).toMatchObject({ payload: Buffer.from("later"), revision: 2 });
  });

  it("jobs for a new record acknowledged without being stored: a head was planted under its id", async () => {
    const head = await tables.get("records", "acme-2", "head");
    await tables.put("records", { ...head, recordId: { S: "acme-new" }, revision: { N: "1000" } });
    const counted = await outcomesOf(running);
    const record = { recordId: "acme-new", profile: tenantProfile, context: acme, payload: Buffer.from("new") };
    await stack.client.submit({ ...record, revision: 1 });
    expect(await outcomesSince(running, counted, 1)).toEqual({ "done superseded": 1 });
    await expect(readFresh("acme-new")).rejects.toMatchObject({ code: "ENVELOPE_AUTHENTICATION_FAILED" });
  });
});

function isPart(item: Item): boolean {
  return item.item?.S?.startsWith("part#") ?? false;
}

/** The digest is no secret: whoever changes an envelope can write the one that fits. */
function digestOf(envelope: Uint8Array | undefined): Item[string] {
  return { B: hash("sha256", envelope ?? Buffer.alloc(0), "buffer") };
}

function flip(bytes: Uint8Array | undefined, at: number): Buffer {
  const copy = Buffer.from(bytes ?? []);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

/** Drops what is undefined: DynamoDB takes no such attribute. */
function strip(item: Record<string, Item[string] | undefined>): Item {
  return Object.fromEntries(
    Object.entries(item).filter((entry): entry is [string, Item[string]] => entry[1] !== undefined),
  );
}
