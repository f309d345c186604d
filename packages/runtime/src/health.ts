/**
 * Liveness ("restart me if not") and readiness ("send me no work if not").
 *
 * A check that throws, or does not end within its time, has failed: the report
 * itself always comes. Probes that overlap share one run of the checks.
 */
import { describeError } from "@dekhand/errors";
import { deadlineIn } from "./signals.ts";

export interface CheckResult {
  readonly ok: boolean;
  /** Shown to whoever may ask for health: no secrets. */
  readonly detail?: string;
}

/** Ends on its signal; what it does later is ignored. */
export type Check = (signal: AbortSignal) => Promise<CheckResult>;

export interface CheckOptions {
  /** Which question a failure answers with no. Default `ready`; `live` counts for both. */
  readonly kind?: "live" | "ready";
  /** Default 2,000. */
  readonly timeoutMs?: number;
}

export interface HealthReport {
  readonly ok: boolean;
  readonly checks: Readonly<Record<string, CheckResult & { readonly ms: number }>>;
}

export interface Health {
  /** Registers a check, in place of an earlier one of that name. Returns what removes it. */
  register(name: string, check: Check, options?: CheckOptions): () => void;
  /** Not ready any more from here on; still live. */
  markDraining(): void;
  report(kind?: "live" | "ready"): Promise<HealthReport>;
}

interface Registered {
  readonly check: Check;
  readonly kind: "live" | "ready";
  readonly timeoutMs: number;
}

export function createHealth(): Health {
  const registered = new Map<string, Registered>();
  const running = new Map<"live" | "ready", Promise<HealthReport>>();
  let draining = false;

  async function run(kind: "live" | "ready"): Promise<HealthReport> {
    const asked = [...registered].filter(([, entry]) => kind === "ready" || entry.kind === "live");
    const results = await Promise.all(asked.map(async ([name, entry]) => [name, await runCheck(entry)] as const));
    if (kind === "ready" && draining)
      results.push(["draining", { ok: false, detail: "the service is stopping", ms: 0 }]);
    return { ok: results.every(([, result]) => result.ok), checks: Object.fromEntries(results) };
  }

  return {
    register(name, check, { kind = "ready", timeoutMs = 2_000 } = {}) {
      const entry = { check, kind, timeoutMs };
      registered.set(name, entry);
      return () => {
        if (registered.get(name) === entry) registered.delete(name);
      };
    },
    markDraining() {
      draining = true;
    },
    report(kind = "ready") {
      const current = running.get(kind) ?? run(kind).finally(() => running.delete(kind));
      running.set(kind, current);
      return current;
    },
  };
}

async function runCheck({ check, timeoutMs }: Registered): Promise<CheckResult & { ms: number }> {
  const startedAt = performance.now();
  using deadline = deadlineIn(timeoutMs);
  const { signal } = deadline;
  const expired = new Promise<CheckResult>((resolve) => {
    signal.addEventListener("abort", () => resolve({ ok: false, detail: `no answer within ${timeoutMs} ms` }), {
      once: true,
    });
  });
  const result = await Promise.race([expired, attempt(check, signal)]);
  return { ...result, ms: Math.round(performance.now() - startedAt) };
}

async function attempt(check: Check, signal: AbortSignal): Promise<CheckResult> {
  try {
    return await check(signal);
  } catch (error) {
    return { ok: false, detail: describeError(error).code };
  }
}
