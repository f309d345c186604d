/**
 * The base of every error that Dekhand throws.
 *
 * An error may end up in a log, a dead-letter queue, a job failure or a metric
 * label, so everything it carries must be fit to be read by a stranger: codes,
 * ids, key ARNs, counts. Never a payload, key bytes or raw input.
 */

/** Values that may be logged: identifiers and counts, never payloads or key bytes. */
export type SafeContext = Readonly<Record<string, string | number | boolean>>;

export interface DekhandErrorOptions {
  /** Whether the same operation may succeed later without anybody changing anything. */
  readonly retryable?: boolean;
  /** The error underneath. Kept for the stack; only its name and code are ever serialised. */
  readonly cause?: unknown;
  readonly context?: SafeContext;
}

export abstract class DekhandError<Code extends string = string> extends Error {
  /** Stable and documented in docs/errors.md. Codes are added, never reused. */
  readonly code: Code;
  readonly retryable: boolean;
  readonly context: SafeContext;

  constructor(code: Code, message: string, options: DekhandErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.context = options.context ?? {};
  }

  toJSON(): SafeErrorInfo {
    return describeError(this);
  }
}

export interface SafeErrorInfo {
  readonly name: string;
  readonly code: string;
  /** Present for Dekhand's own errors only: a foreign message may quote its input. */
  readonly message?: string;
  readonly retryable?: boolean;
  readonly context?: SafeContext;
  readonly cause?: SafeErrorInfo;
}

/**
 * What may be written down about any thrown value.
 *
 * Foreign errors are reduced to name and code, because their messages quote
 * input: `JSON.parse` repeats the text it could not read, for one.
 */
export function describeError(error: unknown): SafeErrorInfo {
  return describe(error, 0);
}

const maxCauseDepth = 4;

function describe(error: unknown, depth: number): SafeErrorInfo {
  if (!(error instanceof Error)) return { name: "NonError", code: typeof error };
  const cause = error.cause === undefined || depth >= maxCauseDepth ? {} : { cause: describe(error.cause, depth + 1) };
  if (error instanceof DekhandError) {
    const { name, code, message, retryable, context } = error;
    return { name, code, message, retryable, context, ...cause };
  }
  return { name: error.name, code: foreignCode(error), ...cause };
}

function foreignCode(error: Error): string {
  const code: unknown = "code" in error ? error.code : undefined;
  return typeof code === "string" || typeof code === "number" ? String(code) : error.name;
}

/** Whether `error` is the reason of an aborted signal: nobody waits for the result any more. */
export function isAbort(error: unknown, signal?: AbortSignal): boolean {
  if (signal?.aborted && error === signal.reason) return true;
  return error instanceof Error && error.name === "AbortError";
}
