import { defineConfig } from "vitest/config";
import { FileOrder } from "./test/file-order.ts";
import { ClosingLine } from "./test/reporters/closing-line.ts";

export default defineConfig({
  test: {
    include: ["{packages,services,infra,test}/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    pool: "forks",
    // The tests wait more than they compute: more workers than cores halve the time.
    maxWorkers: 4,
    sequence: { sequencer: FileOrder },
    // For a machine that is busy with other things: a test that passes waits for events, not for these.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 15_000 } },
    globalSetup: ["test/leaks/run-leaks.ts"],
    setupFiles: ["test/leaks/file-leaks.ts"],
    reporters: ["default", new ClosingLine()],
  },
});
