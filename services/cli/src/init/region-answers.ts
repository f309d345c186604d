/** Which Regions `dekhand init` prepares, and which it leaves out. */

import { DekhandError, describeError } from "@dekhand/errors";
import type { Told } from "@dekhand/recovery";
import { type DeploymentConfig, deadlineIn } from "@dekhand/runtime";
import { CliError } from "../errors.ts";

/** A Region that is not prepared: nobody wanted it to be, or it does not answer. */
export type LeftOut =
  | { readonly region: string; readonly why: "skipped" }
  | { readonly region: string; readonly why: "silent"; readonly code: string };

/** For all that one Region is asked before anything is created, in milliseconds: one that is down holds up no other. */
const deadlineMs = 10_000;

/** Passes by itself, or with the Region: nothing that is wrong with the configuration or a permission. */
const silent: ReadonlySet<string> = new Set([
  "RUNTIME_DEADLINE_EXCEEDED",
  "STORE_UNAVAILABLE",
  "STORE_THROTTLED",
  "KMS_TRANSIENT",
  "KMS_THROTTLED",
  "KMS_LIMIT",
  "KMS_CIRCUIT_OPEN",
]);

/** Whether the Region, and not what was asked of it, is what failed. */
export function isSilence(error: unknown): error is DekhandError {
  return error instanceof DekhandError && silent.has(error.code);
}

/** Throws the signal's reason, and what a Region that does answer says no with. */
export async function askRegion<T>(
  question: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<Told<T>> {
  using limit = deadlineIn(deadlineMs, signal);
  try {
    return { told: true, value: await question(limit.signal) };
  } catch (error) {
    signal.throwIfAborted();
    // Whatever the call made of it: its time was over.
    if (limit.signal.aborted) return { told: false, code: "RUNTIME_DEADLINE_EXCEEDED" };
    if (!isSilence(error)) throw error;
    return { told: false, code: error.code };
  }
}

/** The Regions of `--skip`. Throws CLI_USAGE for one that the configuration does not have, and for the control Region. */
export function skippedRegions(
  { regions, control }: Pick<DeploymentConfig, "regions" | "control">,
  skip: readonly string[],
): ReadonlySet<string> {
  for (const region of skip) {
    if (!regions.includes(region)) {
      throw new CliError("CLI_USAGE", `--skip takes Regions of the configuration: ${regions.join(", ")}`);
    }
    if (region === control) {
      throw new CliError(
        "CLI_USAGE",
        `${control} is the control Region, whose queues are to be created: DEKHAND_CONTROL names another one`,
      );
    }
  }
  return new Set(skip);
}

/** Without its control Region there is nothing to prepare. */
export function controlSilent(control: string, code: string): CliError {
  return new CliError(
    "CLI_CONTROL_UNREACHABLE",
    `the control Region ${control} does not answer; nothing was created. DEKHAND_CONTROL names another one`,
    { retryable: true, context: { region: control, reason: code } },
  );
}

export function codeOf(error: unknown): string {
  return describeError(error).code;
}
