import type { Benchmark } from "./benchmark.ts";
import { envelopeBenchmark } from "./envelope/envelope-benchmark.ts";

export const benchmarks: readonly Benchmark[] = [envelopeBenchmark];
