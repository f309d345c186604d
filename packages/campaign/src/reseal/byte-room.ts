import { waitFor } from "@dekhand/runtime";
import type { CallOptions } from "@dekhand/store";

/** Memory that several share: so many bytes at once, in the order of asking. */
export interface ByteRoom {
  /** Waits until the bytes are free. What is larger than the whole room gets all of it. Throws the signal's reason. */
  take(bytes: number, options?: CallOptions): Promise<Disposable>;
}

export function createByteRoom(totalBytes: number): ByteRoom {
  let free = totalBytes;
  const waiting: { readonly bytes: number; readonly enter: () => void }[] = [];

  // Only the first is let in, so that many small ones do not pass by a large one for ever.
  const admit = () => {
    for (let first = waiting[0]; first && first.bytes <= free; first = waiting[0]) {
      waiting.shift();
      free -= first.bytes;
      first.enter();
    }
  };

  return {
    async take(wanted, { signal } = {}) {
      signal?.throwIfAborted();
      const bytes = Math.min(wanted, totalBytes);
      const entered = Promise.withResolvers<void>();
      const entry = { bytes, enter: entered.resolve };
      waiting.push(entry);
      admit();
      try {
        await waitFor(entered.promise, signal);
      } catch (error) {
        const position = waiting.indexOf(entry);
        if (position >= 0) waiting.splice(position, 1);
        else free += bytes;
        admit();
        throw error;
      }
      let isTaken = true;
      return {
        [Symbol.dispose]() {
          if (isTaken) free += bytes;
          isTaken = false;
          admit();
        },
      };
    },
  };
}
