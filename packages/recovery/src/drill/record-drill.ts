import { describeError } from "@dekhand/errors";
import { deadlineIn, type Logger } from "@dekhand/runtime";
import type { CallOptions, DrillResult, StateStore } from "@dekhand/store";

export interface RecordDrillDeps {
  /** Of the drilled Region, and of the control Region where that is another. */
  readonly states: Readonly<Record<string, Pick<StateStore, "putDrill">>>;
  readonly logger: Logger;
}

/** A control Region that is away must not hold up a drill that shows what is to be had without it. */
const deadlineMs = 5_000;

/** Writes the result into each, and answers in which it is. Throws the signal's reason only. */
export async function recordDrill(
  result: DrillResult,
  { states, logger }: RecordDrillDeps,
  { signal }: CallOptions = {},
): Promise<readonly string[]> {
  const written = await Promise.all(
    Object.entries(states).map(async ([region, state]) => {
      using limit = deadlineIn(deadlineMs, signal);
      try {
        await state.putDrill(result, { signal: limit.signal });
        return [region];
      } catch (error) {
        signal?.throwIfAborted();
        const fields = { region, code: describeError(error).code };
        logger.warn(fields, "a drill's result could not be written to that Region's state table");
        return [];
      }
    }),
  );
  return written.flat();
}
