/**
 * Names inside a DynamoDB map that others chose, such as an encryption context's.
 *
 * The SDK copies maps by assignment, so a key named `__proto__` would be lost on
 * the way, and DynamoDB refuses an empty name. Both get a backslash in front,
 * and so does every name that starts with one; all others stay readable.
 */

export function escapeMapKey(key: string): string {
  return key === "" || key === "__proto__" || key.startsWith("\\") ? `\\${key}` : key;
}

export function unescapeMapKey(key: string): string {
  return key.startsWith("\\") ? key.slice(1) : key;
}
