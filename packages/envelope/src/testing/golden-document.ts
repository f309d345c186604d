/**
 * The golden envelopes of format version 1: fixed inputs, the bytes that come
 * out, and what must not open. `golden/v1.json` holds the result, for other
 * implementations too; a released version's file never changes.
 */

import { createDek, type EnvelopeErrorCode, type RecordBinding } from "../index.ts";
import { sealWith } from "../seal-with.ts";

export interface GoldenDocument {
  readonly about: string;
  readonly deks: Readonly<Record<DekName, GoldenDek>>;
  readonly opens: readonly GoldenEnvelope[];
  readonly mustFail: readonly GoldenFailure[];
}

type DekName = "a" | "b" | "sameKeyOtherId";

/** `key` and `commitment` in hex. */
export interface GoldenDek {
  readonly id: string;
  readonly key: string;
  readonly commitment: string;
}

/** `nonce`, `plaintext` and `envelope` in hex. */
export interface GoldenEnvelope {
  readonly name: string;
  readonly dek: DekName;
  readonly binding: RecordBinding;
  readonly nonce: string;
  readonly plaintext: string;
  readonly envelope: string;
}

export interface GoldenFailure {
  readonly name: string;
  readonly dek: DekName;
  readonly binding: RecordBinding;
  readonly envelope: string;
  readonly code: EnvelopeErrorCode;
}

export function goldenDocument(): GoldenDocument {
  const opens = records.map(({ plaintext, ...record }, at) => ({
    ...record,
    nonce: goldenNonce(at).toString("hex"),
    plaintext: plaintext.toString("hex"),
    envelope: sealed(record.dek, plaintext, record.binding, goldenNonce(at)),
  }));
  return {
    about: "Golden envelopes of format version 1, see docs/envelope-format.md. All bytes in hex.",
    deks: { a: describeDek("a"), b: describeDek("b"), sameKeyOtherId: describeDek("sameKeyOtherId") },
    opens,
    mustFail: opens.slice(0, 1).flatMap(mustFail),
  };
}

const keyA = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const dekInputs: Readonly<Record<DekName, { readonly id: string; readonly key: string }>> = {
  a: { id: "01890a5d-ac96-774b-bcce-b302099a8057", key: keyA },
  b: { id: "01890a5d-ac96-7b21-a1f0-5d9e1c6f7a08", key: "f0".repeat(32) },
  sameKeyOtherId: { id: "01890a5d-ac96-774b-bcce-b302099a8058", key: keyA },
};

const order: RecordBinding = {
  recordId: "order-1",
  context: { tenant: "acme", zone: "eu" },
  contentType: "text/plain",
  revision: 3,
  epoch: 1,
};

const records: readonly {
  readonly name: string;
  readonly dek: DekName;
  readonly binding: RecordBinding;
  readonly plaintext: Buffer;
}[] = [
  { name: "text", dek: "a", binding: order, plaintext: Buffer.from("twelve bytes") },
  { name: "empty plaintext", dek: "a", binding: order, plaintext: Buffer.alloc(0) },
  {
    name: "empty texts, no revision, epoch 0",
    dek: "a",
    binding: { recordId: "", context: {}, contentType: "", epoch: 0 },
    plaintext: Buffer.from([0]),
  },
  {
    name: "largest revision and epoch",
    dek: "b",
    binding: { ...order, revision: Number.MAX_SAFE_INTEGER, epoch: Number.MAX_SAFE_INTEGER },
    plaintext: Buffer.alloc(16, 0xff),
  },
  {
    // U+FF5E comes before U+1F511 in UTF-8, and after it in UTF-16.
    name: "keys in the order of their UTF-8 bytes, those of prototypes included",
    dek: "b",
    binding: {
      recordId: "Ænima\u0000🔑",
      context: Object.fromEntries([
        ["🔑", "key"],
        ["～", "wave"],
        ["", "empty"],
        ["__proto__", "ordinary"],
        ["10", "ten"],
        ["9", "nine"],
        ["\u00e9", "one code point"],
        ["e\u0301", "two code points"],
      ]),
      contentType: "application/json; charset=utf-8",
      revision: 0,
      epoch: 2 ** 32,
    },
    plaintext: Buffer.from(JSON.stringify({ name: "Ænima" })),
  },
  {
    name: "several blocks and a rest",
    dek: "a",
    binding: order,
    plaintext: Buffer.from(Array.from({ length: 333 }, (_, at) => at % 251)),
  },
];

