import type { KmsGovernor } from "@dekhand/kms";
import type { WrapStore } from "@dekhand/store";
import type { AdmitWrap } from "./admit-wraps.ts";

/** How a worker reaches the wraps of one store in one Region, by its own configuration. */
export interface WrapAccess {
  readonly store: WrapStore;
  readonly kms: Pick<KmsGovernor, "reEncrypt">;
  readonly admit: AdmitWrap;
}
