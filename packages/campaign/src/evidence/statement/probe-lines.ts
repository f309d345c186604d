import { judged, type PlaceFacts } from "./left-lines.ts";
import { agree, amount, counted } from "./words.ts";

/** What probing showed in one store and Region. */
export function probeLines({ closing, where }: PlaceFacts): readonly string[] {
  const current = judged(closing, "current") + judged(closing, "currentConcluded");
  if (current === 0) return [];
  const [probed, decrypted] = [judged(closing, "probed"), judged(closing, "probedByDecrypt")];
  const [wrong, unprobed] = [judged(closing, "mislabelled"), judged(closing, "unprobed")];
  const unknown = current - probed - wrong - unprobed;
  const dryRun = probed - decrypted;
  const how = [
    ...(decrypted > 0 ? [`${amount(decrypted)} by unwrapping`] : []),
    ...(dryRun > 0 ? [`${amount(dryRun)} by dry run`] : []),
  ].join(", ");
  const found = `${amount(probed)} of ${counted(current, "current wrap")} in ${where} ${agree(probed, "was", "were")} probed and found genuine`;
  return [
    `${found}${how === "" ? "" : ` (${how})`}; ${amount(unprobed)} ${agree(unprobed, "was", "were")} not in the sample.`,
    ...(wrong === 0
      ? []
      : [`${counted(wrong, "wrap")} in ${where} ${agree(wrong, "is NOT what it says", "are NOT what they say")}.`]),
    ...(unknown > 0
      ? [`${counted(unknown, "wrap")} in ${where} ${agree(unknown, "was", "were")} to be probed and could not be.`]
      : []),
  ];
}
