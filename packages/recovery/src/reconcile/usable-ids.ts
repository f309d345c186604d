/**
 * Whoever writes a table can put anything into a key: a text that no DEK and no
 * record can have as its id would make a whole batch of reads fail, and so hide
 * all others.
 */

const maxRecordIdBytes = 512;

export function isRecordId(text: string): boolean {
  const bytes = Buffer.byteLength(text);
  return bytes > 0 && bytes <= maxRecordIdBytes && text.isWellFormed();
}
