/** Work on another core: a script in a thread, for what would keep the embedded AWS of this process from answering. */

import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** Runs the script with `data` as its `workerData`, and gives what it posts; it posts once. Throws what it throws. */
export async function runThread(script: URL, data: unknown): Promise<unknown> {
  const thread = new Worker(script, { workerData: data });
  const ended = once(thread, "exit");
  try {
    const [posted]: readonly unknown[] = await Promise.race([
      once(thread, "message"),
      ended.then(() => Promise.reject(new Error(`${script.pathname} has ended without a result`))),
    ]);
    return posted;
  } finally {
    await thread.terminate();
    await ended.catch(() => undefined);
  }
}
