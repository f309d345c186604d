import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ENVELOPE_ERROR_CODES } from "./index.ts";

const packageFolder = join(import.meta.dirname, "..");
const readme = readFileSync(join(packageFolder, "README.md"), "utf8");

describe("README.md", () => {
  it("has an example that runs and prints what it says", () => {
    const [, code] = /```ts\n(.*?)```/s.exec(readme) ?? [];
    if (code === undefined) throw new Error("there is no example");
    const args = ["--no-warnings", "--input-type=module-typescript", "--eval", code];
    expect(execFileSync(process.execPath, args, { cwd: packageFolder, encoding: "utf8" })).toBe("hello");
  });

  it("explains each error code, and no others", () => {
    const [, section = ""] = /^## How it fails$(.*?)^## /ms.exec(readme) ?? [];
    const explained = Array.from(section.matchAll(/^\| `(ENVELOPE_\w+)` \|/gm), ([, code]) => code);
    expect(explained).toHaveLength(ENVELOPE_ERROR_CODES.length);
    expect(new Set(explained)).toEqual(new Set(ENVELOPE_ERROR_CODES));
  });
});
