/** The embedded KMS as the benchmark sees it: its endpoint, and its control over HTTP. */

import { createEmbeddedControl } from "../embedded-control.ts";
import { type Child, startChild } from "./child-process.ts";
import { region } from "./settings.ts";

export interface EmbeddedKms {
  readonly endpoint: string;
  /** Whether it and the foreground tenant have the CPU before the workers: the system may not allow it. */
  readonly prioritised: boolean;
  /** Calls a second of the account; null lifts the limit. */
  setQuota(perSecond: number | null): Promise<void>;
  setLatency(ms: number): Promise<void>;
  /** Since the last reset. */
  calls(operation: string): Promise<CallCount>;
  resetCalls(): Promise<void>;
}

export interface CallCount {
  /** HTTP requests that arrived, the refused ones included. */
  readonly onTheWire: number;
  readonly throttled: number;
}

interface Started {
  readonly endpoint: string;
  readonly controlUrl: string;
  readonly prioritised: boolean;
}

export async function startEmbeddedKms(stack: AsyncDisposableStack): Promise<EmbeddedKms> {
  const child: Child = stack.use(await startChild("./embedded-process.ts"));
  const { endpoint, controlUrl, prioritised } = await child.ask<Started>("start");
  const control = createEmbeddedControl(controlUrl);

  return {
    endpoint,
    prioritised,
    setQuota: (perSecond) => control.set(region, "quota", { quota: "crypto", perSecond }),
    setLatency: (ms) => control.set(region, "latency", { ms, service: "kms" }),
    async calls(operation) {
      const counts = await control.counts();
      const { calls = 0, errors = {} } = counts[region]?.kms[operation] ?? {};
      return { onTheWire: calls, throttled: errors.ThrottlingException ?? 0 };
    },
    resetCalls: control.resetCounts,
  };
}
