/**
 * The transit keys that a worker opens with: loaded on first use, joined when
 * several jobs ask at once, dropped after a hard lifetime.
 */

import { waitFor } from "@dekhand/runtime";
import { importRecipientKey, type RecipientKey } from "./transit-key.ts";

export interface TransitKeyring {
  /**
   * Undefined where there is no such key. Rejects with the loader's error, or
   * with JOBS_TRANSIT_KEY_INVALID where what was loaded is another key.
   */
  get(keyId: string, options?: { readonly signal?: AbortSignal }): Promise<RecipientKey | undefined>;
  /** Drops every key. */
  close(): void;
}

export interface TransitKeyringOptions {
  /** The private key's 32 bytes, or undefined where there is no such key. The keyring wipes them. */
  readonly load: (keyId: string, options: { readonly signal: AbortSignal }) => Promise<Uint8Array | undefined>;
  /** Default 300,000. */
  readonly lifetimeMs?: number;
  /** How long the absence of a key is believed, in milliseconds. Default 10,000. */
  readonly absenceMs?: number;
  /** Keys (and absences) kept. Default 100. */
  readonly maxKeys?: number;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

interface Entry {
  readonly key: Promise<RecipientKey | undefined>;
  /** Infinity while it loads. */
  until: number;
  expiry?: NodeJS.Timeout;
}

export function createTransitKeyring(options: TransitKeyringOptions): TransitKeyring {
  const { load, lifetimeMs = 300_000, absenceMs = 10_000, maxKeys = 100 } = options;
  const now = options.now ?? (() => performance.now());
  const entries = new Map<string, Entry>();
  const closed = new AbortController();

  const start = (keyId: string): Entry => {
    const entry: Entry = { key: loadKey(keyId), until: Number.POSITIVE_INFINITY };
    entries.set(keyId, entry);
    entry.key.then(
      (key) => {
        const keptMs = key ? lifetimeMs : absenceMs;
        entry.until = now() + keptMs;
        if (entries.get(keyId) !== entry) return;
        // `get` checks the time itself; this drops a key that nobody asks for any more.
        entry.expiry = setTimeout(() => drop(keyId, entry), keptMs).unref();
        makeRoom();
      },
      () => drop(keyId, entry),
    );
    return entry;
  };

  const drop = (keyId: string, entry: Entry) => {
    clearTimeout(entry.expiry);
    if (entries.get(keyId) === entry) entries.delete(keyId);
  };

  const loadKey = async (keyId: string): Promise<RecipientKey | undefined> => {
    const privateKey = await load(keyId, { signal: closed.signal });
    if (!privateKey) return undefined;
    try {
      return importRecipientKey(keyId, privateKey);
    } finally {
      privateKey.fill(0);
    }
  };

  const makeRoom = () => {
    for (const [keyId, entry] of entries) {
      if (entries.size <= maxKeys) return;
      if (entry.until !== Number.POSITIVE_INFINITY) drop(keyId, entry);
    }
  };

  return {
    async get(keyId, { signal } = {}) {
      closed.signal.throwIfAborted();
      signal?.throwIfAborted();
      const known = entries.get(keyId);
      if (known && now() >= known.until) drop(keyId, known);
      const entry = entries.get(keyId) ?? start(keyId);
      // One waiter leaving must not end the load for the others.
      return waitFor(entry.key, signal);
    },
    close() {
      closed.abort();
      for (const [keyId, entry] of entries) drop(keyId, entry);
    },
  };
}
