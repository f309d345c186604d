import type { CallOptions, KmsGovernor } from "@dekhand/kms";
import type { CopyOutcome, WrapCopy, WrapStore } from "@dekhand/store";
import type { AdmitWrap } from "./admit-wraps.ts";
import type { HomeWrap } from "./follow/judge-copy.ts";

/** How a worker reaches the wraps of one store in one Region, by its own configuration. */
export interface WrapAccess {
  readonly store: WrapStore;
  readonly kms: Pick<KmsGovernor, "reEncrypt" | "probeReEncrypt" | "decrypt" | "describeKey">;
  readonly admit: AdmitWrap;
  /**
   * Whether these are the bytes of that wrap's DEK, by the commitment that the store keeps. Absent where it keeps none.
   * `plaintext` stays the caller's to wipe.
   */
  readonly matches?: (id: string, plaintext: Buffer, options?: CallOptions) => Promise<boolean>;
  /** Of Dekhand's own wraps of DEKs: how those that are copies of another Region's are brought to what that one has. */
  readonly copying?: WrapCopying;
}

export interface WrapCopying {
  /** Where the profile's home is, as the Region of the copies knows it; undefined where nobody has said. Throws StoreError. */
  homeOf(profile: string, options?: CallOptions): Promise<string | undefined>;
  /** The wraps of that Region's own, strongly consistent, of those DEKs that it has a readable one of. Throws StoreError. */
  readHome(region: string, ids: readonly string[], options?: CallOptions): Promise<ReadonlyMap<string, HomeWrap>>;
  /** Each by itself, in the order of the input, where the copy is what was read. Does not throw. */
  putCopies(home: string, copies: readonly WrapCopy[], options?: CallOptions): Promise<readonly CopyOutcome[]>;
}
