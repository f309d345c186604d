/**
 * The wraps of one Region in global tables, whose items each have one Region that
 * writes them: the home of their DEK's profile. So each wrap is read and swapped
 * in the table there, whichever Region's KMS it belongs to; by where the homes
 * are at the time.
 */

import { profileLabelOf } from "@dekhand/deks";
import { DekhandError } from "@dekhand/errors";
import { type CallOptions, StoreError, type SwapOutcome, type WrapRef, type WrapStore } from "@dekhand/store";

export interface GlobalHomes {
  /** Those of all profiles, each once, in an order that does not change. At least one. */
  readonly regions: readonly string[];
  /** The first of them for what names no profile of the configuration. */
  of(profile: string | undefined): string;
}

export interface GlobalWrapStoreDeps {
  readonly region: string;
  readonly homes: (options: CallOptions) => Promise<GlobalHomes>;
  /** The same wraps, by the table of that Region. */
  readonly through: (table: string) => WrapStore;
}

/** Scans go from home to home, and give of each table what that Region writes. */
export function createGlobalWrapStore({ region, homes, through }: GlobalWrapStoreDeps): WrapStore {
  const homeOf = ({ context }: WrapRef, known: GlobalHomes) => known.of(profileLabelOf(context));

  const find = async (id: string, known: GlobalHomes, options: CallOptions) => {
    for (const table of known.regions) {
      const wrap = await through(table).read(id, options);
      if (!wrap) continue;
      const home = homeOf(wrap, known);
      return { home, wrap: home === table ? wrap : await through(home).read(id, options) };
    }
    return undefined;
  };

  const { name, labels, segments } = through(region);
  return {
    name,
    region,
    labels,
    segments,
    async scan(segment, { cursor, ...options } = {}) {
      const known = await homes({ signal: options.signal });
      const at = readCursor(cursor, known.regions);
      const from = at.cursor === undefined ? {} : { cursor: at.cursor };
      const page = await through(at.table).scan(segment, { ...options, ...from });
      const next = nextCursor(at.table, page.cursor, known.regions);
      return {
        wraps: page.wraps.filter((wrap) => homeOf(wrap, known) === at.table),
        // Whose it is, it does not say: it is told of once.
        malformed: at.table === known.regions[0] ? page.malformed : [],
        ...(next === undefined ? {} : { cursor: next }),
      };
    },
    async read(id, options = {}) {
      return (await find(id, await homes(options), options))?.wrap;
    },
    async swap(swaps, options = {}) {
      const outcomes: SwapOutcome[] = swaps.map(() => ({ kind: "gone" }));
      const byHome = new Map<string, number[]>();
      const place = async (id: string, index: number) => {
        const known = await homes(options);
        const [only, ...others] = known.regions;
        const home = others.length === 0 ? only : (await find(id, known, options))?.home;
        if (home !== undefined) byHome.set(home, [...(byHome.get(home) ?? []), index]);
      };
      const placing = swaps.map(({ id }, index) =>
        place(id, index).catch((error: unknown) => {
          outcomes[index] = { kind: "failed", error: asStoreError(error) };
        }),
      );
      await Promise.all(placing);
      for (const [home, indexes] of byHome) {
        const asked = indexes.flatMap((index) => swaps[index] ?? []);
        const done = await through(home).swap(asked, options);
        for (const [position, index] of indexes.entries()) outcomes[index] = done[position] ?? { kind: "gone" };
      }
      return outcomes;
    },
  };
}

/** Where a scan goes on; from the start where it was in a Region that is no home any more. */
function readCursor(cursor: string | undefined, regions: readonly string[]) {
  const [first = ""] = regions;
  const end = cursor?.indexOf("\n") ?? -1;
  const table = cursor?.slice(0, end) ?? first;
  if (cursor === undefined || end < 0 || !regions.includes(table)) return { table: first };
  const rest = cursor.slice(end + 1);
  return { table, ...(rest === "" ? {} : { cursor: rest }) };
}

function nextCursor(table: string, cursor: string | undefined, regions: readonly string[]): string | undefined {
  if (cursor !== undefined) return `${table}\n${cursor}`;
  const next = regions[regions.indexOf(table) + 1];
  return next === undefined ? undefined : `${next}\n`;
}

function asStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  if (!(error instanceof DekhandError)) throw error;
  const { code, retryable } = error;
  return new StoreError("STORE_UNAVAILABLE", "where the profiles' homes are is not known", {
    retryable,
    cause: error,
    context: { code },
  });
}
