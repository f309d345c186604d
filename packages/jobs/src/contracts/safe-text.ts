/** Text that may be shown and stored anywhere: for ids and messages that come from a job. */

/** What SQS refuses in a message, and what would break a line of a log. */
const unfit = /[\p{Cc}\uFFFE\uFFFF]/gu;

/** `text` made well-formed, without control characters, cut to `maxBytes` of UTF-8. */
export function safeText(text: string, maxBytes = 512): string {
  // A string has at least as many bytes as code units, so this much is enough and bounds the work.
  const clean = text
    .slice(0, maxBytes + 1)
    .toWellFormed()
    .replace(unfit, "\uFFFD");
  if (text.length <= maxBytes && Buffer.byteLength(clean) <= maxBytes) return clean;
  let kept = "";
  let bytes = Buffer.byteLength(ellipsis);
  for (const character of clean) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) break;
    kept += character;
  }
  return kept + ellipsis;
}

const ellipsis = "…";
