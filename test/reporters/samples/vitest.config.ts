import { defineConfig } from "vitest/config";
import { ClosingLine } from "../closing-line.ts";

/** As the repository's own, for the files that show what its reporter and its leak checks do. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["*.sample.ts"],
    pool: "forks",
    globalSetup: ["../../leaks/run-leaks.ts"],
    setupFiles: ["../../leaks/file-leaks.ts"],
    reporters: ["default", new ClosingLine()],
  },
});
