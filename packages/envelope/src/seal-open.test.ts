import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { associatedData, readBinding } from "./binding.ts";
import { secretsOf } from "./dek.ts";
import {
  createDek,
  DEK_BYTES,
  ENVELOPE_OVERHEAD_BYTES,
  MAX_PLAINTEXT_BYTES,
  newDekId,
  open,
  type RecordBinding,
  readHeader,
  seal,
} from "./index.ts";
import { sealWith } from "./seal-with.ts";
import { binding as anyBinding, plaintext as anyPlaintext, illFormedTexts } from "./testing/arbitraries.ts";
import { referenceSteps } from "./testing/reference.ts";
import { thrownBy } from "./testing/thrown.ts";
import { xaesEncrypt } from "./xaes-256-gcm.ts";

const newDek = () => createDek(newDekId(), randomBytes(DEK_BYTES));
const order: RecordBinding = { recordId: "order-1", context: { tenant: "acme" }, contentType: "text/plain", epoch: 1 };
const text = Buffer.from("sealed text");

describe("seal and open", () => {
  it("give back any plaintext under any binding, 58 bytes longer in between", () => {
    using dek = newDek();
    fc.assert(
      fc.property(anyPlaintext, anyBinding, (plaintext, binding) => {
        const envelope = seal(dek, plaintext, binding);
        expect(envelope.length).toBe(plaintext.length + ENVELOPE_OVERHEAD_BYTES);
        expect(open(dek, envelope, structuredClone(binding)).equals(plaintext)).toBe(true);
      }),
    );
  });

  it("follow the specification for any input: a second implementation gives the same bytes", () => {
    const nonceBytes = fc.uint8Array({ minLength: 24, maxLength: 24 });
    const keyBytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(keyBytes, nonceBytes, anyPlaintext, anyBinding, (key, nonce, plaintext, binding) => {
        const dekId = newDekId();
        const expected = referenceSteps({ dekId, key, nonce, plaintext, binding });
        using dek = createDek(dekId, Buffer.from(key));
        const envelope = sealWith((target, at) => target.set(nonce, at), dek, plaintext, binding);
        expect(envelope.equals(expected.envelope)).toBe(true);
        expect(expected.commitment.equals(dek.commitment)).toBe(true);
      }),
    );
  });

  it("refuse every binding but the one sealed with", () => {
    using dek = newDek();
    fc.assert(
      fc.property(anyBinding, anyBinding, (binding, other) => {
        fc.pre(JSON.stringify(sorted(binding)) !== JSON.stringify(sorted(other)));
        const envelope = seal(dek, text, binding);
        expect(thrownBy(() => open(dek, envelope, other)).code).toBe("ENVELOPE_AUTHENTICATION_FAILED");
      }),
    );
  });

  it("refuse an envelope with any bit flipped, wherever it is", () => {
    using dek = newDek();
    const envelope = seal(dek, randomBytes(100), order);
    for (let bit = 0; bit < envelope.length * 8; bit++) {
      const forged = Buffer.from(envelope);
      forged[bit >> 3] = (forged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      thrownBy(() => open(dek, forged, order));
    }
  });

  it("refuse an envelope that names another DEK, even where its tag is right", () => {
    using named = newDek();
    using dek = newDek();
    const forged = seal(named, text, order);
    const aad = associatedData(forged, readBinding(order));
    xaesEncrypt(secretsOf(dek).xaesKey, forged.subarray(18, 42), text, aad, forged, 42);
    expect(thrownBy(() => open(dek, forged, order)).code).toBe("ENVELOPE_AUTHENTICATION_FAILED");
    expect(thrownBy(() => open(named, forged, order)).code).toBe("ENVELOPE_AUTHENTICATION_FAILED");
  });

  it("never use a nonce twice, over many refills of the pool", () => {
    using dek = newDek();
    using other = newDek();
    const count = 5000;
    const ids = Array.from({ length: count }, (_, at) => readHeader(seal(at % 2 ? dek : other, text, order)).sealId);
    expect(new Set(ids).size).toBe(count);
    const byteValues = new Set(ids.flatMap((id) => [...Buffer.from(id, "hex")]));
    expect(byteValues.size).toBe(256);
    // No half repeats either: neighbours in the pool do not overlap.
    expect(new Set(ids.flatMap((id) => [id.slice(0, 24), id.slice(24)])).size).toBe(2 * count);
  });

  it("leave nonces that were handed out alone: an envelope does not change when others are sealed", () => {
    using dek = newDek();
    const first = seal(dek, text, order);
    const copy = Buffer.from(first);
    for (let at = 0; at < 2000; at++) seal(dek, text, order);
    expect(first.equals(copy)).toBe(true);
  });

  it("hand out the plaintext in memory of its own, which the caller can wipe", () => {
    using dek = newDek();
    const opened = open(dek, seal(dek, text, order), order);
    expect(opened.buffer.byteLength).toBe(text.length);
  });

  it("leave their inputs as they are", () => {
    using dek = newDek();
    const plaintext = Buffer.from(text);
    const envelope = seal(dek, plaintext, Object.freeze({ ...order, context: Object.freeze({ ...order.context }) }));
    const copy = Buffer.from(envelope);
    open(dek, envelope, order);
    expect([plaintext.equals(text), envelope.equals(copy)]).toEqual([true, true]);
  });

  it("are not confused by a binding whose getter seals another record, resizes the plaintext or disposes of the DEK", () => {
    const dek = newDek();
    const bytes = new Uint8Array(new ArrayBuffer(text.length, { maxByteLength: 100 }));
    bytes.set(text);
    const bindingThat = (act: () => void): RecordBinding => ({
      ...order,
      context: {
        get tenant() {
          act();
          return "acme";
        },
      },
    });
    const sealsAnother = bindingThat(() => seal(dek, text, { ...order, recordId: "another, with a longer id" }));
    expect(open(dek, seal(dek, text, sealsAnother), order).equals(text)).toBe(true);
    const shrinks = bindingThat(() => bytes.buffer.resize(4));
    expect(open(dek, seal(dek, bytes, shrinks), order).toString()).toBe("seal");
    const disposes = bindingThat(() => dek[Symbol.dispose]());
    expect(thrownBy(() => seal(dek, text, disposes)).code).toBe("ENVELOPE_DEK_DISPOSED");
  });

  it("take bindings far longer than usual, up to 1 MiB", () => {
    using dek = newDek();
    const long = { ...order, context: { a: "é".repeat(20_000), b: "x".repeat(200_000) } };
    expect(open(dek, seal(dek, text, long), long).equals(text)).toBe(true);
    for (const tooLong of ["x".repeat(1024 * 1024), "é".repeat(600_000)]) {
      expect(thrownBy(() => seal(dek, text, { ...order, recordId: tooLong })).code).toBe("ENVELOPE_INPUT_INVALID");
    }
  });
});

