import type { Work } from "./settings.ts";

/** What a contestant's process does. */
export interface Rewrapper {
  /** Ends when every wrap of the segments is under the target key; tells how many more are, as it goes on. */
  rewrap(work: Work, onRewrapped: (wraps: number) => void): Promise<void>;
  close(): Promise<void>;
}
