/** `node packages/jobs/src/schema/write.ts` writes docs/schemas/*.json. A test says when that is due. */

import { mkdirSync, writeFileSync } from "node:fs";
import { publishedSchemas } from "./published-schemas.ts";

for (const { file, make } of publishedSchemas) {
  mkdirSync(new URL(".", file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(make(), null, 2)}\n`);
}
