import { z } from "zod";
import { encryptJobSchema } from "../contracts/wire-schema.ts";

/** The encrypt job's contract as JSON Schema (draft 2020-12), as far as JSON Schema can say it. */
export function encryptJobJsonSchema(): Record<string, unknown> {
  // The context's own check has no counterpart in JSON Schema; its `meta` says what can be said.
  return { ...z.toJSONSchema(encryptJobSchema, { io: "input", unrepresentable: "any" }) };
}
