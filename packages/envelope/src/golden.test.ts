import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Dek, open, readHeader, recoverDek } from "./index.ts";
import { type GoldenDek, type GoldenDocument, goldenDocument } from "./testing/golden-document.ts";
import { goldenFile } from "./testing/golden-file.ts";
import { referenceSteps } from "./testing/reference.ts";
import { thrownBy } from "./testing/thrown.ts";

const golden: GoldenDocument = JSON.parse(readFileSync(goldenFile, "utf8"));

function dekOf({ id, key, commitment }: GoldenDek): Dek {
  return recoverDek(id, Buffer.from(key, "hex"), Buffer.from(commitment, "hex"));
}

describe("golden envelopes", () => {
  it("are what sealing gives today, byte for byte", () => {
    expect(golden).toEqual(JSON.parse(JSON.stringify(goldenDocument())));
  });

  it("are what a second, plain implementation of the specification gives", () => {
    for (const { dek, nonce, plaintext, binding, envelope } of golden.opens) {
      const { id, key, commitment } = golden.deks[dek];
      const [keyBytes, nonceBytes, plaintextBytes] = [key, nonce, plaintext].map((hex) => Buffer.from(hex, "hex"));
      if (!keyBytes || !nonceBytes || !plaintextBytes) throw new Error("incomplete");
      const steps = referenceSteps({ dekId: id, key: keyBytes, nonce: nonceBytes, plaintext: plaintextBytes, binding });
      expect(steps.envelope.toString("hex")).toBe(envelope);
      expect(steps.commitment.toString("hex")).toBe(commitment);
    }
  });

  it.each(golden.opens)("open: $name", ({ dek: name, binding, nonce, plaintext, envelope }) => {
    using dek = dekOf(golden.deks[name]);
    const bytes = Buffer.from(envelope, "hex");
    expect(readHeader(bytes)).toEqual({ version: 1, suite: 1, dekId: dek.id, sealId: nonce });
    expect(open(dek, bytes, binding).toString("hex")).toBe(plaintext);
    expect(open(dek, new Uint8Array(bytes), binding).toString("hex")).toBe(plaintext);
  });

  it.each(golden.mustFail)("do not open: $name", ({ dek: name, binding, envelope, code }) => {
    using dek = dekOf(golden.deks[name]);
    expect(thrownBy(() => open(dek, Buffer.from(envelope, "hex"), binding)).code).toBe(code);
  });

  it("have a flip of every byte of header and tag, and every truncation, among those that do not open", () => {
    const names = golden.mustFail.map(({ name }) => name);
    const count = (part: RegExp) => names.filter((name) => part.test(name)).length;
    expect([count(/^header flipped/), count(/^tag flipped/), count(/^cut to/)]).toEqual([42, 16, 70]);
    expect(new Set(names).size).toBe(names.length);
  });

  it("fail alike whatever is wrong: the same error, whether DEK, binding or bytes differ", () => {
    const failures = golden.mustFail.filter(({ code }) => code === "ENVELOPE_AUTHENTICATION_FAILED");
    const texts = failures.map(({ dek: name, binding, envelope }) => {
      using dek = dekOf(golden.deks[name]);
      const error = thrownBy(() => open(dek, Buffer.from(envelope, "hex"), binding));
      return JSON.stringify([error, String(error), error.cause ?? "no cause"]);
    });
    expect(texts.length).toBeGreaterThan(80);
    expect(new Set(texts).size).toBe(1);
  });
});
