import type { Evidence } from "@dekhand/campaign";

/** In a campaign that came to its closing census, `wraps` is the sum of `current`, `other` and `left`. */
export interface CampaignCounts extends Partial<ClosingCounts> {
  /** Wraps that the campaign has replaced: by the closing census, else by what its segments have counted. */
  readonly swapped: number;
  /** Failures that nobody has resolved. */
  readonly failures: number;
}

/** What the closing census has found. */
interface ClosingCounts {
  readonly wraps: number;
  /** Under the target. */
  readonly current: number;
  /** Under keys that the campaign does not concern. */
  readonly other: number;
  /** Still to be rewrapped, or unreadable. */
  readonly left: number;
  /** Of the current ones, those of which KMS itself has confirmed it. */
  readonly probed: number;
}

export function countsOf({ census: { closing }, canary, progress, failures }: Evidence): CampaignCounts {
  const unresolved = failures.counts.open + failures.counts.skipped + failures.counts.unreadable;
  if (closing.length === 0 || closing.some(({ whole }) => !whole)) {
    const swapped = sum([...canary, ...progress], ({ counts }) => counts.swapped ?? 0);
    return { swapped, failures: unresolved };
  }
  const groups = closing.flatMap((place) => place.groups);
  const judged = (...names: readonly string[]) =>
    sum(closing, (place) => sum(names, (name) => place.judged[name] ?? 0));
  const unreadable = sum(closing, ({ malformed }) => malformed);
  return {
    wraps: sum(groups, ({ count }) => count) + sum(closing, ({ unlisted }) => unlisted) + unreadable,
    swapped: sum(
      groups.filter(({ swapped }) => swapped),
      ({ count }) => count,
    ),
    current: judged("current", "currentConcluded"),
    other: judged("other"),
    left: judged("stale", "failing", "skipped", "unlabelled") + unreadable,
    probed: judged("probed"),
    failures: unresolved,
  };
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
