/** Which operations a key's state allows, and what is answered where it does not. */
import { AwsFault } from "../service.ts";
import { type KeyState, keyStateOf, type RegionalKey } from "./key-model.ts";

type Refusal = "disabled" | "invalid-state";

/** Groups of operations that KMS treats alike. What a state does not list, it allows. */
const REFUSALS = {
  use: {
    Disabled: "disabled",
    PendingDeletion: "invalid-state",
    PendingReplicaDeletion: "invalid-state",
    Creating: "invalid-state",
  },
  rotate: {
    Disabled: "disabled",
    PendingDeletion: "invalid-state",
    PendingReplicaDeletion: "invalid-state",
    Creating: "invalid-state",
  },
  replicate: {
    Disabled: "disabled",
    PendingDeletion: "invalid-state",
    PendingReplicaDeletion: "invalid-state",
    Creating: "invalid-state",
    Updating: "invalid-state",
  },
  enable: {
    PendingDeletion: "invalid-state",
    PendingReplicaDeletion: "invalid-state",
    Creating: "invalid-state",
    Updating: "invalid-state",
  },
  delete: { PendingDeletion: "invalid-state", PendingReplicaDeletion: "invalid-state", Updating: "invalid-state" },
  name: { PendingDeletion: "invalid-state", PendingReplicaDeletion: "invalid-state" },
} as const satisfies Record<string, Partial<Record<KeyState, Refusal>>>;

/** Throws DisabledException or KMSInvalidStateException. */
export function requireState(key: RegionalKey, purpose: keyof typeof REFUSALS, now: number): void {
  const state = keyStateOf(key, now);
  const refusals: Partial<Record<KeyState, Refusal>> = REFUSALS[purpose];
  const refusal = refusals[state];
  if (refusal === "disabled") throw new AwsFault("DisabledException", `${key.arn} is disabled.`);
  if (refusal === "invalid-state") throw invalidState(key, described[state]);
}

export function invalidState(key: RegionalKey, what: string): AwsFault {
  return new AwsFault("KMSInvalidStateException", `${key.arn} is ${what}.`);
}

const described: Record<KeyState, string> = {
  Creating: "creating",
  Enabled: "enabled",
  Disabled: "disabled",
  PendingDeletion: "pending deletion",
  PendingReplicaDeletion: "pending replica deletion",
  Updating: "updating",
};
