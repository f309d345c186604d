import { spawn } from "node:child_process";
import { expect, it } from "vitest";

it("holds, but leaves a process behind", () => {
  const child = spawn("sleep", ["61"], { detached: true, stdio: "ignore" });
  child.unref();
  expect(child.pid).toBeDefined();
});
