import type { Contestant } from "../interleave.ts";

/** One way to seal and open records. */
export interface Codec {
  readonly seal: Contestant;
  readonly open: Contestant;
}
