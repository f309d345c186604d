import type { KMSClient } from "@aws-sdk/client-kms";
import type { KmsGovernor, KmsGovernorOptions } from "./governor-types.ts";
import { createKmsGovernor } from "./kms-governor.ts";

export interface KmsGovernorsOptions extends Omit<KmsGovernorOptions, "region" | "client"> {
  /** Throws for a Region that the deployment does not have. */
  readonly clientFor: (region: string) => KMSClient;
}

/** A process's governors: one for each Region, made when it is first asked for. */
export function createKmsGovernors({ clientFor, ...options }: KmsGovernorsOptions): (region: string) => KmsGovernor {
  const governors = new Map<string, KmsGovernor>();
  return (region) => {
    const governor = governors.get(region) ?? createKmsGovernor({ ...options, region, client: clientFor(region) });
    governors.set(region, governor);
    return governor;
  };
}
