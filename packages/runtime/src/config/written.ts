/**
 * Looking into a document as it was written, whatever its shape: for what is
 * checked although parts of it are wrong.
 */

export function at(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
}

export function keysAt(value: unknown, key: string): string[] {
  const map = at(value, key);
  return typeof map === "object" && map !== null && !Array.isArray(map) ? Object.keys(map) : [];
}

/** The entries of a list at their own places; what is no text stands as an empty one. */
export function textsAt(value: unknown, key: string): string[] {
  const list = at(value, key);
  return Array.isArray(list) ? list.map((item) => (typeof item === "string" ? item : "")) : [];
}
