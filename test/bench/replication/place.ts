import { startRedis } from "@dekhand/local-redis";
import { startChild } from "../quota/child-process.ts";
import { type EmbeddedRegions, startEmbeddedRegions } from "./embedded-regions.ts";
import { makeKeys } from "./make-keys.ts";

/** What a deployment of this benchmark stands on. */
export interface Place {
  readonly name: PlaceName;
  readonly aws: EmbeddedRegions;
  /** DynamoDB by Region, URLs. */
  readonly dynamodb: Readonly<Record<string, string>>;
  readonly redisUrl: string;
  /** What the home's key is called in the Region of the strategy `multi-region`. */
  readonly relatedKeyArn: string;
}

/**
 * - `embedded`: the embedded DynamoDB, where each conditional write is a request.
 * - `statements`: the same behind endpoints that have BatchExecuteStatement, as DynamoDB has.
 */
export const placeNames = ["embedded", "statements"] as const;
export type PlaceName = (typeof placeNames)[number];

/** All of it ends with the stack. */
export async function setPlaces(stack: AsyncDisposableStack): Promise<Readonly<Record<PlaceName, Place>>> {
  const aws = await startEmbeddedRegions(stack);
  const redis = stack.use(await startRedis());
  const child = stack.use(await startChild(import.meta.resolve("./statements-process.ts")));
  const statements = await child.ask<Readonly<Record<string, string>>>(aws.endpoints);
  const shared = { aws, redisUrl: redis.url, relatedKeyArn: await makeKeys(aws.endpoints) };
  return {
    embedded: { ...shared, name: "embedded", dynamodb: aws.endpoints },
    statements: { ...shared, name: "statements", dynamodb: statements },
  };
}
