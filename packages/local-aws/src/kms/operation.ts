import type { JsonObject } from "../service.ts";
import type { KmsStore } from "./kms-store.ts";

/** Where an operation runs. */
export interface KmsCall {
  readonly store: KmsStore;
  readonly region: string;
  readonly requestId: string;
}

export type KmsOperation = (call: KmsCall, input: JsonObject) => JsonObject | Promise<JsonObject>;
