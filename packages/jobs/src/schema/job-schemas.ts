/** The contracts as JSON Schema (draft 2020-12), as far as JSON Schema can say them. */

import { z } from "zod";
import { replicateJobSchema } from "../contracts/replicate-schema.ts";
import { rewrapJobSchema } from "../contracts/rewrap-schema.ts";
import { encryptJobSchema } from "../contracts/wire-schema.ts";

export function encryptJobJsonSchema(): Record<string, unknown> {
  // The context's own check has no counterpart in JSON Schema; its `meta` says what can be said.
  return { ...z.toJSONSchema(encryptJobSchema, { io: "input", unrepresentable: "any" }) };
}

export function rewrapJobJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(rewrapJobSchema, { io: "input" }) };
}

export function replicateJobJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(replicateJobSchema, { io: "input" }) };
}
