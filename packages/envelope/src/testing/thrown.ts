import { EnvelopeError } from "../index.ts";

/** The EnvelopeError that `act` throws; anything else fails the test. */
export function thrownBy(act: () => unknown): EnvelopeError {
  try {
    act();
  } catch (error) {
    if (error instanceof EnvelopeError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
