/**
 * The logger of a process: JSON lines, one object a line.
 *
 * What reaches a line is safe by construction: errors pass through
 * `describeError` wherever they stand (foreign messages quote their input), and
 * bytes are replaced by their length. Strings are written as they are given: do
 * not log payloads.
 */
import { describeError } from "@dekhand/errors";
import { pino } from "pino";

export type Logger = pino.Logger;
export const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LoggerOptions {
  /** Name of the service, on every line. */
  readonly service: string;
  /** Which instance of the service, when several run; on every line. */
  readonly workerId?: string;
  /** Default `info`. */
  readonly level?: LogLevel;
  /** Default: standard output, written synchronously so that nothing is lost at exit. */
  readonly destination?: pino.DestinationStream;
}

export function createLogger(options: LoggerOptions): Logger {
  const settings: pino.LoggerOptions = {
    level: options.level ?? "info",
    base: { service: options.service, ...(options.workerId === undefined ? {} : { workerId: options.workerId }) },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }), log: safeFields },
    serializers: { err: safeError, error: safeError, cause: safeError, reason: safeValue },
    hooks: {
      // Without this, pino takes an error's message for the line's own message.
      logMethod(args, method) {
        method.apply(this, safeArguments(args));
      },
    },
  };
  return options.destination === undefined ? pino(settings) : pino(settings, options.destination);
}

const maxDepth = 6;

function safeFields(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, key === "err" ? safeError(value) : safeValue(value)]),
  );
}

/** Thrown texts stand for errors too. */
function safeError(value: unknown): unknown {
  return typeof value === "string" ? describeError(value) : safeValue(value);
}

function safeValue(value: unknown): unknown {
  return safe(value, 0);
}

function safe(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Error) return describeError(value);
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (depth >= maxDepth) return "[deeper]";
  if (Array.isArray(value)) return value.map((item) => safe(item, depth + 1));
  if (value instanceof Map) return `[map of ${value.size}]`;
  if (value instanceof Set) return `[set of ${value.size}]`;
  if (value instanceof Date || value instanceof URL) return value.toJSON();
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, safe(item, depth + 1)]));
}

type LogArguments = Parameters<pino.LogFn>;

function safeArguments(args: LogArguments): LogArguments {
  const [first, ...rest] = args as [unknown, ...unknown[]];
  const params = rest.map((value) => (typeof value === "object" ? safeValue(value) : value));
  const message = typeof params[0] === "string" ? params : [messageOf(first), ...params];
  if (first instanceof Error) return [{ err: describeError(first) }, ...message] as LogArguments;
  if (typeof first === "object" && first !== null && "err" in first) return [first, ...message] as LogArguments;
  return [first, ...params] as LogArguments;
}

function messageOf(value: unknown): string {
  const error =
    value instanceof Error
      ? value
      : typeof value === "object" && value !== null && "err" in value
        ? value.err
        : undefined;
  return error instanceof Error ? (describeError(error).message ?? describeError(error).code) : "error";
}
