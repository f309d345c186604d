import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JOBS_REASON_CODES } from "../errors.ts";
import { parseMessage } from "../job-kind.ts";
import { encodeEncryptJob } from "./encode-encrypt-job.ts";
import type { EncryptJobInput } from "./encrypt-job.ts";
import { type ParseOptions, parseEncryptJob } from "./parse-encrypt-job.ts";

const good = { version: 1, kind: "encrypt", id: "job-1", recordId: "record-1", profile: "pii", context: {} };
const payload = Buffer.from("payload").toString("base64");
const keyId = "x25519-AAAAAAAAAAAAAAAAAAAAAA";
const enc = Buffer.alloc(32).toString("base64");

function parseText(text: string, options: ParseOptions = {}) {
  return parseMessage(text, (value) => parseEncryptJob(value, options));
}

function reason(value: unknown, options = {}) {
  const result = parseText(typeof value === "string" ? value : JSON.stringify(value), options);
  return result.ok ? "ok" : result.rejection.code;
}

function context(pairs: Record<string, unknown>) {
  return { ...good, payload, context: pairs };
}

describe("parseEncryptJob", () => {
  it("takes a job apart", () => {
    const wire = { ...good, context: { tenant: "acme" }, contentType: "text/plain", revision: 3, payload };
    expect(parseText(JSON.stringify(wire))).toEqual({
      ok: true,
      message: {
        form: "plain",
        header: { ...good, context: { tenant: "acme" }, contentType: "text/plain", revision: 3 },
        payload: Buffer.from("payload"),
      },
    });
  });

  it("has a content type where the job names none", () => {
    const result = parseEncryptJob({ ...good, payload });
    expect(result.ok && result.message.header.contentType).toBe("application/octet-stream");
  });

  it.each([
    ["broken JSON", "{", "JOBS_JSON_INVALID"],
    ["no text at all", "", "JOBS_JSON_INVALID"],
    ["JSON that is no object", "[]", "JOBS_JSON_INVALID"],
    ["null", "null", "JOBS_JSON_INVALID"],
    ["a missing version", { ...good, version: undefined, payload }, "JOBS_VERSION_UNKNOWN"],
    ["a later version", { ...good, version: 2, payload }, "JOBS_VERSION_UNKNOWN"],
    ["a version as text", { ...good, version: "1", payload }, "JOBS_VERSION_UNKNOWN"],
    ["another kind", { ...good, kind: "rewrap", payload }, "JOBS_KIND_UNKNOWN"],
    ["a missing kind", { ...good, kind: undefined, payload }, "JOBS_KIND_UNKNOWN"],
    ["no id", { ...good, id: undefined, payload }, "JOBS_ID_INVALID"],
    ["an empty id", { ...good, id: "", payload }, "JOBS_ID_INVALID"],
    ["an id with a line break", { ...good, id: "a\nb", payload }, "JOBS_ID_INVALID"],
    ["an empty record id", { ...good, recordId: "", payload }, "JOBS_RECORD_ID_INVALID"],
    ["a record id of 10,000 characters", { ...good, recordId: "r".repeat(10_000), payload }, "JOBS_RECORD_ID_INVALID"],
    ["a record id of 513 bytes", { ...good, recordId: `${"é".repeat(256)}x`, payload }, "JOBS_RECORD_ID_INVALID"],
    ["a record id with a zero byte", { ...good, recordId: "a\u0000", payload }, "JOBS_RECORD_ID_INVALID"],
    ["a record id that is a number", { ...good, recordId: 7, payload }, "JOBS_RECORD_ID_INVALID"],
    ["no profile", { ...good, profile: undefined, payload }, "JOBS_PROFILE_INVALID"],
    ["a profile name without end", { ...good, profile: "p".repeat(129), payload }, "JOBS_PROFILE_INVALID"],
    ["no context", { ...good, context: undefined, payload }, "JOBS_CONTEXT_INVALID"],
    ["a context that is a list", { ...good, context: [], payload }, "JOBS_CONTEXT_INVALID"],
    ["a context value that is a number", context({ tenant: 1 }), "JOBS_CONTEXT_INVALID"],
    ["a context value that is an object", context({ tenant: {} }), "JOBS_CONTEXT_INVALID"],
    ["an empty context key", context({ "": "x" }), "JOBS_CONTEXT_INVALID"],
    [
      "a context of 65 keys",
      context(Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`k${index}`, ""]))),
      "JOBS_CONTEXT_INVALID",
    ],
    ["a context of more than 8 KiB", context({ key: "é".repeat(4_095) }), "JOBS_CONTEXT_INVALID"],
    ["a context key of Dekhand's", context({ "dekhand:dek": "x" }), "JOBS_CONTEXT_RESERVED_KEY"],
    ["a context key of AWS's", context({ "aws:x": "x" }), "JOBS_CONTEXT_RESERVED_KEY"],
    ["a reserved key in capitals", context({ "AWS:x": "x" }), "JOBS_CONTEXT_RESERVED_KEY"],
    ["an empty content type", { ...good, contentType: "", payload }, "JOBS_CONTENT_TYPE_INVALID"],
    ["a content type with a line break", { ...good, contentType: "a\r\nb", payload }, "JOBS_CONTENT_TYPE_INVALID"],
    ["a negative revision", { ...good, revision: -1, payload }, "JOBS_REVISION_INVALID"],
    ["a fractional revision", { ...good, revision: 1.5, payload }, "JOBS_REVISION_INVALID"],
    ["a revision beyond exact numbers", { ...good, revision: 2 ** 53, payload }, "JOBS_REVISION_INVALID"],
    ["a revision as text", { ...good, revision: "1", payload }, "JOBS_REVISION_INVALID"],
    ["a lone surrogate in the record id", { ...good, recordId: "a\ud800", payload }, "JOBS_TEXT_ILL_FORMED"],
    ["a lone surrogate in the content type", { ...good, contentType: "\udc00", payload }, "JOBS_TEXT_ILL_FORMED"],
    ["a lone surrogate in a context key", context({ "\ud800": "x" }), "JOBS_TEXT_ILL_FORMED"],
    ["a lone surrogate in a context value", context({ key: "\udfff" }), "JOBS_TEXT_ILL_FORMED"],
    ["no payload", good, "JOBS_SCHEMA_INVALID"],
    ["two payloads", { ...good, payload, sealed: { keyId, enc, ciphertext: enc } }, "JOBS_SCHEMA_INVALID"],
    ["an unknown field", { ...good, payload, priority: 1 }, "JOBS_SCHEMA_INVALID"],
    [
      "a field named __proto__",
      `{"__proto__":{},${JSON.stringify({ ...good, payload }).slice(1)}`,
      "JOBS_SCHEMA_INVALID",
    ],
    ["an empty payload", { ...good, payload: "" }, "JOBS_PAYLOAD_EMPTY"],
    ["a payload that is a number", { ...good, payload: 1 }, "JOBS_PAYLOAD_BASE64"],
    ["base64 with a line break", { ...good, payload: "cGF5\nbG9h" }, "JOBS_PAYLOAD_BASE64"],
    ["base64 without padding", { ...good, payload: "cGF5bG9hZA" }, "JOBS_PAYLOAD_BASE64"],
    ["base64url", { ...good, payload: "_-8=" }, "JOBS_PAYLOAD_BASE64"],
    ["base64 with stray bits", { ...good, payload: "cGF5bG9hZB==" }, "JOBS_PAYLOAD_BASE64"],
    ["base64 with something after its padding", { ...good, payload: "cGF5bG9hZA==AAAA" }, "JOBS_PAYLOAD_BASE64"],
    ["sealed that is text", { ...good, sealed: "x" }, "JOBS_SEALED_INVALID"],
    ["a key id with a slash", { ...good, sealed: { keyId: "a/b", enc, ciphertext: enc } }, "JOBS_SEALED_INVALID"],
    ["a short encapsulated key", { ...good, sealed: { keyId, enc: "AAAA", ciphertext: enc } }, "JOBS_SEALED_INVALID"],
    ["a ciphertext that is no base64", { ...good, sealed: { keyId, enc, ciphertext: "?" } }, "JOBS_SEALED_INVALID"],
    ["a ciphertext below a tag's size", { ...good, sealed: { keyId, enc, ciphertext: "AAAA" } }, "JOBS_SEALED_INVALID"],
    [
      "a sealed empty payload",
      { ...good, sealed: { keyId, enc, ciphertext: Buffer.alloc(16).toString("base64") } },
      "JOBS_PAYLOAD_EMPTY",
    ],
  ])("rejects %s", (_, value, code) => {
    expect(reason(value)).toBe(code);
  });

  it("takes a payload of exactly the limit, and not a byte more, in either form", () => {
    const plain = (bytes: number) => ({ ...good, payload: Buffer.alloc(bytes).toString("base64") });
    const sealed = (bytes: number) => {
      return { ...good, sealed: { keyId, enc, ciphertext: Buffer.alloc(bytes + 16).toString("base64") } };
    };
    for (const make of [plain, sealed]) {
      for (const limit of [1_000, 1_001, 1_002]) {
        expect(reason(make(limit), { maxPayloadBytes: limit })).toBe("ok");
        expect(reason(make(limit + 1), { maxPayloadBytes: limit })).toBe("JOBS_PAYLOAD_TOO_LARGE");
      }
    }
  });

  it("keeps prototype-like context keys as the data they are", () => {
    const text = `{"version":1,"kind":"encrypt","id":"j","recordId":"r","profile":"p","payload":"${payload}",
      "context":{"__proto__":"a","constructor":"b","toString":"c","schlüssel":"d"}}`;
    const result = parseText(text);
    const parsed = result.ok ? result.message.header.context : {};
    expect(Object.entries(parsed)).toEqual([
      ["__proto__", "a"],
      ["constructor", "b"],
      ["toString", "c"],
      ["schlüssel", "d"],
    ]);
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
  });

  it("keeps the ids that could be read, cut and cleaned, with the reason", () => {
    const result = parseEncryptJob({ version: 9, id: "job-7", recordId: `${"ü".repeat(9_000)}\u0000` });
    expect(result).toMatchObject({ ok: false, rejection: { jobId: "job-7", code: "JOBS_VERSION_UNKNOWN" } });
    const recordId = result.ok ? "" : (result.rejection.recordId ?? "");
    expect(Buffer.byteLength(recordId)).toBeLessThanOrEqual(512);
    expect(recordId).toMatch(/^ü+…$/);
  });

  it("repeats nothing of the message in a reason", () => {
    const canary = "canary-4711";
    const values = [
      `{"${canary}"`,
      { ...good, version: canary },
      { ...good, kind: canary },
      { ...good, profile: `${canary}\n`, payload },
      context({ [`dekhand:${canary}`]: canary }),
      { ...good, payload: `${canary}!` },
      { ...good, payload, [canary]: canary },
      { ...good, sealed: { keyId: `${canary}/`, enc, ciphertext: canary } },
    ];
    for (const value of values) {
      const result = parseText(typeof value === "string" ? value : JSON.stringify(value));
      expect(result.ok).toBe(false);
      expect(JSON.stringify(result)).not.toContain(canary);
    }
  });

  it("rejects a context key that JSON can write only with an escape", () => {
    for (const key of ['a"b', "a\\b", "a\nb", "\u0085"]) {
      const result = parseEncryptJob({ ...good, context: { [key]: "x" } });
      expect(result).toMatchObject({ ok: false, rejection: { code: "JOBS_CONTEXT_INVALID" } });
    }
  });

  it("never throws, whatever it is given", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        const result = parseText(text);
        if (!result.ok) expect(JOBS_REASON_CODES).toContain(result.rejection.code);
      }),
    );
    const field = fc.oneof(fc.anything(), fc.constantFrom("encrypt", 1, payload, {}));
    const keys = ["version", "kind", "id", "recordId", "profile", "context", "contentType", "revision", "payload"];
    const record = fc.record(Object.fromEntries(keys.map((key) => [key, field])), { requiredKeys: [] });
    fc.assert(fc.property(record, (value) => void parseEncryptJob({ ...good, ...value })));
  });
});

