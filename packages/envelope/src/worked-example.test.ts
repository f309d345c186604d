import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createDek, open, recoverDek } from "./index.ts";
import { sealWith } from "./seal-with.ts";
import { exampleInput, exampleLines } from "./testing/worked-example.ts";

const page = readFileSync(new URL("../../../docs/envelope-format.md", import.meta.url), "utf8");

/** The value that the page gives for `name`: a line that begins with it, and the indented ones below. */
function printed(name: string): Buffer {
  const [, hex] = new RegExp(`^${name} +([0-9a-f]+(?:\n {16}[0-9a-f]+)*)$`, "m").exec(page) ?? [];
  if (hex === undefined) throw new Error(`the page gives no ${name}`);
  return Buffer.from(hex.replace(/\s+/g, ""), "hex");
}

describe("docs/envelope-format.md", () => {
  it("prints every value of its worked example as a plain implementation of its steps computes it", () => {
    expect(page).toContain(`\n\`\`\`text\n${exampleLines()}\n\`\`\`\n`);
  });

  it("gives the inputs of its worked example in words as they are", () => {
    const { dekId, binding } = exampleInput;
    const words = [dekId, binding.recordId, binding.contentType, JSON.stringify(binding.context), "hello, Zoë"];
    for (const word of words) expect(page).toContain(`\`${word}\``);
    expect(page).toMatch(/revision 3, epoch 1/);
  });

  it("prints an envelope that this package makes and opens, from what the page itself says", () => {
    const { dekId, binding } = exampleInput;
    using dek = createDek(dekId, printed("key"));
    const nonce = printed("nonce");
    const envelope = sealWith((target, at) => target.set(nonce, at), dek, printed("plaintext"), binding);
    expect(envelope.equals(printed("envelope"))).toBe(true);

    using again = recoverDek(dekId, printed("key"), printed("commitment"));
    expect(open(again, printed("envelope"), binding).toString()).toBe("hello, Zoë");
  });
});
