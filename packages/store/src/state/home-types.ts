import type { CallOptions } from "../dynamodb/call-options.ts";

/** When a Region became the home, and under which epoch. */
export interface HomeEpoch {
  readonly epoch: number;
  readonly region: string;
  /** ISO 8601. */
  readonly since: string;
}

export interface ProfileHome {
  readonly profile: string;
  readonly region: string;
  /** Starts at 1; raised by each failover. */
  readonly epoch: number;
  /** ISO 8601. */
  readonly since: string;
  /**
   * The homes before, the oldest first, as far as they are known; two of one epoch: two Regions were made the home at once.
   * Never empty; absent where none is known.
   */
  readonly earlier?: readonly HomeEpoch[];
}

/** In every Region, so that each knows by itself; one Region's may lag behind another's. */
export interface HomeStore {
  /** Strongly consistent. */
  getHome(profile: string, options?: CallOptions): Promise<ProfileHome | undefined>;
  /** The profile's home as stored; created with epoch 1 in `region` when there is none yet. */
  getOrCreateHome(profile: string, region: string, options?: CallOptions): Promise<ProfileHome>;
  /**
   * Writes the home where the stored one still has the epoch that was read (undefined: there was none). `stored` also where
   * an earlier sending of the same did it. Throws STORE_VALUE_INVALID where the epoch is not a higher one.
   */
  putHome(
    home: ProfileHome,
    read: { readonly epoch: number | undefined },
    options?: CallOptions,
  ): Promise<"stored" | "conflict">;
  /** By profile. Throws STORE_ITEM_MALFORMED when one cannot be read: whoever looks for its home must not overlook it. */
  listHomes(options?: CallOptions): Promise<readonly ProfileHome[]>;
}
