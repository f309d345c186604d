import type { StoreError } from "../errors.ts";

/** Why a stored item cannot be read, in words for an operator: names the attribute, and repeats no value. */
export function malformedReason({ message, context: { attribute } }: StoreError): string {
  return attribute === undefined ? message : `${message}: attribute ${attribute}`;
}
