/** The embedded AWS as the benchmark sees it: an endpoint a Region, and its control over HTTP. */

import { createEmbeddedControl, type EmbeddedControl } from "../embedded-control.ts";
import { startChild } from "../quota/child-process.ts";
import { regions } from "./settings.ts";

export interface EmbeddedRegions extends Pick<EmbeddedControl, "counts" | "resetCounts"> {
  readonly endpoints: Readonly<Record<string, string>>;
  /** Of every answer of the Region, in milliseconds. */
  setLatency(region: string, ms: number): Promise<void>;
  cutOff(region: string, on: boolean): Promise<void>;
}

export async function startEmbeddedRegions(stack: AsyncDisposableStack): Promise<EmbeddedRegions> {
  const child = stack.use(await startChild(import.meta.resolve("./embedded-process.ts")));
  const { endpoints, controlUrl } = await child.ask<{
    readonly endpoints: Readonly<Record<string, string>>;
    readonly controlUrl: string;
  }>(regions);
  const control = createEmbeddedControl(controlUrl);

  return {
    endpoints,
    counts: control.counts,
    resetCounts: control.resetCounts,
    setLatency: (region, ms) => control.set(region, "latency", { ms }),
    cutOff: (region, on) => control.set(region, "cut-off", { on }),
  };
}
