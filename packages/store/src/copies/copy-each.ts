import { StoreError } from "../errors.ts";
import type { CopyOutcome } from "./copy-types.ts";

type Failed = Extract<CopyOutcome, { kind: "failed" }>;

/**
 * Prepares each copy by itself and hands those that can be prepared to `copy`,
 * which answers in their order. One that cannot (a StoreError) is `failed` and
 * stops no other.
 */
export async function copyEach<Input, Prepared extends object>(
  inputs: readonly Input[],
  prepare: (input: Input) => Prepared,
  copy: (prepared: readonly Prepared[]) => Promise<readonly CopyOutcome[]>,
): Promise<readonly CopyOutcome[]> {
  const prepared = inputs.map((input) => attempt(input, prepare));
  const done = (await copy(prepared.flatMap((one) => (one.kind === "ready" ? [one.value] : [])))).values();
  return prepared.flatMap((one) => (one.kind === "failed" ? [one] : (done.next().value ?? [])));
}

function attempt<Input, Prepared>(
  input: Input,
  prepare: (input: Input) => Prepared,
): Failed | { readonly kind: "ready"; readonly value: Prepared } {
  try {
    return { kind: "ready", value: prepare(input) };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return { kind: "failed", error };
  }
}
