/**
 * Every KMS call of a Region goes through its governor: one pipe (kms-pipe.ts) for all that is asked of KMS.
 *
 * A failure is classified once (classify-failure.ts), and everything that follows from it reads the class.
 */
import { createAdministrationCalls } from "./administration-calls.ts";
import { createCryptographicCalls } from "./cryptographic-calls.ts";
import type { KmsGovernor, KmsGovernorOptions } from "./governor-types.ts";
import { createKmsPipe } from "./kms-pipe.ts";
import { createSigningCalls } from "./signing-calls.ts";

export function createKmsGovernor(options: KmsGovernorOptions): KmsGovernor {
  const pipe = createKmsPipe(options);
  return {
    region: options.region,
    ...createCryptographicCalls(pipe),
    ...createAdministrationCalls(pipe),
    ...createSigningCalls(pipe),
    meters: pipe.meters,
    status: pipe.status,
  };
}
