/** A map without a prototype: a job that names the profile `constructor` finds nothing. */
export function lookup<In, Out>(
  entries: readonly (readonly [string, In])[],
  make: (value: In, name: string) => Out,
): Record<string, Out> {
  const map: Record<string, Out> = Object.create(null);
  for (const [name, value] of entries) map[name] = make(value, name);
  return map;
}
