import type { ByteRoom } from "@dekhand/campaign";
import type { BridgeKeys, KeyDirectory, ProfileHomes } from "@dekhand/deks";
import type { KmsGovernor } from "@dekhand/kms";
import type { Clock, Logger, Profile, ReplicaStrategy, TableMode } from "@dekhand/runtime";
import type { CallOptions, HomeEpoch, Stores } from "@dekhand/store";
import type { WrapsInHand } from "./wraps-in-hand.ts";

/** What replication needs of one Region. */
export interface RegionParts {
  readonly region: string;
  readonly stores: {
    readonly deks: Pick<Stores["deks"], "getMany" | "putDekCopies" | "putWrapCopies">;
    readonly records: Pick<Stores["records"], "get" | "getHeads" | "getMany" | "putCopies" | "keepLost">;
    readonly state: Pick<Stores["state"], "leftKey" | "putLoser">;
  };
  readonly kms: Pick<KmsGovernor, "decrypt" | "encrypt" | "reEncrypt">;
}

export interface ReplicateRequest {
  /** The replica Region: the target's. */
  readonly region: string;
  readonly dekIds: readonly string[];
  readonly recordIds: readonly string[];
  /** Wraps of the target that were found not to unwrap, by DEK: replaced where they are still these. */
  readonly condemned?: ReadonlyMap<string, Uint8Array>;
  /** Records that look the same in both Regions are compared as a whole, and repaired. Default false. */
  readonly wholeRecords?: boolean;
}

export interface ReplicateDeps {
  readonly profiles: Readonly<Record<string, Profile>>;
  /**
   * Where each profile's home is by now. Given, what another Region is the home of is left to whoever copies from there.
   * Default: `home` counts as every profile's home.
   */
  readonly homes?: Pick<ProfileHomes, "of">;
  /** When a profile's homes began, by which records that have to be kept are told. Default: as `homes` says, or not known. */
  readonly epochsOf?: (profile: string) => readonly HomeEpoch[];
  /** Where it is copied from. */
  readonly home: RegionParts;
  readonly target: RegionParts;
  readonly keys: Pick<KeyDirectory, "allows" | "current">;
  readonly bridges: BridgeKeys;
  readonly mode: TableMode;
  /** Envelopes in memory, of all batches that share it. Default: 64 MiB, this batch's own. */
  readonly room?: ByteRoom;
  /** DEKs whose wraps are being made, of all batches for this target that share it. Default: this batch's own. */
  readonly wrapsInHand?: WrapsInHand;
  /** In mode `global`: how long a batch waits for what the tables carry, in milliseconds. Default 10,000. */
  readonly arrivalMs?: number;
  /** Told of each wrap that was written for the target, and how it came about. */
  readonly onWrap?: (strategy: ReplicaStrategy | undefined) => void;
  /** Told of each record that was replaced and had to be kept, since whoever wrote home's may not have known of it. */
  readonly onKept?: (recordId: string) => void;
  readonly logger: Logger;
  readonly clock?: Clock;
}

export interface Ids {
  readonly dekIds: readonly string[];
  readonly recordIds: readonly string[];
}

export interface ReplicateFailure {
  readonly kind: "dek" | "record";
  readonly id: string;
  readonly code: string;
  readonly retryable: boolean;
}

/** Every id of the request is in exactly one of these. */
export interface ReplicateResult {
  /** A DEK with its wrap; a record with head, DEK and wrap. */
  readonly arrived: Ids;
  /** There is nothing to copy: home has none of it any more, or its profile has no such replica Region. */
  readonly gone: Ids;
  /** Records of which the target has a newer one: left alone. */
  readonly ahead: Ids;
  /** Another Region is the home of these. */
  readonly elsewhere: Ids;
  readonly failed: readonly ReplicateFailure[];
}

export type ReplicateOptions = CallOptions;
