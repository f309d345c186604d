import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { spawnScript } from "@dekhand/testing";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
const config = join(root, "test", "reporters", "samples", "vitest.config.ts");

describe.concurrent("the closing line", () => {
  it("is the last of a run that holds, and ends it well", async () => {
    expect(await runSample("good")).toMatchObject({ code: 0, lastLine: "1 passed, 0 failed, 0 skipped" });
  });

  it("counts what failed and what was left out", async () => {
    expect(await runSample("mixed")).toMatchObject({ code: 1, lastLine: "2 passed, 1 failed, 2 skipped" });
  });

  it("counts a file that cannot be loaded as failed", async () => {
    expect(await runSample("unloadable")).toMatchObject({ code: 1, lastLine: "0 passed, 1 failed, 0 skipped" });
  });

  it("is failed where no test was found", async () => {
    expect(await runSample("no-such-file")).toMatchObject({ code: 1, lastLine: "0 passed, 1 failed, 0 skipped" });
  });
});

describe.concurrent("a run whose tests all hold", () => {
  it("fails where a file leaves a server open", async () => {
    const run = await runSample("open-server");
    expect(run).toMatchObject({ code: 1, lastLine: "1 passed, 1 failed, 0 skipped" });
    expect(run.text).toContain("this file left something open");
  });

  it("fails where a file is left in the temporary folder, which goes all the same", async () => {
    const run = await runSample("left-file");
    expect(run).toMatchObject({ code: 1, lastLine: "1 passed, 1 failed, 0 skipped" });
    expect(run.text).toContain("temporary file forgotten");
  });

  it.runIf(existsSync("/proc/self/environ"))("fails where a process is left behind", async () => {
    const run = await runSample("left-process");
    const left = Number(/process (\d+): sleep 61/.exec(run.text)?.[1]);
    process.kill(left, "SIGKILL");
    expect(run).toMatchObject({ code: 1, lastLine: "1 passed, 1 failed, 0 skipped" });
  });
});

async function runSample(name: string) {
  await using run = await spawnScript({
    script: vitest,
    args: ["run", "--config", config, name],
    env: { NO_COLOR: "1" },
  });
  const { code } = await run.exited;
  const text = run.lines.map((line) => line.text).join("\n");
  return { code, text, lastLine: run.stdout().trim().split("\n").at(-1) };
}
