const units = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
  ["s", 1],
] as const;

/** `2 h 5 min`, `42 s`: to the second of its units, rounded up; `under 1 s`. */
export function formatDuration(seconds: number): string {
  if (seconds < 1) return "under 1 s";
  const largest = units.findIndex(([, size]) => seconds >= size);
  const [, smallest] = units[largest + 1] ?? units[largest] ?? ["s", 1];
  let left = Math.ceil(seconds / smallest) * smallest;
  const parts: string[] = [];
  for (const [name, size] of units) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) parts.push(`${count} ${name}`);
  }
  return parts.join(" ");
}
