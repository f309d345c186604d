/**
 * Names inside a DynamoDB map that others chose, such as an encryption context's.
 *
 * Three kinds do not survive the way there and back. The SDK copies maps by
 * assignment and so loses `__proto__`. DynamoDB refuses an empty name. And a
 * name that JSON writes with an escape may come out of V8 14.6's JSON.parse as
 * another one: `{"a":1,"\u0000":2}` gets the name `\` once the process has seen
 * an object with the names `a` and `\`. So such characters, and the tilde, are
 * written as a tilde and two hex digits; all other names stay as they are.
 */

const unsafe = /\p{Cc}|["\\~]|^_(?=_proto__$)/gu;

export function escapeMapKey(key: string): string {
  if (key === "") return "~";
  return key.replace(unsafe, (character) => `~${character.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

export function unescapeMapKey(key: string): string {
  if (key === "~") return "";
  return key.replace(/~([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
