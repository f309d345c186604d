const durationUnits: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const sizeUnits: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1_000,
  MB: 1_000_000,
  GB: 1_000_000_000,
  KiB: 1_024,
  MiB: 1_048_576,
  GiB: 1_073_741_824,
};

/** Milliseconds of `250ms`, `30s`, `5m`, `2h` or `1d`; undefined for anything else, a bare number included. */
export function parseDuration(text: string): number | undefined {
  return scaled(/^(\d{1,15})(ms|s|m|h|d)$/.exec(text), durationUnits);
}

/** Bytes of `1000000`, `64KiB`, `256MiB`, `1GiB` or the decimal `kB`, `MB`, `GB`; undefined for anything else. */
export function parseSize(text: string): number | undefined {
  return scaled(/^(\d{1,15}) ?(B|kB|MB|GB|KiB|MiB|GiB)?$/.exec(text), sizeUnits);
}

/** The number in `1`, `0.5` or `12.25`; undefined for anything else: no sign, no exponent, digits on both sides of the point. */
export function parseDecimal(text: string): number | undefined {
  return /^\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : undefined;
}

function scaled(match: RegExpExecArray | null, units: Readonly<Record<string, number>>): number | undefined {
  if (match === null) return undefined;
  const value = Number(match[1]) * (units[match[2] ?? "B"] ?? 1);
  return Number.isSafeInteger(value) ? value : undefined;
}
