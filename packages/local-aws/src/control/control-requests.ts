/** Reads the JSON bodies of the control API. Throws LOCAL_AWS_OPTION_INVALID, naming the member. */
import { SERVICE_NAMES } from "../faults/call-counts.ts";
import type { CallFilter, CutMode, ErrorInjection } from "../faults/region-faults.ts";
import type { JsonObject } from "../service.ts";
import { invalid } from "./local-aws-control.ts";

export function readCut(body: JsonObject): { on: boolean; mode: CutMode } {
  return { on: flag(body, "on") ?? true, mode: choice(body, "mode", ["reset", "hang"]) ?? "reset" };
}

export function readLatency(body: JsonObject): { ms: number; filter: CallFilter } {
  return { ms: required(body, "ms", number), filter: readFilter(body) };
}

export function readQuota(body: JsonObject): { quota: string; perSecond: number | undefined } {
  return { quota: required(body, "quota", text), perSecond: number(body, "perSecond") };
}

export function readInjection(body: JsonObject): ErrorInjection {
  return {
    ...readFilter(body),
    errorName: text(body, "errorName"),
    message: text(body, "message"),
    status: number(body, "status"),
    rate: number(body, "rate"),
    count: number(body, "count"),
    when: choice(body, "when", ["before", "after"]),
    drop: flag(body, "drop"),
  };
}

export function readKey(body: JsonObject): string {
  return required(body, "key", text);
}

/** Refuses members that nobody would read: a misspelt one must not silently do nothing. */
export function requireKnown(body: JsonObject, known: readonly string[]): void {
  const stranger = Object.keys(body).find((member) => !known.includes(member));
  if (stranger !== undefined) throw invalid(`the body may only have: ${known.join(", ")}`);
}

function readFilter(body: JsonObject): CallFilter {
  return { service: choice(body, "service", SERVICE_NAMES), operation: text(body, "operation") };
}

function required<T>(body: JsonObject, member: string, read: (body: JsonObject, member: string) => T | undefined): T {
  const value = read(body, member);
  if (value === undefined) throw invalid(`${member} is missing`);
  return value;
}

function text(body: JsonObject, member: string): string | undefined {
  const value = body[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw invalid(`${member} has to be a string`);
  return value;
}

function number(body: JsonObject, member: string): number | undefined {
  const value = body[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number") throw invalid(`${member} has to be a number`);
  return value;
}

function flag(body: JsonObject, member: string): boolean | undefined {
  const value = body[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "boolean") throw invalid(`${member} has to be true or false`);
  return value;
}

function choice<T extends string>(body: JsonObject, member: string, choices: readonly T[]): T | undefined {
  const value = text(body, member);
  if (value === undefined) return undefined;
  const found = choices.find((candidate) => candidate === value);
  if (found === undefined) throw invalid(`${member} has to be one of ${choices.join(", ")}`);
  return found;
}
