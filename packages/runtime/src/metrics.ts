/**
 * The metrics of a process, in one Prometheus registry.
 *
 * Asking twice for one name gives the same metric, so that parts which exist
 * several times in a process (a governor per Region) share it. Labels are for
 * values of which there are few: Region, operation, class. Names that smell of
 * one series per item (`recordId`, `dek_id`) are refused.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { RuntimeError } from "./errors.ts";

export interface Metrics {
  readonly service: string;
  readonly registry: Registry;
  /** `name` without the prefix `dekhand_`; counters end in `_total`. Throws RUNTIME_METRIC_INVALID. */
  counter<L extends string = never>(name: string, help: string, labels?: readonly L[]): Counter<L>;
  /** `collect` runs at each scrape and may set the gauge. */
  gauge<L extends string = never>(
    name: string,
    help: string,
    labels?: readonly L[],
    collect?: (gauge: Gauge<L>) => void,
  ): Gauge<L>;
  /** Buckets in the unit of the metric, which its name ends in; default: 1 ms to 30 s, in seconds. */
  histogram<L extends string = never>(
    name: string,
    help: string,
    labels?: readonly L[],
    buckets?: readonly number[],
  ): Histogram<L>;
  /** The text that Prometheus scrapes. */
  render(): Promise<string>;
}

export interface MetricsOptions {
  /** Name of the service; becomes the label `service` of every series. */
  readonly service: string;
  /** Also the process's own metrics (CPU, memory, event loop lag). Default false. */
  readonly process?: boolean;
}

export const LATENCY_BUCKETS_SECONDS: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];

export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service: options.service });
  if (options.process) collectDefaultMetrics({ register: registry, prefix: "dekhand_" });
  const known = new Map<string, unknown>();

  function once<M>(name: string, labels: readonly string[], type: new (...args: never[]) => M, make: () => M): M {
    const existing = known.get(name);
    if (existing instanceof type) return existing;
    if (existing !== undefined)
      throw new RuntimeError("RUNTIME_METRIC_INVALID", `metric ${name} exists with another type`);
    check(name, labels);
    const metric = make();
    known.set(name, metric);
    return metric;
  }

  return {
    service: options.service,
    registry,
    counter<L extends string = never>(name: string, help: string, labels: readonly L[] = []): Counter<L> {
      if (!name.endsWith("_total"))
        throw new RuntimeError("RUNTIME_METRIC_INVALID", `counter ${name} must end in _total`);
      const make = () => new Counter<L>({ name: `dekhand_${name}`, help, labelNames: labels, registers: [registry] });
      return once<Counter<L>>(name, labels, Counter, make);
    },
    gauge<L extends string = never>(
      name: string,
      help: string,
      labels: readonly L[] = [],
      collect?: (gauge: Gauge<L>) => void,
    ): Gauge<L> {
      return once<Gauge<L>>(name, labels, Gauge, () => {
        const settings = { name: `dekhand_${name}`, help, labelNames: labels, registers: [registry] };
        if (collect === undefined) return new Gauge<L>(settings);
        const gauge: Gauge<L> = new Gauge<L>({ ...settings, collect: () => collect(gauge) });
        return gauge;
      });
    },
    histogram<L extends string = never>(
      name: string,
      help: string,
      labels: readonly L[] = [],
      buckets: readonly number[] = LATENCY_BUCKETS_SECONDS,
    ): Histogram<L> {
      const make = () =>
        new Histogram<L>({
          name: `dekhand_${name}`,
          help,
          labelNames: labels,
          buckets: [...buckets],
          registers: [registry],
        });
      return once<Histogram<L>>(name, labels, Histogram, make);
    },
    render: () => registry.metrics(),
  };
}

const namePattern = /^[a-z][a-z0-9_]*$/;
const labelPattern = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
const perItemLabel = /(^|_)(id|record|job|dek|message|context|tenant|payload)$/;

function check(name: string, labels: readonly string[]): void {
  if (!namePattern.test(name) || name.startsWith("dekhand_")) {
    throw new RuntimeError(
      "RUNTIME_METRIC_INVALID",
      `metric name ${name} is not lower-case words joined by _, without prefix`,
    );
  }
  for (const label of labels) {
    if (!labelPattern.test(label) || perItemLabel.test(label)) {
      throw new RuntimeError(
        "RUNTIME_METRIC_INVALID",
        `label ${label} of ${name} is not a lower-case word with few values`,
      );
    }
  }
}
