/**
 * One JSON file that is replaced as a whole: written beside, synced, renamed.
 * A reader or a crash sees the old contents or the new, never a mixture.
 */
import { chmod, type FileHandle, mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import type { JsonObject, JsonValue } from "../service.ts";
import { storedObject, unreadable } from "./stored-json.ts";

export interface StateFile {
  /**
   * Resolves when a snapshot taken after this call is durable. Calls made
   * during a write share the next one.
   */
  save(snapshot: () => JsonObject): Promise<void>;
  /** Resolves when nothing is being written any more. */
  idle(): Promise<void>;
}

export function createStateFile(path: string): StateFile {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  return {
    save(snapshot) {
      next ??= (running ?? Promise.resolve())
        .catch(() => undefined)
        .then(() => {
          next = undefined;
          running = replaceFile(path, `${JSON.stringify(snapshot())}\n`);
          return running;
        });
      return next;
    },
    async idle() {
      while (next ?? running) {
        await (next ?? running)?.catch(() => undefined);
        if (!next) running = undefined;
      }
    },
  };
}

/** What the file holds, or undefined where there is none yet. Throws LOCAL_AWS_STATE_UNREADABLE. */
export async function readStateFile(path: string): Promise<JsonObject | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw unreadable("the file cannot be read", error);
  }
  try {
    const parsed: JsonValue = JSON.parse(text);
    return storedObject(parsed, "the file");
  } catch (error) {
    throw unreadable("the file is not JSON", error);
  }
}

export async function makePrivateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  await chmod(path, 0o700);
}

async function replaceFile(path: string, text: string): Promise<void> {
  const beside = `${path}.new`;
  await withFile(beside, "w", async (file) => {
    await file.writeFile(text);
    await file.sync();
  });
  await rename(beside, path);
  // The rename itself is durable only when the folder is.
  await withFile(dirname(path), "r", (folder) => folder.sync());
}

async function withFile(path: string, flags: string, use: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, flags, 0o600);
  try {
    await use(file);
  } finally {
    await file.close();
  }
}
