/** What a replica Region has of its own, so that it can be a home: queues, a transit key, a Redis, and services. */

import { CreateAliasCommand, CreateKeyCommand } from "@aws-sdk/client-kms";
import type { DekhandClient } from "@dekhand/client";
import { startRedis } from "@dekhand/local-redis";
import { type DeploymentConfig, readDeploymentConfig } from "@dekhand/runtime";
import { type CommandOutcome, runCommand } from "./run-command.ts";
import type { Stack } from "./start-stack.ts";

export interface SecondHome extends AsyncDisposable {
  /** The deployment's, with this Region as the control Region. */
  readonly config: DeploymentConfig;
  readonly redisUrl: string;
  /** Of its own queues. Closed with the stack. */
  readonly client: DekhandClient;
  dekhand(...args: readonly string[]): Promise<CommandOutcome>;
}

/** In advance, while every Region is well. */
export async function prepareSecondHome(stack: Stack, region: string): Promise<SecondHome> {
  const { kms } = stack.clients.region(region);
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  await kms.send(new CreateAliasCommand({ AliasName: "alias/dekhand-transit", TargetKeyId: KeyMetadata?.KeyId }));
  const redis = await startRedis();
  const { url: redisUrl } = redis;
  const env = { ...stack.env, DEKHAND_CONTROL: region, DEKHAND_REDIS_URL: redisUrl };
  const dekhand: SecondHome["dekhand"] = (...args) => runCommand(args, { env });
  const made = await dekhand("init", "--yes");
  if (made.exitCode !== 0) throw new Error(`init failed: ${made.stderr}`);
  const config = readDeploymentConfig(stack.embedded.configFile, { control: region });
  return {
    config,
    redisUrl,
    client: stack.openClient({ config, redisUrl }),
    dekhand,
    [Symbol.asyncDispose]: () => redis.stop(),
  };
}
