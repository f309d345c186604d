/** Characters that a terminal obeys, or that turn a line around: ids and reasons come from others. */
const obeyed = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu;

/** Text of others as a terminal may show it: control characters become \u escapes. */
export function escapeControl(text: string): string {
  return text.replace(obeyed, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
