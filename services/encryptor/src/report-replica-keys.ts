import { type CheckReplicaKeysDeps, checkReplicaKeys } from "@dekhand/deks";
import type { Logger } from "@dekhand/runtime";

/**
 * Logs what does not fit about the keys of replica Regions: an error for each Region whose copies cannot work, a warning
 * where KMS could not be asked. Nothing waits for it and nothing is refused for it. Never rejects.
 */
export async function reportReplicaKeys(
  deps: CheckReplicaKeysDeps & { readonly logger: Logger },
  signal: AbortSignal,
): Promise<void> {
  const { logger } = deps;
  try {
    for (const { verdict, ...finding } of await checkReplicaKeys(deps, { signal })) {
      if (verdict === "unsuitable") logger.error(finding, "a replica Region's key does not fit its strategy");
      if (verdict === "unknown") logger.warn(finding, "a replica Region's key cannot be checked");
    }
  } catch (error) {
    if (!signal.aborted) logger.warn({ err: error }, "the keys of replica Regions cannot be checked");
  }
}
