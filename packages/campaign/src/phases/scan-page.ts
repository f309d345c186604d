import { type CallOptions, type Segment, StoreError, type WrapSegment } from "@dekhand/store";
import { type PageStop, troubleOf } from "../page-stop.ts";

export interface ScanPageOptions extends CallOptions {
  readonly pageSize: number;
  readonly consistent: boolean;
}

type Scan<Page> = (segment: WrapSegment, options: ScanPageOptions & { readonly cursor?: string }) => Promise<Page>;

/** The segment's next page, of wraps or of records' heads. Throws the signal's reason. */
export async function scanPage<Page extends object>(
  { index, of, cursor }: Segment,
  scan: Scan<Page>,
  options: ScanPageOptions,
): Promise<Page | { readonly stop: PageStop }> {
  try {
    return await scan({ index, of }, { ...options, ...(cursor === undefined ? {} : { cursor }) });
  } catch (error) {
    options.signal?.throwIfAborted();
    const trouble = error instanceof StoreError ? troubleOf(error) : undefined;
    if (trouble?.kind === "stop") return { stop: trouble.stop };
    // No item is to blame for a scan that is refused: the store, its configuration or the cursor is.
    if (trouble?.kind === "item") return { stop: { kind: "pause", ...trouble.failure } };
    throw error;
  }
}
