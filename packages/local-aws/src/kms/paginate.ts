/** Limit, Marker, NextMarker and Truncated, as KMS's list operations have them. */
import { AwsFault, type JsonObject } from "../service.ts";
import { readInteger, readText } from "./input.ts";

export interface Page<T> {
  readonly items: T[];
  readonly end: { readonly Truncated: boolean; readonly NextMarker?: string };
}

/**
 * One page of `items`, which are in the order of their ids. The marker names
 * the last id that was given out, so that a list that changes between two pages
 * neither repeats nor skips what stayed.
 */
export function paginate<T>(
  items: readonly T[],
  idOf: (item: T) => string,
  input: JsonObject,
  limits: { readonly fallback: number; readonly max: number },
): Page<T> {
  const limit = readInteger(input, "Limit", 1, limits.max) ?? limits.fallback;
  const marker = readText(input, "Marker", { max: 1024 });
  const after = marker === undefined ? undefined : decodeMarker(marker);
  const start = after === undefined ? 0 : items.findIndex((item) => idOf(item) > after);
  const page = start < 0 ? [] : items.slice(start, start + limit);
  const last = page.at(-1);
  const truncated = last !== undefined && start + limit < items.length;
  return {
    items: page,
    end: { Truncated: truncated, ...(truncated && { NextMarker: encodeMarker(idOf(last)) }) },
  };
}

const prefix = "m1:";

function encodeMarker(id: string): string {
  return Buffer.from(prefix + id).toString("base64url");
}

function decodeMarker(marker: string): string {
  const text = Buffer.from(marker, "base64url").toString();
  if (!text.startsWith(prefix)) throw new AwsFault("InvalidMarkerException", "The marker is not valid.");
  return text.slice(prefix.length);
}
