/** A refusal that answers what was asked. */
export interface ExpectedRefusal<T> {
  /** Whether this is the refusal, as the SDK throws it. */
  readonly when: (error: Error) => boolean;
  readonly answer: T;
}

/**
 * KMS says some things by an error: that a dry run would have succeeded, that a signature does not fit.
 *
 * They are taken for the answers that they are where the request is sent, before anybody counts failures. So breaker,
 * retry budget and meters see a call that succeeded.
 */
export async function refusalAsAnswer<T>(call: Promise<T>, { when, answer }: ExpectedRefusal<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Error && when(error)) return answer;
    throw error;
  }
}
