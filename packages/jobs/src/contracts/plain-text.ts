import { z } from "zod";
import type { JobsReasonCode } from "../errors.ts";

interface Check<T> {
  readonly test: (value: T) => boolean;
  readonly code: JobsReasonCode;
  readonly message: string;
}

export const wellFormed: Check<string> = {
  test: (text) => text.isWellFormed(),
  code: "JOBS_TEXT_ILL_FORMED",
  message: "has a lone surrogate",
};

/** Text of at least one character, well-formed, without control characters, bounded in bytes of UTF-8. */
export function plainText({ maxBytes, code }: { readonly maxBytes: number; readonly code: JobsReasonCode }) {
  const fits: Check<string> = {
    test: (value) => Buffer.byteLength(value) <= maxBytes,
    code,
    message: `has more than ${maxBytes} bytes of UTF-8`,
  };
  return z
    .string()
    .min(1)
    .max(maxBytes)
    .regex(/^\P{Cc}*$/u, { error: "has control characters" })
    .refine(wellFormed.test, { error: wellFormed.message, params: { code: wellFormed.code } })
    .refine(fits.test, { error: fits.message, params: { code: fits.code } });
}
