/** The worked example of docs/envelope-format.md: the same inputs, and every value as the document prints it. */

import { referenceSteps } from "./reference.ts";

export const exampleInput = {
  dekId: "01890a5d-ac96-774b-bcce-b302099a8057",
  key: Buffer.from("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "hex"),
  nonce: Buffer.from("ABCDEFGHIJKLMNOPQRSTUVWX"),
  plaintext: Buffer.from("hello, Zoë"),
  binding: {
    recordId: "order-1",
    context: { zone: "eu", tenant: "acme" },
    contentType: "text/plain",
    revision: 3,
    epoch: 1,
  },
};

/** Lines of `name hex`, 32 bytes a line, as they stand in the document's code block. */
export function exampleLines(): string {
  const { key, nonce, plaintext } = exampleInput;
  const { encryptionKey, commitment, header, context, aad, l, k1, kx, ciphertextAndTag, envelope } =
    referenceSteps(exampleInput);
  const values: readonly (readonly [string, Buffer])[] = [
    ["key", key],
    ["nonce", nonce],
    ["plaintext", plaintext],
    ["encryption key", encryptionKey],
    ["commitment", commitment],
    ["header", header],
    ["context", context],
    ["AAD", aad],
    ["L", l],
    ["K1", k1],
    ["Kx", kx],
    ["ciphertext", ciphertextAndTag.subarray(0, -16)],
    ["tag", ciphertextAndTag.subarray(-16)],
    ["envelope", envelope],
  ];
  return values.flatMap(([name, bytes]) => hexLines(name, bytes)).join("\n");
}

function hexLines(name: string, bytes: Buffer): readonly string[] {
  const lines = bytes.toString("hex").match(/.{1,64}/g) ?? [];
  return lines.map((line, at) => `${(at === 0 ? name : "").padEnd(16)}${line}`);
}