describe("encodeEncryptJob", () => {
  const input: EncryptJobInput = { recordId: "r", profile: "p", payload: Buffer.from("x") };

  it("is undone by parsing", () => {
    const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }).filter((s) => /^\P{Cc}+$/u.test(s));
    const contextKey = text.filter((key) => !/["\\]/.test(key));
    const job = fc.record({
      id: text,
      recordId: text,
      profile: text.map((name) => name.slice(0, 20).toWellFormed()),
      context: fc.dictionary(contextKey, fc.string({ unit: "grapheme", maxLength: 40 }), { maxKeys: 20 }),
      contentType: text.map((type) => type.slice(0, 40).toWellFormed()),
      payload: fc.uint8Array({ minLength: 1, maxLength: 200 }),
      revision: fc.maxSafeNat(),
    });
    fc.assert(
      fc.property(job, (value) => {
        const result = parseText(encodeEncryptJob(value).body);
        const { payload: bytes, ...header } = value;
        expect(result).toEqual({
          ok: true,
          message: { form: "plain", header: { version: 1, kind: "encrypt", ...header }, payload: Buffer.from(bytes) },
        });
      }),
    );
  });

  it("gives a job without an id one of its own", () => {
    const [first, second] = [encodeEncryptJob(input), encodeEncryptJob(input)];
    expect(first.id).not.toBe(second.id);
    expect(JSON.parse(first.body)).toMatchObject({ id: first.id });
  });

  it("escapes what SQS refuses to carry", () => {
    const { body } = encodeEncryptJob({ ...input, recordId: "a\uffff\ufffe" });
    expect(body).not.toMatch(/[\uFFFE\uFFFF]/);
    expect(JSON.parse(body)).toMatchObject({ recordId: "a\uffff\ufffe" });
  });

  it.each([
    ["an empty payload", { payload: new Uint8Array() }, "JOBS_PAYLOAD_EMPTY"],
    ["a payload that is too large", { payload: new Uint8Array(11) }, "JOBS_PAYLOAD_TOO_LARGE"],
    ["a reserved context key", { context: { "dekhand:x": "" } }, "JOBS_CONTEXT_RESERVED_KEY"],
    ["an empty record id", { recordId: "" }, "JOBS_RECORD_ID_INVALID"],
    ["a lone surrogate", { recordId: "\ud800" }, "JOBS_TEXT_ILL_FORMED"],
    ["a fractional revision", { revision: 0.5 }, "JOBS_REVISION_INVALID"],
  ])("refuses %s with the code that a consumer would give", (_, wrong, code) => {
    expect(() => encodeEncryptJob({ ...input, ...wrong }, { maxPayloadBytes: 10 })).toThrow(
      expect.objectContaining({ name: "JobsError", code }),
    );
  });
});
