import type { ReplicaStrategy } from "@dekhand/runtime";
import { stringify } from "yaml";

/** The replica Regions of every profile, and how each comes by its wraps. */
export type EmbeddedReplicas = Readonly<Record<string, ReplicaStrategy>>;

/** What the embedded stack of `demo` and `dev` is configured with. */
export interface EmbeddedConfigOptions {
  readonly endpoints: Readonly<Record<string, string>>;
  readonly home: string;
  /** In front of table names and of every Redis key. */
  readonly prefix: string;
  /** Default: none. */
  readonly replicas?: EmbeddedReplicas;
}

/** The aliases of the profiles' keys: the same ones in every Region. */
export const profileAliases = ["alias/customer-pii", "alias/documents"] as const;

/** The key aliases that the embedded configuration names at home, and that the embedded KMS is given. */
export const embeddedAliases = [...profileAliases, "alias/dekhand-transit"] as const;

/** The multi-Region key of the strategy `bridge`. */
export const bridgeAlias = "alias/dekhand-bridge";

/** The configuration file of an embedded deployment, as YAML: also an example to start a real one from. */
export function embeddedConfig({ endpoints, home, prefix, replicas = {} }: EmbeddedConfigOptions): string {
  return stringify({
    prefix,
    regions: Object.keys(endpoints),
    control: home,
    endpoints,
    profiles: {
      "customer-pii": {
        home,
        key: "alias/customer-pii",
        required: ["tenant"],
        dekScope: ["tenant"],
        reuse: { records: 1000, bytes: "256MiB", age: "5m" },
        ...replicasOf("alias/customer-pii", replicas),
      },
      documents: {
        home,
        key: "alias/documents",
        reuse: { records: 1000, bytes: "256MiB", age: "5m" },
        ...replicasOf("alias/documents", replicas),
      },
    },
    transit: { key: "alias/dekhand-transit" },
    queues: { encrypt: "dekhand-encrypt", rewrap: "dekhand-rewrap" },
  });
}

function replicasOf(key: string, replicas: EmbeddedReplicas): object {
  const each = Object.entries(replicas).map(([region, strategy]) => {
    const bridge = strategy === "bridge" ? { bridge: bridgeAlias } : {};
    return [region, { key, strategy, ...bridge }] as const;
  });
  return each.length === 0 ? {} : { replicas: Object.fromEntries(each) };
}
