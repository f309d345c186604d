/** HTML out of templates: whatever is put into one is text, unless it came out of one. */

const made = Symbol("markup");

/** HTML that is safe as it is. Only `html` makes it. */
export interface Markup {
  readonly [made]: string;
}

type Part = Markup | string | number | readonly Part[] | undefined;

/** Numbers are written with thousands separators; undefined is nothing. */
export function html(fixed: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return { [made]: fixed.map((text, index) => text + written(parts[index])).join("") };
}

export function textOf(markup: Markup): string {
  return markup[made];
}

function written(part: Part): string {
  if (part === undefined) return "";
  if (typeof part === "number") return part.toLocaleString("en-US");
  if (typeof part === "string") return escapeText(part);
  return made in part ? part[made] : part.map(written).join("");
}

const entities: ReadonlyMap<string, string> = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
  ["'", "&#39;"],
]);

/** What would turn a line around, or is not seen, is shown by its number. */
const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

function escapeText(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => entities.get(character) ?? "")
    .replace(hidden, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
