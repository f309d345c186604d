import { runThread } from "../../stack/run-thread.ts";
import type { Stack } from "../../stack/start-stack.ts";
import type { Job } from "./job-book.ts";

export interface ToOpen {
  readonly configFile: string;
  readonly region: string;
  readonly records: readonly Pick<Job, "recordId" | "digest">[];
}

/** Opens the record of each job with that Region alone. Answers with those that do not open, or have another payload. */
export async function openAll({ env }: Stack, region: string, jobs: readonly Job[]): Promise<readonly string[]> {
  const records = jobs.map(({ recordId, digest }) => ({ recordId, digest }));
  const wanted: ToOpen = { configFile: env.DEKHAND_CONFIG ?? "", region, records };
  const faults = await runThread(new URL("./open-thread.ts", import.meta.url), wanted);
  if (!Array.isArray(faults)) throw new TypeError("the thread posts a list");
  return faults.map(String);
}
