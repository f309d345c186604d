import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { eventually, isAlive, spawnScript, tempDir } from "@dekhand/testing";
import { Redis } from "ioredis";
import { describe, expect, it } from "vitest";
import { findRedis, type LocalRedis, startRedis } from "./index.ts";

describe("startRedis", () => {
  it("serves on loopback only, evicts nothing and keeps nothing on disk", async () => {
    await using redis = await startRedis();
    await using client = connect(redis);
    expect(await client.ping()).toBe("PONG");
    for (const [name, value] of [
      ["bind", "127.0.0.1"],
      ["maxmemory-policy", "noeviction"],
      ["save", ""],
      ["appendonly", "no"],
    ] as const) {
      expect(await client.config("GET", name)).toEqual([name, value]);
    }
  });

  it("is gone afterwards with its process and its folder", async () => {
    const redis = await startRedis();
    const { pid = 0, dataDir } = redis;
    expect([isAlive(pid), existsSync(dataDir)]).toEqual([true, true]);
    await redis.stop();
    expect([isAlive(pid), existsSync(dataDir)]).toEqual([false, false]);
    await redis.stop();
    await expect(redis.restart()).rejects.toMatchObject({ code: "LOCAL_REDIS_STOPPED" });
  });

  it("gives each caller a server of its own", async () => {
    const servers = await Promise.all(Array.from({ length: 4 }, () => startRedis()));
    try {
      expect(new Set(servers.map(({ port }) => port)).size).toBe(4);
      expect(new Set(servers.map(({ dataDir }) => dataDir)).size).toBe(4);
    } finally {
      await Promise.all(servers.map((server) => server.stop()));
    }
  });

  it("comes back on the same port after a kill, emptied", async () => {
    await using redis = await startRedis();
    await setKey(redis);
    await redis.kill();
    expect(redis.pid).toBeUndefined();
    await redis.restart();
    expect(await getKey(redis)).toBeNull();
  });

  it("keeps its data over a restart and over its own end where asked to", async () => {
    await using folder = await tempDir("redis");
    const dataDir = folder.join("not", "yet", "there");
    {
      await using redis = await startRedis({ dataDir, persistent: true });
      await setKey(redis);
      await redis.restart();
      expect(await getKey(redis)).toBe("value");
    }
    expect(existsSync(dataDir)).toBe(true);
    await using again = await startRedis({ dataDir, persistent: true });
    expect(await getKey(again)).toBe("value");
  });

  it("is ended although it is frozen", async () => {
    await using redis = await startRedis();
    const { pid = 0 } = redis;
    process.kill(pid, "SIGSTOP");
    await redis.stop();
    expect(isAlive(pid)).toBe(false);
  });

  it("is gone with its folder when the process that started it is killed", async () => {
    const index = new URL("./index.ts", import.meta.url).href;
    await using folder = await tempDir("redis-parent");
    const script = folder.join("parent.ts");
    await writeFile(
      script,
      `import { startRedis } from ${JSON.stringify(index)};
       const redis = await startRedis();
       console.log("up", redis.pid, redis.dataDir);
       setInterval(() => {}, 1000);`,
    );
    await using parent = await spawnScript({ script, ready: /^up / });
    const [, pid = "", dataDir = ""] = parent.readyLine.split(" ");
    expect([isAlive(Number(pid)), existsSync(dataDir)]).toEqual([true, true]);
    parent.kill("SIGKILL");
    await eventually(() => !isAlive(Number(pid)) && !existsSync(dataDir));
  });

  it("says why it could not start, and leaves no folder behind", async () => {
    const busy = createServer();
    await new Promise<void>((resolve) => busy.listen(0, "127.0.0.1", resolve));
    try {
      const address = busy.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      await expect(startRedis({ port })).rejects.toMatchObject({ code: "LOCAL_REDIS_START_FAILED", context: { port } });
    } finally {
      busy.close();
    }
    const missing = { kind: "binary", command: "no-such-redis-server", version: "0" } as const;
    await expect(startRedis({ provider: missing })).rejects.toMatchObject({ code: "LOCAL_REDIS_NOT_FOUND" });
  });

  it("starts nothing for a caller that has gone away", async () => {
    const signal = AbortSignal.abort(new Error("gone"));
    await expect(startRedis({ signal })).rejects.toThrow("gone");
  });
});

describe("findRedis", () => {
  it("finds a program with its version", async () => {
    expect(await findRedis()).toMatchObject({ kind: "binary", version: expect.stringMatching(/^\d+\./) });
  });
});

function connect(redis: LocalRedis) {
  const client = new Redis(redis.url, { maxRetriesPerRequest: 1 });
  return Object.assign(client, { [Symbol.asyncDispose]: async () => client.disconnect() });
}

async function setKey(redis: LocalRedis): Promise<void> {
  await using client = connect(redis);
  await client.set("key", "value");
}

async function getKey(redis: LocalRedis): Promise<string | null> {
  await using client = connect(redis);
  return await client.get("key");
}
