/**
 * Gathers single items into batches: one leaves when it is full or when its
 * oldest item has waited `maxDelayMs`. While `maxConcurrent` batches are under
 * way, later items gather in the next one, so batches grow under load.
 */

export interface BatcherOptions<T, R> {
  readonly maxItems: number;
  readonly maxDelayMs: number;
  readonly maxConcurrent: number;
  /** Answers item by item, in order. A throw fails the items of that batch only. */
  readonly run: (items: readonly T[]) => Promise<readonly R[]>;
}

export interface Batcher<T, R> {
  submit(item: T): Promise<R>;
}

interface Waiting<T, R> {
  readonly item: T;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

export function createBatcher<T, R>(options: BatcherOptions<T, R>): Batcher<T, R> {
  const { maxItems, maxDelayMs, maxConcurrent } = options;
  let gathering: Waiting<T, R>[] = [];
  let timer: NodeJS.Timeout | undefined;
  let running = 0;
  let due = false;

  const send = () => {
    while (running < maxConcurrent && gathering.length > 0 && (due || gathering.length >= maxItems)) {
      const batch = gathering.slice(0, maxItems);
      gathering = gathering.slice(maxItems);
      if (gathering.length === 0) {
        due = false;
        clearTimeout(timer);
        timer = undefined;
      }
      running += 1;
      void settle(batch).finally(() => {
        running -= 1;
        send();
      });
    }
  };

  const settle = async (batch: readonly Waiting<T, R>[]) => {
    try {
      const results = await options.run(batch.map(({ item }) => item));
      if (results.length !== batch.length) throw new RangeError("a batch must be answered item by item");
      batch.forEach(({ resolve }, index) => {
        resolve(results[index] as R);
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  };

  const flush = () => {
    due = true;
    send();
  };

  return {
    submit(item) {
      const { promise, resolve, reject } = Promise.withResolvers<R>();
      gathering.push({ item, resolve, reject });
      if (gathering.length >= maxItems) send();
      else timer ??= setTimeout(flush, maxDelayMs);
      return promise;
    },
  };
}
