import type { Dek } from "@dekhand/envelope";

/** The right to use a DEK until disposed; the DEK is not wiped under its holder. */
export interface DekLease extends Disposable {
  readonly dek: Dek;
}

/**
 * A cached DEK and those who use it. Retiring it (expiry, eviction, shutdown)
 * wipes it as soon as the last lease is returned.
 */
export interface SharedDek {
  /** Undefined once retired: the caller looks for another DEK. */
  lease(): DekLease | undefined;
  retire(): void;
}

export function shareDek(dek: Dek): SharedDek {
  let leases = 0;
  let retired = false;

  const wipeIfUnused = () => {
    if (retired && leases === 0) dek[Symbol.dispose]();
  };

  return {
    lease() {
      if (retired) return undefined;
      leases += 1;
      let returned = false;
      return {
        dek,
        [Symbol.dispose]() {
          if (returned) return;
          returned = true;
          leases -= 1;
          wipeIfUnused();
        },
      };
    },
    retire() {
      retired = true;
      wipeIfUnused();
    },
  };
}
