import type { AssembledEncryptor } from "@dekhand/encryptor";
import { sleep } from "@dekhand/runtime";
import type { CommandContext } from "../command-context.ts";
import { CliError } from "../errors.ts";
import { startProgress } from "../terminal/progress.ts";

/** Without any job settled for so long, something is wrong. */
const stalledMs = 60_000;

/** Waits until every job is stored or rejected, and returns how many were rejected. Throws CLI_DEMO_STALLED. */
export async function untilSettled(
  encryptor: AssembledEncryptor,
  jobs: number,
  context: CommandContext,
): Promise<number> {
  using progress = startProgress({ label: "encrypting", total: jobs, stream: context.stderr });
  let settled = 0;
  let movedAt = performance.now();
  for (;;) {
    const stats = encryptor.consumers().map((consumer) => consumer.stats());
    const rejected = stats.reduce((sum, each) => sum + each.rejected, 0);
    const now = stats.reduce((sum, { done }) => sum + done, rejected);
    if (now > settled) {
      progress.advance(now - settled);
      settled = now;
      movedAt = performance.now();
    }
    if (settled >= jobs) {
      progress.finish();
      return rejected;
    }
    if (performance.now() - movedAt > stalledMs) {
      throw new CliError("CLI_DEMO_STALLED", "no job was settled for a minute", { context: { settled, jobs } });
    }
    await sleep(25, { signal: context.signal });
  }
}
