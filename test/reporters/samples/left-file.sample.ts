import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "vitest";

it("holds, but leaves a file behind", () => {
  writeFileSync(join(tmpdir(), "forgotten"), "");
});
