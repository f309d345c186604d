import { EventEmitter } from "node:events";
import { writeFile } from "node:fs/promises";
import { tempDir } from "@dekhand/testing";
import { expect, it } from "vitest";
import { runWorker } from "./run-worker.ts";
import type { WorkerAssembly } from "./worker-assembly.ts";

it("of the environment, a worker hands out only what is meant for Dekhand", async () => {
  await using folder = await tempDir("worker");
  const config = folder.join("dekhand.yaml");
  const profiles = { people: { home: "us-east-1", key: "alias/people" } };
  await writeFile(config, JSON.stringify({ prefix: "test", regions: ["us-east-1"], profiles }));
  const env = {
    DEKHAND_CONFIG: config,
    DEKHAND_DB: "postgres://host",
    DEKHAND_EMPTY: "",
    AWS_SECRET_ACCESS_KEY: "canary",
  };
  let secret: WorkerAssembly["secret"];
  const assemble = (assembly: WorkerAssembly) => {
    ({ secret } = assembly);
    throw new Error("nothing is started");
  };
  const process = new EventEmitter();
  await expect(runWorker({ name: "test", version: "0", assemble, env, process })).rejects.toThrow("nothing is started");
  expect(
    ["DEKHAND_DB", "DEKHAND_EMPTY", "DEKHAND_OTHER", "AWS_SECRET_ACCESS_KEY"].map((name) => secret?.(name)),
  ).toEqual(["postgres://host", undefined, undefined, undefined]);
});
