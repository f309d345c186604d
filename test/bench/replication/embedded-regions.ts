/** The embedded AWS as the benchmark sees it: an endpoint a Region, and its control over HTTP. */

import type { RegionCounts } from "@dekhand/local-aws";
import { startChild } from "../quota/child-process.ts";
import { regions } from "./settings.ts";

export interface EmbeddedRegions {
  readonly endpoints: Readonly<Record<string, string>>;
  /** By Region, since the last reset: every call that arrived, the refused ones included. */
  counts(): Promise<Readonly<Record<string, RegionCounts>>>;
  resetCounts(): Promise<void>;
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

  async function control(method: string, path: string, body?: object) {
    const response = await fetch(`${controlUrl}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`the embedded AWS refused ${method} ${path}: ${text}`);
    return JSON.parse(text);
  }

  return {
    endpoints,
    counts: () => control("GET", "/counts"),
    resetCounts: () => control("DELETE", "/counts"),
    setLatency: (region, ms) => control("POST", `/regions/${region}/latency`, { ms }),
    cutOff: (region, on) => control("POST", `/regions/${region}/cut-off`, { on }),
  };
}
