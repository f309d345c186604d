/**
 * `JSON.parse`, safe from a fault of V8 14.6 (Node 26): after an object with a
 * key such as `"\\"` was parsed, a later object's key that is written with an
 * escape can come out as that earlier key. Python and others write every letter
 * beyond ASCII with an escape, so such a key is nothing unusual.
 *
 * Escapes of characters that need none are therefore written out first. Keys
 * with a quote, a backslash or a control character still need one: whoever
 * takes meaning from keys refuses those (a misread key always has a backslash).
 */
export function parseJson(text: string): unknown {
  return JSON.parse(text.includes("\\u") ? text.replace(escapes, writeOut) : text);
}

/** An escape and what it escapes, so that the `u` behind an escaped backslash is not taken for one. */
const escapes = /\\(?:u([0-9a-fA-F]{4})|[^u])/g;
function writeOut(whole: string, hex: string | undefined): string {
  if (hex === undefined) return whole;
  const character = String.fromCharCode(Number.parseInt(hex, 16));
  // What JSON does not allow in a string as it is.
  return character < " " || character === '"' || character === "\\" ? whole : character;
}
