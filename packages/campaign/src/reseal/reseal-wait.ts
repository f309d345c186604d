import { BIRTH_DEADLINE_MS } from "@dekhand/deks";
import type { Profile } from "@dekhand/runtime";
import type { ResealSelection } from "./reseal-selection.ts";

export interface ResealWaitFacts {
  readonly profiles: Readonly<Record<string, Pick<Profile, "name" | "reuse">>>;
  /** The longest that a worker may hold what it has sealed before that is stored or given up, in milliseconds. */
  readonly jobDeadlineMs: number;
}

/**
 * From the marking of a selected DEK until no record can come under it any more, in milliseconds.
 *
 * A worker hands out a DEK for its reuse age at most, which it counts from when the DEK's birth has ended; what was sealed
 * in the last moment of that has the job's deadline to be stored. The two follow each other, so they add up.
 */
export function resealWaitMs(selection: ResealSelection, { profiles, jobDeadlineMs }: ResealWaitFacts): number {
  const all = Object.values(profiles);
  // Whose a leaked DEK is, its id does not tell.
  const concerned = "deks" in selection ? all : all.filter(({ name }) => name === selection.profile);
  const ages = (concerned.length === 0 ? all : concerned).map(({ reuse }) => reuse.ageMs);
  return BIRTH_DEADLINE_MS + Math.max(0, ...ages) + jobDeadlineMs;
}