function mustFail({ dek, binding, envelope }: GoldenEnvelope): readonly GoldenFailure[] {
  const bytes = Buffer.from(envelope, "hex");
  const changed = (name: string, code: EnvelopeErrorCode, change: Partial<GoldenFailure>): GoldenFailure => ({
    name,
    dek,
    binding,
    envelope,
    code,
    ...change,
  });
  const refused = (name: string, change: Partial<GoldenFailure>) =>
    changed(name, "ENVELOPE_AUTHENTICATION_FAILED", change);
  const bound = (name: string, other: Partial<RecordBinding>) => refused(name, { binding: { ...binding, ...other } });
  const { revision: _, ...withoutRevision } = binding;
  const tooShort = 58;

  return [
    ...Array.from(bytes, (_byte, at) =>
      changed(`${part(at, bytes.length)} flipped at byte ${at}`, codeOfFlip(at), { envelope: flipped(bytes, at) }),
    ),
    ...Array.from(bytes, (_byte, length) =>
      changed(`cut to ${length} bytes`, length < tooShort ? "ENVELOPE_MALFORMED" : "ENVELOPE_AUTHENTICATION_FAILED", {
        envelope: bytes.toString("hex", 0, length),
      }),
    ),
    refused("one byte more", { envelope: `${envelope}00` }),
    ...["00", "02", "ff"].flatMap((byte) => [
      changed(`version ${byte}`, "ENVELOPE_VERSION_UNKNOWN", { envelope: `${byte}${envelope.slice(2)}` }),
      changed(`suite ${byte}`, "ENVELOPE_SUITE_UNKNOWN", { envelope: `01${byte}${envelope.slice(4)}` }),
    ]),
    refused("another DEK", { dek: "b" }),
    refused("another DEK id with the same key", { dek: "sameKeyOtherId" }),
    bound("another record id", { recordId: "order-2" }),
    bound("a record id with a zero byte more", { recordId: "order-1\u0000" }),
    bound("a byte moved from record id to content type", { recordId: "order-", contentType: "1text/plain" }),
    bound("another context value", { context: { tenant: "acme", zone: "us" } }),
    bound("another context key", { context: { tenant: "acme", zones: "eu" } }),
    bound("context values exchanged", { context: { tenant: "eu", zone: "acme" } }),
    bound("context keys and values exchanged", { context: { acme: "tenant", eu: "zone" } }),
    bound("a context key too few", { context: { tenant: "acme" } }),
    bound("a context key too many", { context: { tenant: "acme", zone: "eu", "": "" } }),
    bound("an empty context", { context: {} }),
    bound("another content type", { contentType: "text/html" }),
    bound("another revision", { revision: 4 }),
    bound("revision 0", { revision: 0 }),
    refused("no revision", { binding: withoutRevision }),
    bound("another epoch", { epoch: 2 }),
    bound("revision and epoch exchanged", { revision: 1, epoch: 3 }),
  ];
}

function codeOfFlip(at: number): EnvelopeErrorCode {
  if (at === 0) return "ENVELOPE_VERSION_UNKNOWN";
  return at === 1 ? "ENVELOPE_SUITE_UNKNOWN" : "ENVELOPE_AUTHENTICATION_FAILED";
}

function part(at: number, length: number): string {
  if (at < 42) return "header";
  return at < length - 16 ? "ciphertext" : "tag";
}

function flipped(bytes: Buffer, at: number): string {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ (1 << (at % 8));
  return copy.toString("hex");
}

function describeDek(name: DekName): GoldenDek {
  using dek = makeDek(name);
  return { ...dekInputs[name], commitment: Buffer.from(dek.commitment).toString("hex") };
}

function makeDek(name: DekName) {
  const { id, key } = dekInputs[name];
  return createDek(id, Buffer.from(key, "hex"));
}

function sealed(name: DekName, plaintext: Buffer, binding: RecordBinding, nonce: Buffer): string {
  using dek = makeDek(name);
  const writeNonce = (target: Buffer, at: number) => target.set(nonce, at);
  return sealWith(writeNonce, dek, plaintext, binding).toString("hex");
}

/** Each envelope has a nonce of its own, here too. */
function goldenNonce(at: number): Buffer {
  return Buffer.from(`ABCDEFGHIJKLMNOPQRSTUVW${String.fromCharCode(0x58 + at)}`, "latin1");
}
