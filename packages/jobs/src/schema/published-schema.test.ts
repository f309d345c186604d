import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { encryptJobJsonSchema } from "./encrypt-job-schema.ts";
import { publishedSchema } from "./published-schema.ts";

it("is what the code checks; write it again with `node packages/jobs/src/schema/write.ts`", () => {
  expect(JSON.parse(readFileSync(publishedSchema, "utf8"))).toEqual(encryptJobJsonSchema());
});
