import { EventEmitter } from "node:events";
import { writeFile } from "node:fs/promises";
import { tempDir } from "@dekhand/testing";
import { expect, it } from "vitest";
import { runWorker } from "./run-worker.ts";
import type { WorkerAssembly } from "./worker-assembly.ts";

/** What a worker is assembled of, with this configuration and environment. */
async function assemblyOf(written: object, variables: Record<string, string>): Promise<WorkerAssembly> {
  await using folder = await tempDir("worker");
  const config = folder.join("dekhand.yaml");
  const profiles = { people: { home: "us-east-1", key: "alias/people" } };
  await writeFile(config, JSON.stringify({ prefix: "test", regions: ["us-east-1"], profiles, ...written }));
  let assembled: WorkerAssembly | undefined;
  const assemble = (assembly: WorkerAssembly) => {
    assembled = assembly;
    throw new Error("nothing is started");
  };
  const env = { DEKHAND_CONFIG: config, ...variables };
  const process = new EventEmitter();
  await expect(runWorker({ name: "test", version: "0", assemble, env, process })).rejects.toThrow("nothing is started");
  return assembled ?? expect.fail("it is assembled");
}

it("of the environment, a worker hands out only what is meant for Dekhand", async () => {
  const env = { DEKHAND_DB: "postgres://host", DEKHAND_EMPTY: "", AWS_SECRET_ACCESS_KEY: "canary" };
  const { secret } = await assemblyOf({}, env);
  expect(
    ["DEKHAND_DB", "DEKHAND_EMPTY", "DEKHAND_OTHER", "AWS_SECRET_ACCESS_KEY"].map((name) => secret?.(name)),
  ).toEqual(["postgres://host", undefined, undefined, undefined]);
});

it("a worker has the control Region that its environment names, instead of the file's", async () => {
  const written = { regions: ["us-east-1", "eu-west-1"], control: "us-east-1" };
  expect((await assemblyOf(written, {})).config.control).toBe("us-east-1");
  expect((await assemblyOf(written, { DEKHAND_CONTROL: "eu-west-1" })).config.control).toBe("eu-west-1");
});
