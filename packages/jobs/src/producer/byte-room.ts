/** A bound on bytes that are on their way. One item larger than the bound passes alone. */
export interface ByteRoom {
  /** Waits, first come first served, until the bytes fit. Rejects with the signal's reason. */
  take(bytes: number, signal: AbortSignal | undefined): Promise<void>;
  give(bytes: number): void;
}

export function createByteRoom(maxBytes: number): ByteRoom {
  let taken = 0;
  const waiting: { readonly bytes: number; readonly enter: () => void }[] = [];

  const fits = (bytes: number) => taken === 0 || taken + bytes <= maxBytes;

  const admit = () => {
    for (let next = waiting[0]; next && fits(next.bytes); next = waiting[0]) {
      waiting.shift();
      taken += next.bytes;
      next.enter();
    }
  };

  return {
    take(bytes, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const onAbort = () => {
          waiting.splice(waiting.indexOf(waiter), 1);
          reject(signal?.reason);
          admit();
        };
        const waiter = {
          bytes,
          enter: () => {
            signal?.removeEventListener("abort", onAbort);
            resolve();
          },
        };
        signal?.addEventListener("abort", onAbort, { once: true });
        waiting.push(waiter);
        admit();
      });
    },
    give(bytes) {
      taken -= bytes;
      admit();
    },
  };
}
