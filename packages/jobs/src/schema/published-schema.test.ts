import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { publishedSchemas } from "./published-schemas.ts";

it.each(publishedSchemas)(
  "$name is what the code checks; write it again with `node packages/jobs/src/schema/write.ts`",
  ({ file, make }) => {
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(make());
  },
);
