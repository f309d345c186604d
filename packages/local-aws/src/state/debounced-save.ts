/**
 * Saves a state that changes often: some time after a change, not at each one.
 * A process that is killed loses what happened since the last save.
 */
import type { JsonObject } from "../service.ts";
import type { StateFile } from "./state-file.ts";

export interface DebouncedSave {
  /** Tells that there is something new to save. */
  changed(): void;
  /** Saves what is unsaved and stops. */
  close(): Promise<void>;
}

export function createDebouncedSave(file: StateFile, snapshot: () => JsonObject, delayMs: number): DebouncedSave {
  let timer: NodeJS.Timeout | undefined;
  let unsaved = false;
  let closed = false;
  let lastSaveMs = 0;

  async function save(): Promise<void> {
    unsaved = false;
    const startedAt = performance.now();
    try {
      await file.save(snapshot);
    } catch {
      // A full disk must not end a development server; the next change tries again, and close() reports.
      unsaved = true;
    }
    lastSaveMs = performance.now() - startedAt;
  }

  return {
    changed() {
      unsaved = true;
      if (timer || closed) return;
      // A large state is saved less often, so that saving never takes more than a tenth of the time.
      timer = setTimeout(
        () => {
          timer = undefined;
          void save();
        },
        Math.max(delayMs, lastSaveMs * 10),
      );
      timer.unref();
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      timer = undefined;
      await file.idle();
      if (unsaved) await file.save(snapshot);
    },
  };
}
