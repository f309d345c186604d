import { randomBytes } from "node:crypto";
import { CreateKeyCommand, EncryptCommand } from "@aws-sdk/client-kms";
import { generateTransitKeyPair } from "@dekhand/jobs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ingest } from "./stack/ingest.ts";
import { plainProfile, region, type Stack, startStack, tenantProfile } from "./stack/start-stack.ts";
import { type Item, tablesOf } from "./stack/tables.ts";

/**
 * What somebody can do who writes the tables and cannot call KMS. Nothing of it
 * may open as something that it is not.
 */

let stack: Stack;
let tables: ReturnType<typeof tablesOf>;
/** Items as they were, put back after each test. */
let before: Map<Item, "records" | "deks">;

const acme = { tenant: "acme" };
const dunes = { tenant: "dunes" };
const large = randomBytes(600_000);

beforeAll(async () => {
  stack = await startStack();
  tables = tablesOf(stack);
  await stack.startEncryptor();
  await ingest(stack, [
    { recordId: "acme-1", profile: tenantProfile, context: acme, payload: Buffer.from("one of acme"), revision: 3 },
    { recordId: "acme-2", profile: tenantProfile, context: acme, payload: Buffer.from("two of acme") },
    { recordId: "dunes-1", profile: tenantProfile, context: dunes, payload: Buffer.from("one of dunes") },
    { recordId: "plain-1", profile: plainProfile, payload: Buffer.from("no tenant") },
    { recordId: "large-1", profile: plainProfile, payload: large },
    { recordId: "large-2", profile: plainProfile, payload: randomBytes(600_000) },
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
  const changes: Record<string, (head: Item) => Item> = {
    "another revision": (head) => ({ ...head, revision: { N: "4" } }),
    "no revision": ({ revision: _, ...head }) => head,
    "another content type": (head) => ({ ...head, contentType: { S: "text/html" } }),
    "another epoch": (head) => ({ ...head, epoch: { N: "2" } }),
    "a bit of the ciphertext flipped": (head) => ({ ...head, envelope: { B: flip(head.envelope?.B, 50) } }),
    "a bit of the nonce flipped": (head) => ({ ...head, envelope: { B: flip(head.envelope?.B, 20) } }),
  };
  for (const [what, change] of Object.entries(changes)) {
    it(`with ${what} does not open`, async () => {
      await changeHead("acme-1", change);
      await expect(readFresh("acme-1")).rejects.toMatchObject({
        code: expect.stringMatching(/^(ENVELOPE_AUTHENTICATION_FAILED|STORE_RECORD_DAMAGED)$/),
      });
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
  it("exchanged between two records, or with each other, or missing, do not open", async () => {
    const mine = (await tables.all("records", "large-1")).filter(isPart);
    const theirs = (await tables.all("records", "large-2")).filter(isPart);
    const [first, second] = mine;
    const [foreign] = theirs;
    if (!first || !second || !foreign) throw new Error("a large record has two parts");
    await tables.put("records", strip({ ...first, bytes: foreign.bytes }));
    await expect(readFresh("large-1")).rejects.toMatchObject({ code: "STORE_RECORD_DAMAGED" });
    await tables.put("records", strip({ ...first, bytes: second.bytes }));
    await expect(readFresh("large-1")).rejects.toMatchObject({ code: "STORE_RECORD_DAMAGED" });
    await tables.delete("records", "large-1", first.item?.S ?? "");
    await expect(readFresh("large-1")).rejects.toMatchObject({ code: "STORE_PART_MISSING" });
  });
});

describe("a wrap", () => {
  async function changeWrap(recordId: string, change: (wrap: Item) => Item | Promise<Item>) {
    const dekId = await dekOf(recordId);
    await tables.put("deks", await change(await tables.get("deks", dekId, `wrap#${region}`)));
  }

  it("moved from another DEK of the same tenant is refused", async () => {
    await stack.startEncryptor();
    const other = await tables.get("deks", await dekOf("dunes-1"), `wrap#${region}`);
    await changeWrap("acme-1", (wrap) => strip({ ...wrap, blob: other.blob }));
    await expect(readFresh("acme-1")).rejects.toMatchObject({ code: "DEKS_UNWRAP_REFUSED" });
  });

  it("with its labels moved along is refused", async () => {
    const other = await tables.get("deks", await dekOf("dunes-1"), `wrap#${region}`);
    await changeWrap("acme-1", (wrap) => strip({ ...wrap, blob: other.blob, context: other.context }));
    await expect(readFresh("acme-1")).rejects.toMatchObject({ code: "DEKS_CONTEXT_MISMATCH" });
  });

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
});

function isPart(item: Item): boolean {
  return item.item?.S?.startsWith("part#") ?? false;
}

function flip(bytes: Uint8Array | undefined, at: number): Uint8Array {
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
