/** Whether a Region can be a home: its tables answer, and its key of each profile makes data keys. */

import { kmsContext } from "@dekhand/deks";
import { newDekId } from "@dekhand/envelope";
import { KmsError, type KmsGovernor } from "@dekhand/kms";
import { type Profile, profileAt } from "@dekhand/runtime";
import type { Stores } from "@dekhand/store";
import type { Told } from "../status/status-types.ts";
import { type AskOptions, ask } from "./read-homes.ts";

export interface CheckTargetDeps {
  readonly storesOf: (region: string) => {
    readonly records: Pick<Stores["records"], "getHead">;
    readonly deks: Pick<Stores["deks"], "getSummary">;
    readonly state: Pick<Stores["state"], "getHome">;
  };
  readonly kms: (region: string) => Pick<KmsGovernor, "describeKey" | "generateDataKey">;
}

export interface TargetFinding {
  readonly what: "tables" | "key";
  /** Of a key. */
  readonly profile?: string;
  readonly keyArn?: string;
  /**
   * - `ready`: it works.
   * - `unknown`: this role may not find out; the services' own may.
   * - `unfit`: it does not.
   */
  readonly verdict: "ready" | "unknown" | "unfit";
  /** One sentence, where it is not ready. */
  readonly problem?: string;
}

/** A record and a DEK that nobody has: reading them shows that the table is there. */
const nobody = "dekhand-failover-check";

/** Throws the signal's reason. */
export async function checkTarget(
  region: string,
  profiles: readonly Profile[],
  { deps, ...options }: AskOptions & { readonly deps: CheckTargetDeps },
): Promise<readonly TargetFinding[]> {
  const { records, deks, state } = deps.storesOf(region);
  const kms = deps.kms(region);
  const tables = await Promise.all([
    ask((call) => records.getHead(nobody, call), options),
    ask((call) => deks.getSummary(newDekId(), call), options),
    ask((call) => state.getHome(nobody, call), options),
  ]);
  const keys = profiles.map((profile) => checkKey(kms, profile, { ...options, region }));
  return [tablesFinding(tables), ...(await Promise.all(keys))];
}

function tablesFinding(tables: readonly Told<unknown>[]): TargetFinding {
  const names = ["records", "deks", "state"];
  const silent = tables.flatMap((one, at) => (one.told ? [] : [`${names[at]} (${one.code})`]));
  if (silent.length === 0) return { what: "tables", verdict: "ready" };
  return { what: "tables", verdict: "unfit", problem: `these tables cannot be read: ${silent.join(", ")}` };
}

async function checkKey(
  kms: Pick<KmsGovernor, "describeKey" | "generateDataKey">,
  configured: Profile,
  { region, signal, deadlineMs = 5_000 }: AskOptions & { readonly region: string },
): Promise<TargetFinding> {
  const { name } = configured;
  const about = { what: "key", profile: name } as const;
  const key = profileAt(configured, region)?.key;
  if (key === undefined) return { ...about, verdict: "unfit", problem: "the profile has no key there" };
  try {
    const { arn, enabled, state, usage, spec } = await kms.describeKey(key, { signal, deadlineMs });
    const found = { ...about, keyArn: arn };
    if (usage !== "ENCRYPT_DECRYPT" || spec !== "SYMMETRIC_DEFAULT")
      return { ...found, verdict: "unfit", problem: "it is no symmetric encryption key" };
    if (!enabled) return { ...found, verdict: "unfit", problem: `it is not enabled (${state})` };
    return { ...found, ...(await tryKey(kms, { arn, name, signal, deadlineMs })) };
  } catch (error) {
    return { ...about, ...troubleOf(error, signal) };
  }
}

/** The data key is thrown away. */
async function tryKey(
  kms: Pick<KmsGovernor, "generateDataKey">,
  { arn, name, ...options }: AskOptions & { readonly arn: string; readonly name: string },
): Promise<Pick<TargetFinding, "verdict" | "problem">> {
  try {
    const made = await kms.generateDataKey({ keyArn: arn, context: kmsContext(newDekId(), name, {}) }, options);
    made.plaintext.fill(0);
    return { verdict: "ready" };
  } catch (error) {
    return troubleOf(error, options.signal);
  }
}

function troubleOf(error: unknown, signal: AbortSignal | undefined): Pick<TargetFinding, "verdict" | "problem"> {
  signal?.throwIfAborted();
  if (!(error instanceof KmsError)) throw error;
  const { failureClass, code } = error;
  if (failureClass === "denied") return { verdict: "unknown", problem: `this role may not try it (${code})` };
  return { verdict: "unfit", problem: `KMS does not make a data key under it (${code})` };
}
