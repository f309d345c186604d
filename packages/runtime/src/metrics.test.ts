import { describe, expect, it } from "vitest";
import { createMetrics } from "./metrics.ts";

describe("metrics", () => {
  it("carry the prefix and the service's name", async () => {
    const metrics = createMetrics({ service: "sample" });
    metrics.counter("jobs_total", "Jobs", ["outcome"]).inc({ outcome: "done" }, 2);
    metrics.gauge("open", "Open").set(3);
    metrics.histogram("wait_seconds", "Wait").observe(0.004);
    const text = await metrics.render();
    expect(text).toContain('dekhand_jobs_total{outcome="done",service="sample"} 2');
    expect(text).toContain('dekhand_open{service="sample"} 3');
    expect(text).toContain('dekhand_wait_seconds_bucket{le="0.005",service="sample"} 1');
  });

  it("are one metric for one name, and apart for each process part that has its own registry", async () => {
    const [a, b] = [createMetrics({ service: "a" }), createMetrics({ service: "b" })];
    expect(a.counter("x_total", "X")).toBe(a.counter("x_total", "X"));
    a.counter("x_total", "X").inc();
    expect(await b.render()).not.toContain("dekhand_x_total");
  });

  it("may be read at each scrape", async () => {
    const metrics = createMetrics({ service: "sample" });
    let size = 1;
    metrics.gauge("size", "Size", [], (gauge) => gauge.set(size));
    expect(await metrics.render()).toContain('dekhand_size{service="sample"} 1');
    size = 2;
    expect(await metrics.render()).toContain('dekhand_size{service="sample"} 2');
  });

  it("tell of the process itself where asked to", async () => {
    expect(await createMetrics({ service: "sample", process: true }).render()).toContain(
      "dekhand_process_cpu_user_seconds_total",
    );
    expect(await createMetrics({ service: "sample" }).render()).not.toContain("process_cpu");
  });

  it("are refused when a label would make a series for each item, or a name breaks the rules", () => {
    const metrics = createMetrics({ service: "sample" });
    for (const label of ["id", "record_id", "dek", "tenant", "recordId", "message"]) {
      expect(() => metrics.gauge("x", "X", [label]), label).toThrow(
        expect.objectContaining({ code: "RUNTIME_METRIC_INVALID" }),
      );
    }
    for (const name of ["dekhand_x_total", "X_total", "x-total", "x"]) {
      expect(() => metrics.counter(name, "X"), name).toThrow(
        expect.objectContaining({ code: "RUNTIME_METRIC_INVALID" }),
      );
    }
    metrics.counter("y_total", "Y");
    expect(() => metrics.gauge("y_total", "Y")).toThrow(expect.objectContaining({ code: "RUNTIME_METRIC_INVALID" }));
  });
});
