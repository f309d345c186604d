import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { embeddedCredentials } from "@dekhand/cli";
import { createClient, readDeploymentConfig } from "@dekhand/client";
import { freePort, spawnScript, tempDir } from "@dekhand/testing";
import { describe, expect, it } from "vitest";
import { plainProfile } from "./stack/start-stack.ts";

const cli = fileURLToPath(import.meta.resolve("../services/cli/src/main.ts"));

describe("dekhand dev", () => {
  it("keeps keys, tables and messages when it is stopped and started again", async () => {
    await using folder = await tempDir("dev");
    const port = String(await freePort());
    const env = { AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local", DEKHAND_REDIS_URL: undefined };
    const dev = (...more: readonly string[]) =>
      spawnScript({
        script: cli,
        args: ["dev", "--data-dir", join(folder.path, "data"), "--port", port, ...more],
        env,
        ready: /ready; stop it with Ctrl-C/,
      });
    const configFile = join(folder.path, "data", "dekhand.yaml");
    const connect = () => {
      const client = createClient({ config: readDeploymentConfig(configFile), credentials: embeddedCredentials });
      const read = async (recordId: string) =>
        (await client.read(recordId, {}).catch(() => undefined))?.payload.toString();
      const submit = (recordId: string) =>
        client.submit({ recordId, profile: plainProfile, payload: Buffer.from(recordId) });
      return { read, submit, [Symbol.asyncDispose]: () => client.close() };
    };

    {
      await using first = await dev();
      await using client = connect();
      await client.submit("stored before");
      await expect.poll(() => client.read("stored before"), { timeout: 40_000 }).toBe("stored before");
      first.kill("SIGINT");
      expect(await first.exited).toEqual({ code: 0, signal: null });
    }
    {
      // Without services nobody takes the message: it has to outlive the stop.
      await using second = await dev("--no-services");
      await using client = connect();
      await client.submit("queued before");
      second.kill("SIGTERM");
      expect(await second.exited).toEqual({ code: 0, signal: null });
    }
    await using _third = await dev();
    await using client = connect();
    expect(await client.read("stored before")).toBe("stored before");
    await expect.poll(() => client.read("queued before"), { timeout: 40_000 }).toBe("queued before");
  }, 150_000);
});
