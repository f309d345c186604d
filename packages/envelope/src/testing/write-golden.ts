/** `node packages/envelope/src/testing/write-golden.ts`: for a new format version; a released file never changes. */

import { writeFileSync } from "node:fs";
import { goldenDocument } from "./golden-document.ts";
import { goldenFile } from "./golden-file.ts";

writeFileSync(goldenFile, `${JSON.stringify(goldenDocument(), undefined, 2)}\n`);
