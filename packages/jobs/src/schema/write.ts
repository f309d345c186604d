/** `node packages/jobs/src/schema/write.ts` writes docs/schemas/encrypt-job.v1.json. A test says when that is due. */

import { mkdirSync, writeFileSync } from "node:fs";
import { encryptJobJsonSchema } from "./encrypt-job-schema.ts";
import { publishedSchema } from "./published-schema.ts";

mkdirSync(new URL(".", publishedSchema), { recursive: true });
writeFileSync(publishedSchema, `${JSON.stringify(encryptJobJsonSchema(), null, 2)}\n`);
