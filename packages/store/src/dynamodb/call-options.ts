export interface CallOptions {
  /** Ends the call at once, waits included; the call then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}
