import type { RegionCounts } from "@dekhand/local-aws";

/** The control of the embedded AWS, over HTTP. Each throws what it refuses with. */
export interface EmbeddedControl {
  /** By Region, since the last reset: every call that arrived, the refused ones included. */
  counts(): Promise<Readonly<Record<string, RegionCounts>>>;
  resetCounts(): Promise<void>;
  /** One fault or bound of a Region: `latency`, `quota`, `cut-off`. */
  set(region: string, what: string, to: object): Promise<void>;
}

export function createEmbeddedControl(controlUrl: string): EmbeddedControl {
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
    counts: () => control("GET", "/counts"),
    resetCounts: () => control("DELETE", "/counts"),
    set: (region, what, to) => control("POST", `/regions/${region}/${what}`, to),
  };
}
