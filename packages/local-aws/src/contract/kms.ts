import { describe } from "vitest";
import { describeAliases } from "./kms-aliases.ts";
import { describeCryptography } from "./kms-cryptography.ts";
import { describeDryRuns } from "./kms-dry-runs.ts";
import { describeKeys } from "./kms-keys.ts";
import { describeMultiRegion } from "./kms-multi-region.ts";
import { describeRotation } from "./kms-rotation.ts";
import { describeSigning } from "./kms-signing.ts";
import { useKms } from "./kms-suite.ts";
import type { ContractTarget } from "./target.ts";

/**
 * What Dekhand relies on KMS to do. Capabilities that a target may lack:
 * `kms.key-material-id`, `kms.dry-run`, `kms.dry-run-modifiers`,
 * `kms.hmac-keys`, `kms.macs`, `kms.signing`, `kms.last-usage`, `kms.prototype-context-keys`,
 * `kms.rotation`, `kms.rotation-on-demand`, `kms.rotation-limit`,
 * `kms.multi-region`, `kms.multi-region-rotation`, `kms.multi-region-primary`.
 */
export function describeKmsContract(target: ContractTarget): void {
  describe(`KMS of ${target.name}`, () => {
    const suite = useKms(target);
    describeCryptography(suite);
    describeDryRuns(suite);
    describeKeys(suite);
    describeAliases(suite);
    describeRotation(suite);
    describeMultiRegion(suite);
    describeSigning(suite);
  });
}
