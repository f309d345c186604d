import { stringify } from "yaml";

/** What the embedded stack of `demo` and `dev` is configured with. */
export interface EmbeddedConfigOptions {
  readonly endpoints: Readonly<Record<string, string>>;
  readonly home: string;
  /** In front of table names and of every Redis key. */
  readonly prefix: string;
}

/** The key aliases that the embedded configuration names, and that the embedded KMS is given. */
export const embeddedAliases = ["alias/customer-pii", "alias/documents", "alias/dekhand-transit"] as const;

/** The configuration file of an embedded deployment, as YAML: also an example to start a real one from. */
export function embeddedConfig({ endpoints, home, prefix }: EmbeddedConfigOptions): string {
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
      },
      documents: { home, key: "alias/documents", reuse: { records: 1000, bytes: "256MiB", age: "5m" } },
    },
    transit: { key: "alias/dekhand-transit" },
    queues: { encrypt: "dekhand-encrypt", rewrap: "dekhand-rewrap" },
  });
}
