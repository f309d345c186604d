import type { KeyDescription } from "@dekhand/kms";
import type { Retirement } from "@dekhand/store";

/**
 * How far a retirement is, by its item and by KMS:
 * - `to-be-probed`: no probe of all wraps stands. `soaking`, then `soaked`: none was under the key.
 * - `disabled`: by the retirement, and still so. `deletion-pending`: KMS will delete it.
 * - `stuck`: the key is in a state that the retirement did not bring about, and that nobody can probe in.
 */
export type RetirementStage = "to-be-probed" | "soaking" | "soaked" | "disabled" | "deletion-pending" | "stuck";

export function retirementStage(
  retirement: Retirement | undefined,
  { state }: Pick<KeyDescription, "state">,
  now: Date,
): RetirementStage {
  const wasDisabled = retirement?.disabledAt !== undefined;
  if (state.startsWith("Pending") && state.endsWith("Deletion")) return wasDisabled ? "deletion-pending" : "stuck";
  if (state === "Disabled") return wasDisabled ? "disabled" : "stuck";
  if (state !== "Enabled") return "stuck";
  if (retirement?.emptyAt === undefined) return "to-be-probed";
  return now.getTime() < Date.parse(retirement.soakUntil) ? "soaking" : "soaked";
}
