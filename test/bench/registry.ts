import type { Benchmark } from "./benchmark.ts";
import { campaignBenchmark } from "./campaign/campaign-benchmark.ts";
import { envelopeBenchmark } from "./envelope/envelope-benchmark.ts";
import { quotaBenchmark } from "./quota/quota-benchmark.ts";
import { replicationBenchmark } from "./replication/replication-benchmark.ts";

export const benchmarks: readonly Benchmark[] = [
  envelopeBenchmark,
  quotaBenchmark,
  campaignBenchmark,
  replicationBenchmark,
];
