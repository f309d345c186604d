import { type CommandContext, note } from "../command-context.ts";
import { escapeControl } from "../terminal/escape-control.ts";

/** A line of the input that was not submitted. Reasons never quote it. */
export interface FailedLine {
  readonly line: number;
  readonly reason: string;
}

/** Lines that are named one by one; the rest is counted. */
const named = 20;

export function noteFailedLines(context: CommandContext, failed: readonly FailedLine[]): void {
  for (const { line, reason } of failed.slice(0, named)) note(context, `  line ${line}: ${escapeControl(reason)}`);
  if (failed.length > named) note(context, `  and ${failed.length - named} more`);
}
