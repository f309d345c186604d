import { profilesAtHome } from "@dekhand/deks";
import { describeError } from "@dekhand/errors";
import type { KeyDescription } from "@dekhand/kms";
import type { Profile, ReplicaStrategy } from "@dekhand/runtime";
import type { Connection } from "../../connect.ts";

/** One key of a profile in one of its Regions. */
export interface ProfileKey {
  readonly profile: string;
  readonly region: string;
  /** How wraps come to be under it there. */
  readonly strategy: "home" | ReplicaStrategy;
  readonly use: "current" | "retiring";
  /** As it is configured. */
  readonly key: string;
  /** Of the key, or the code of the error for which KMS did not tell. */
  readonly state: string;
  readonly arn: string;
  readonly material?: string;
}

/** For each key, in milliseconds: a Region that is away should not hold up the rest. */
const deadlineMs = 5_000;

/** A key that KMS does not show is a finding, not the end of the command. Throws what reading the homes fails with. */
export async function describeKeys(connection: Connection, signal: AbortSignal): Promise<readonly ProfileKey[]> {
  const { config, kms, stores } = connection;
  const { state } = await stores(config.control);
  const profiles = Object.values(await profilesAtHome(config.profiles, state, { signal }));
  return Promise.all(
    profiles.flatMap(keysOf).map(async (named) => {
      const found = await kms(named.region)
        .describeKey(named.key, { signal, deadlineMs })
        .catch((error: unknown) => describeError(error).code);
      signal.throwIfAborted();
      const told: Pick<KeyDescription, "arn" | "state" | "material"> =
        typeof found === "string" ? { arn: "unknown", state: found } : found;
      const material = told.material === undefined ? {} : { material: told.material };
      return { ...named, state: told.state, arn: told.arn, ...material };
    }),
  );
}

type Named = Pick<ProfileKey, "profile" | "region" | "strategy" | "use" | "key">;

function keysOf({ name: profile, home, key, retiring, replicas }: Profile): readonly Named[] {
  const regional = [{ region: home, strategy: "home" as const, key, retiring }, ...Object.values(replicas)];
  return regional.flatMap(({ region, strategy, key: current, retiring: old }): Named[] => [
    { profile, region, strategy, use: "current", key: current },
    ...old.map((one): Named => ({ profile, region, strategy, use: "retiring", key: one })),
  ]);
}

/** How the wraps under a key in a Region have come there, by the configuration: `home`, or the strategies of replicas. */
export function strategiesOf(
  keys: readonly ProfileKey[],
  { region, keyArn }: { readonly region: string; readonly keyArn: string },
): readonly ProfileKey["strategy"][] {
  const own = keys.filter((one) => one.region === region && one.arn === keyArn);
  return [...new Set(own.map(({ strategy }) => strategy))];
}
