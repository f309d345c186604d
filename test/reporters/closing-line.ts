import { writeSync } from "node:fs";
import type { Reporter, TestModule } from "vitest/node";

/**
 * Prints `N passed, N failed, N skipped` as the very last line of a run, for whoever reads only that.
 *
 * A file that could not be loaded, a hook that failed and an error outside of any test count as a failed one each, and
 * a run that ends with a failing exit code never says "0 failed".
 */
export class ClosingLine implements Reporter {
  readonly #counts = { passed: 0, failed: 0, skipped: 0 };

  onInit(): void {
    process.once("exit", (code) => {
      const { passed, failed, skipped } = this.#counts;
      const shown = code !== 0 && failed === 0 ? 1 : failed;
      writeAtExit(`${passed} passed, ${shown} failed, ${skipped} skipped\n`);
    });
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = this.#counts;
    Object.assign(counts, { passed: 0, failed: unhandledErrors.length, skipped: 0 });
    for (const module of modules) {
      let failedTests = 0;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "passed") counts.passed += 1;
        else if (state === "failed") failedTests += 1;
        else counts.skipped += 1;
      }
      const failedOutsideTests = failedTests === 0 && module.state() === "failed" ? 1 : 0;
      counts.failed += failedTests + failedOutsideTests;
    }
  }
}

/** Everything asynchronous is over by now: only a direct write still gets out, and nothing comes after it. */
function writeAtExit(text: string): void {
  for (;;) {
    try {
      writeSync(1, text);
      return;
    } catch (error) {
      // The reader of a full pipe is slow; one that has gone away gets nothing.
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) return;
    }
  }
}
