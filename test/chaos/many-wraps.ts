/** DEKs in Dekhand's own tables, thousands a second: as an encryptor leaves them, but for records. */

import { embeddedCredentials } from "@dekhand/cli";
import { tableNames } from "@dekhand/store";
import { runThread } from "../stack/run-thread.ts";
import { region, type Stack, tenantProfile } from "../stack/start-stack.ts";
import { digestsById } from "./sha256.ts";

/** DEK id to the SHA-256 of the DEK. */
export type KnownDeks = ReadonlyMap<string, Buffer>;

export interface WrapsToMake {
  readonly region: string;
  readonly endpoints: Stack["config"]["endpoints"];
  readonly credentials: typeof embeddedCredentials;
  readonly table: string;
  readonly profile: string;
  readonly keyArn: string;
  readonly count: number;
}

/** That many DEKs of the tenants' profile, under the key. */
export async function makeWraps({ config }: Stack, count: number, keyArn: string): Promise<KnownDeks> {
  const wanted: WrapsToMake = {
    ...{ region, endpoints: config.endpoints, credentials: embeddedCredentials },
    ...{ table: tableNames(config.prefix).deks, profile: tenantProfile, keyArn, count },
  };
  const made = await runThread(new URL("./make-wraps-thread.ts", import.meta.url), wanted);
  if (!isMade(made)) throw new TypeError("the thread posts ids and digests");
  return digestsById(made.ids, made.digests);
}

function isMade(made: unknown): made is { readonly ids: readonly string[]; readonly digests: Uint8Array } {
  return typeof made === "object" && made !== null && "ids" in made && "digests" in made;
}
