import type { CallOptions } from "../dynamodb/call-options.ts";
import type { Copied, CopyOutcome } from "./copy-types.ts";

/** What became of one copy. Throws its error, or the signal's reason. */
export async function singleCopy(
  { signal }: CallOptions,
  copy: () => Promise<readonly CopyOutcome[]>,
): Promise<Copied> {
  signal?.throwIfAborted();
  const [outcome] = await copy();
  if (outcome === undefined) throw new TypeError("one copy has one outcome");
  if (outcome.kind !== "failed") return outcome.kind;
  signal?.throwIfAborted();
  throw outcome.error;
}
