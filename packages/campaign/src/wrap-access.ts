import type { CallOptions, KmsGovernor } from "@dekhand/kms";
import type { WrapStore } from "@dekhand/store";
import type { AdmitWrap } from "./admit-wraps.ts";

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
}
