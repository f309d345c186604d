import { startChild } from "../quota/child-process.ts";
import type { LoopbackTable } from "./loopback/loopback-process.ts";
import { deksTable, type Place, prefixes } from "./place.ts";
import type { Sizes } from "./sizes.ts";

/** The endpoint that answers at once, and DEKs that it made up. */
export async function setLoopbackPlace(stack: AsyncDisposableStack, sizes: Sizes): Promise<Place> {
  const child = stack.use(await startChild(import.meta.resolve("./loopback/loopback-process.ts")));
  const tables: readonly LoopbackTable[] = [
    { name: deksTable(prefixes.warmUp), wraps: sizes.warmUpWraps },
    { name: deksTable(prefixes.bench), wraps: sizes.wraps },
  ];
  const { endpoint, keyArns } = await child.ask<{ endpoint: string; keyArns: Place["keyArns"] }>(tables);
  return { name: "loopback", kms: endpoint, dynamodb: endpoint, keyArns };
}
