import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder of a test's own, gone with all it holds when disposed of. */
export interface TempDir extends AsyncDisposable {
  readonly path: string;
  /** A path inside the folder. */
  join(...parts: string[]): string;
}

/**
 * Makes an empty folder: `await using folder = await tempDir()`.
 *
 * @param name shows in the folder's name, which starts with `dekhand-test-`: what a run leaves behind is found by it.
 */
export async function tempDir(name = "folder"): Promise<TempDir> {
  const path = await mkdtemp(join(tmpdir(), `dekhand-test-${name}-`));
  return {
    path,
    join: (...parts) => join(path, ...parts),
    // A process that was just killed may still be writing while the folder goes.
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 }),
  };
}
