import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { configCommand } from "./config-check.ts";

const deployment = {
  prefix: "dekhand",
  regions: ["us-east-1"],
  profiles: { pii: { home: "us-east-1", key: "alias/pii" } },
};
const shared = { region: "us-east-1", keys: ["alias/a", "alias/b"] };
const wrapStores = {
  orders: { ...shared, dynamodb: { table: "orders-keys", partition: { name: "id" }, blob: { attribute: "edek" } } },
  documents: { ...shared, postgres: { connection: "DEKHAND_DOCUMENTS_URL", scan: "SELECT", swap: "UPDATE" } },
  legacy: { ...shared, module: "./legacy.ts" },
};

async function check(written: object, ...args: string[]): Promise<string> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "dekhand-test-config-check-"));
  const file = join(folder.path, "dekhand.yaml");
  await writeFile(file, JSON.stringify(written));
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const env = { DEKHAND_CONFIG: file, DEKHAND_DOCUMENTS_URL: "postgres://canary@host" };
  const context = { env, stdin, stdout, stderr, signal: new AbortController().signal };
  await configCommand(context).parseAsync(["check", ...args], { from: "user" });
  stdout.end();
  return (await text(stdout)).replaceAll(folder.path, "");
}

it("shows where each wrap store of others is, and with which keys; of a database only the variable's name", async () => {
  const shown = await check({ ...deployment, wrapStores });
  expect(shown).toMatch(/^orders +us-east-1 +dynamodb +orders-keys +alias\/a alias\/b$/m);
  expect(shown).toMatch(/^documents +us-east-1 +postgres +DEKHAND_DOCUMENTS_URL +alias/m);
  expect(shown).toMatch(/^legacy +us-east-1 +module +\/legacy\.ts +alias/m);
  const json = await check({ ...deployment, wrapStores }, "--json");
  expect(JSON.parse(json).wrapStores.map(({ name }: { name: string }) => name)).toEqual(Object.keys(wrapStores));
  expect(shown + json).not.toContain("canary");
});

it("says nothing of wrap stores where there are none", async () => {
  const shown = await check(deployment);
  expect(shown).toContain("KMS calls/s");
  expect(shown).not.toContain("wrap store");
});