describe("sizes", () => {
  it.each([0, 1, 15, 16, 17, 65_536, 1_048_576, 1_048_577])("%i bytes open again", (length) => {
    using dek = newDek();
    const plaintext = randomBytes(length);
    expect(open(dek, seal(dek, plaintext, order), order).equals(plaintext)).toBe(true);
  });

  it("64 MiB go into one envelope, one byte more does not", () => {
    using dek = newDek();
    const plaintext = Buffer.alloc(MAX_PLAINTEXT_BYTES + 1, "dekhand");
    const largest = plaintext.subarray(0, MAX_PLAINTEXT_BYTES);
    const envelope = seal(dek, largest, order);
    expect(open(dek, envelope, order).equals(largest)).toBe(true);

    const error = thrownBy(() => seal(dek, plaintext, order));
    expect(error).toMatchObject({ code: "ENVELOPE_TOO_LARGE", context: { bytes: 67_108_865, maxBytes: 67_108_864 } });
    const tooLong = Buffer.concat([envelope, Buffer.alloc(1)]);
    expect(thrownBy(() => open(dek, tooLong, order)).code).toBe("ENVELOPE_TOO_LARGE");
  });
});

describe("what is no valid input", () => {
  const invalid: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
    ...illFormedTexts.flatMap((bad) => [
      ["an ill-formed record id", { recordId: bad }] as const,
      ["an ill-formed content type", { contentType: bad }] as const,
      ["an ill-formed context key", { context: { [bad]: "x" } }] as const,
      ["an ill-formed context value", { context: { x: bad } }] as const,
    ]),
    ["no record id", { recordId: undefined }],
    ["a record id that is a number", { recordId: 7 }],
    ["no content type", { contentType: null }],
    ["no context", { context: undefined }],
    ["a context value that is a number", { context: { tenant: 7 } }],
    ["a context in a Map", { context: new Map([["tenant", "acme"]]) }],
    ["a context in an array", { context: ["acme"] }],
    ["no epoch", { epoch: undefined }],
    ["a negative epoch", { epoch: -1 }],
    ["a broken epoch", { epoch: 1.5 }],
    ["an epoch beyond exact integers", { epoch: 2 ** 53 }],
    ["an epoch as text", { epoch: "1" }],
    ["a negative revision", { revision: -1 }],
    ["a revision that is not a number", { revision: Number.NaN }],
    ["a revision that is null", { revision: null }],
  ];

  it.each(invalid)("%s is refused by seal and open alike", (_name, wrong) => {
    using dek = newDek();
    const binding = { ...order };
    const envelope = seal(dek, text, order);
    Object.assign(binding, wrong);
    expect(thrownBy(() => seal(dek, text, binding)).code).toBe("ENVELOPE_INPUT_INVALID");
    expect(thrownBy(() => open(dek, envelope, binding)).code).toBe("ENVELOPE_INPUT_INVALID");
  });

  it("no binding at all is refused", () => {
    using dek = newDek();
    const nothing = JSON.parse("null");
    expect(thrownBy(() => seal(dek, text, nothing)).code).toBe("ENVELOPE_INPUT_INVALID");
    expect(thrownBy(() => open(dek, seal(dek, text, order), nothing)).code).toBe("ENVELOPE_INPUT_INVALID");
  });

  it.each([["text"], [[1, 2, 3]], [new ArrayBuffer(80)], [undefined]])("%j instead of bytes is refused", (wrong) => {
    using dek = newDek();
    const notBytes = JSON.parse("{}");
    notBytes.value = wrong;
    expect(thrownBy(() => seal(dek, notBytes.value, order)).code).toBe("ENVELOPE_INPUT_INVALID");
    expect(thrownBy(() => open(dek, notBytes.value, order)).code).toBe("ENVELOPE_INPUT_INVALID");
    expect(thrownBy(() => readHeader(notBytes.value)).code).toBe("ENVELOPE_INPUT_INVALID");
  });

  it("is never quoted in the error", () => {
    using dek = newDek();
    const canary = "canary-4711";
    const errors = [
      thrownBy(() => seal(dek, text, { ...order, recordId: `${canary}\ud800` })),
      thrownBy(() => seal(dek, text, { ...order, context: { [`${canary}\ud800`]: canary } })),
      thrownBy(() => createDek(canary, randomBytes(DEK_BYTES))),
      thrownBy(() => open(dek, seal(dek, Buffer.from(canary), order), { ...order, recordId: canary })),
    ];
    for (const error of errors) expect(`${error.message} ${JSON.stringify(error)}`).not.toContain(canary);
  });
});

describe("readHeader", () => {
  it("tells DEK and seal id without a key, and refuses bytes that are no header", () => {
    using dek = newDek();
    const envelope = seal(dek, text, order);
    expect(readHeader(envelope)).toEqual({
      version: 1,
      suite: 1,
      dekId: dek.id,
      sealId: envelope.toString("hex", 18, 42),
    });
    expect(thrownBy(() => readHeader(envelope.subarray(0, 57))).code).toBe("ENVELOPE_MALFORMED");
    const noId = Buffer.from(envelope);
    noId[8] = 0x40;
    expect(thrownBy(() => readHeader(noId)).code).toBe("ENVELOPE_MALFORMED");
    expect(thrownBy(() => readHeader(Buffer.concat([Buffer.of(2), envelope]))).code).toBe("ENVELOPE_VERSION_UNKNOWN");
    expect(thrownBy(() => readHeader(Buffer.concat([Buffer.of(1, 9), envelope]))).code).toBe("ENVELOPE_SUITE_UNKNOWN");
  });
});

function sorted(binding: RecordBinding) {
  return { ...binding, context: Object.entries(binding.context).toSorted(([a], [b]) => (a < b ? -1 : 1)) };
}
