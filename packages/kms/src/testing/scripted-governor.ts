import { createLogger, createMetrics } from "@dekhand/runtime";
import type { KmsGovernor } from "../governor-types.ts";
import { createKmsGovernor } from "../kms-governor.ts";
import { ampleQuota } from "./ample-quota.ts";
import { region } from "./embedded-kms.ts";
import { openKmsClient } from "./kms-client.ts";
import { type KmsAnswer, type KmsServer, startKmsServer } from "./kms-server.ts";

/** A governor of an endpoint that answers as told; the last answer repeats. `stack` closes both. */
export async function scriptedGovernor(
  stack: AsyncDisposableStack,
  ...answers: readonly KmsAnswer[]
): Promise<{ readonly server: KmsServer; readonly kms: KmsGovernor }> {
  const server = stack.use(await startKmsServer(...answers));
  const kms = createKmsGovernor({
    region,
    client: openKmsClient(stack, region, server.url),
    quota: ampleQuota(),
    metrics: createMetrics({ service: "test" }),
    logger: createLogger({ service: "test", level: "silent" }),
  });
  return { server, kms };
}
