import type { Profile } from "@dekhand/runtime";

export interface Traffic {
  readonly recordsPerDay: number;
  readonly recordBytes: number;
  /** Different values of the DEK scope. A profile without a scope has one. */
  readonly scopes: number;
  readonly workers: number;
}

export interface ReuseEstimate {
  readonly recordsPerDek: number;
  readonly deksPerDay: number;
}

const dayMs = 86_400_000;

/**
 * How far a DEK is shared when records arrive evenly over the day, scopes and
 * workers. Each worker has DEKs of its own, so S scopes and W workers divide
 * the stream into S x W; a DEK then ends by count, bytes or age, whichever
 * comes first.
 */
export function estimateReuse(profile: Profile, traffic: Traffic): ReuseEstimate {
  const streams = (profile.dekScope.length === 0 ? 1 : traffic.scopes) * traffic.workers;
  const withinAge = ((traffic.recordsPerDay / streams) * profile.reuse.ageMs) / dayMs;
  const withinBytes = profile.reuse.bytes / traffic.recordBytes;
  const recordsPerDek = Math.max(1, Math.min(profile.reuse.records, withinBytes, withinAge));
  return { recordsPerDek, deksPerDay: traffic.recordsPerDay / recordsPerDek };
}
