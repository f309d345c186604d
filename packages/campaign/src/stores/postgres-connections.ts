import { ConfigError, type WrapStoreConfig } from "@dekhand/runtime";

type Secret = (name: string) => string | undefined;

/** Checks the variables of all stores at once. Throws ConfigError, which names variables and stores, never a value. */
export function requireConnections(stores: readonly WrapStoreConfig[], secret: Secret): void {
  const problems = stores.flatMap((store) => {
    if (store.kind !== "postgres") return [];
    const { name, connection } = store;
    const value = secret(connection);
    if (value !== undefined && isConnectionString(value)) return [];
    const expected = `the connection string of the wrap store ${name}, postgres://…`;
    return [{ path: connection, expected, ...(value === undefined ? { missing: true as const } : {}) }];
  });
  if (problems.length > 0) throw new ConfigError("environment", problems);
}

function isConnectionString(value: string): boolean {
  return URL.canParse(value) && ["postgres:", "postgresql:"].includes(new URL(value).protocol);
}
