import { describe, expect, it } from "vitest";
import { parseDecimal, parseDuration, parseSize } from "./units.ts";

describe("parseDuration", () => {
  it("reads whole numbers with a unit", () => {
    expect(["0ms", "250ms", "30s", "5m", "2h", "1d"].map(parseDuration)).toEqual([
      0, 250, 30_000, 300_000, 7_200_000, 86_400_000,
    ]);
  });

  it("refuses everything else: a bare number says no unit", () => {
    for (const text of ["", "5", "5 m", "5M", "-5s", "1.5s", "1e3s", "5m30s", " 5m", "5m ", "9999999999999999s"]) {
      expect(parseDuration(text), text).toBeUndefined();
    }
  });
});

describe("parseSize", () => {
  it("reads bytes and both families of units", () => {
    expect(["0", "1000000", "7B", "64KiB", "256MiB", "256 MiB", "1GiB", "1kB", "2MB", "3GB"].map(parseSize)).toEqual([
      0, 1_000_000, 7, 65_536, 268_435_456, 268_435_456, 1_073_741_824, 1_000, 2_000_000, 3_000_000_000,
    ]);
  });

  it("refuses everything else", () => {
    for (const text of ["", "MiB", "1mib", "1K", "-1", "1.5MiB", "1  MiB", "0x10", "999999999999999GiB"]) {
      expect(parseSize(text), text).toBeUndefined();
    }
  });
});

describe("parseDecimal", () => {
  it("reads digits, with a decimal point among them or not", () => {
    expect(["0", "1", "0.5", "12.25", "0.10"].map(parseDecimal)).toEqual([0, 1, 0.5, 12.25, 0.1]);
  });

  it("refuses everything else", () => {
    for (const text of ["", ".5", "1.", "-1", "+1", "1e3", "0,5", "50%", " 1", "1 ", "Infinity", "0x1", "1.2.3"]) {
      expect(parseDecimal(text), text).toBeUndefined();
    }
  });
});
