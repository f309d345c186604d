import { writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { eventually, isAlive, spawnScript, tempDir } from "./index.ts";

const forEver = "setInterval(() => {}, 1000);";

describe("spawnScript", () => {
  it("hands over a process that is ready, with all it printed", async () => {
    await using folder = await scriptFolder(
      `console.log("a"); console.error("b"); console.log("ready now"); ${forEver}`,
    );
    await using script = await spawnScript({ script: folder.script, ready: /^ready/ });
    expect(script.readyLine).toBe("ready now");
    expect(script.stdout()).toBe("a\nready now");
    await script.waitForLine("b".startsWith.bind("b"));
    expect(script.stderr()).toBe("b");
  });

  it("runs scripts under the Node that runs the test, with TypeScript and arguments", async () => {
    await using folder = await scriptFolder(
      "const [, , name]: string[] = process.argv; console.log(process.version, name);",
    );
    await using script = await spawnScript({ script: folder.script, args: ["x y"] });
    expect(await script.exited).toEqual({ code: 0, signal: null });
    expect(script.stdout()).toBe(`${process.version} x y`);
  });

  it("passes input, environment and working folder on, and takes variables away", async () => {
    await using folder = await tempDir();
    await using script = await spawnScript({
      command: "sh",
      args: ["-c", 'read -r line; echo "$line $ADDED $(test -n "$HOME" || echo none)"; pwd -P'],
      env: { ADDED: "added", HOME: undefined },
      input: "hello\n",
      cwd: folder.path,
    });
    await script.exited;
    expect(script.stdout().split("\n")).toEqual(["hello added none", expect.stringContaining("dekhand-test-")]);
  });

  it("talks to a process that asks", async () => {
    await using script = await spawnScript({
      command: "sh",
      args: ["-c", "echo name?; read -r name; echo hello $name"],
      keepInputOpen: true,
      ready: /name/,
    });
    script.write("you\n");
    await script.waitForLine(/hello you/);
  });

  it("tells an exit code from a signal", async () => {
    await using failing = await spawnScript({ command: "sh", args: ["-c", "exit 7"] });
    expect(await failing.exited).toEqual({ code: 7, signal: null });
    await using sleeping = await spawnScript({ command: "sleep", args: ["60"] });
    expect(sleeping.kill("SIGKILL")).toBe(true);
    expect(await sleeping.exited).toEqual({ code: null, signal: "SIGKILL" });
    expect(sleeping.kill()).toBe(false);
  });

  it("reports a process that ends before it is ready, with its last words", async () => {
    const started = spawnScript({ command: "sh", args: ["-c", "echo out of luck >&2; exit 3"], ready: /ready/ });
    await expect(started).rejects.toThrow(/ended with code 3[\s\S]*stderr: out of luck/);
  });

  it("reports a program that is not there", async () => {
    await expect(spawnScript({ command: "no-such-program-here" })).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("kills a process that does not get ready in time", async () => {
    const silent = { command: "sh", args: ["-c", "echo pid $$; exec sleep 60"], ready: /never/, readyTimeoutMs: 1_000 };
    const failure = await spawnScript(silent).then(() => "it got ready", String);
    expect(failure).toContain("within 1000 ms");
    expect(isAlive(Number(/pid (\d+)/.exec(failure)?.[1]))).toBe(false);
  });

  it("kills the process when its signal aborts", async () => {
    const controller = new AbortController();
    await using script = await spawnScript({ command: "sleep", args: ["60"], signal: controller.signal });
    controller.abort();
    expect((await script.exited).signal).toBe("SIGKILL");
  });

  it("takes the children of the process along when disposed of", async () => {
    let child = 0;
    {
      await using script = await spawnScript({
        command: "sh",
        args: ["-c", "sleep 60 & echo child $!; wait"],
        ready: /child/,
      });
      child = Number(script.readyLine.split(" ")[1]);
      expect(isAlive(child)).toBe(true);
    }
    await eventually(() => !isAlive(child));
  });

  it("leaves no process behind when the test's own process is killed", async () => {
    const module = new URL("./index.ts", import.meta.url).href;
    await using folder = await scriptFolder(`
      import { spawnScript } from ${JSON.stringify(module)};
      const script = await spawnScript({ command: "sh", args: ["-c", "sleep 60 & echo child $!; wait"], ready: /child/ });
      console.log("ready", script.pid, script.readyLine.split(" ")[1]);
      ${forEver}`);
    await using parent = await spawnScript({ script: folder.script, ready: /^ready/ });
    const [pid = 0, child = 0] = parent.readyLine.split(" ").slice(1).map(Number);
    expect([isAlive(pid), isAlive(child)]).toEqual([true, true]);
    parent.kill("SIGKILL");
    await parent.exited;
    await eventually(() => !isAlive(pid) && !isAlive(child));
  });

  it("does not keep its own process alive once the script is gone", async () => {
    const module = new URL("./index.ts", import.meta.url).href;
    await using folder = await scriptFolder(`
      import { spawnScript } from ${JSON.stringify(module)};
      const script = await spawnScript({ command: "true" });
      await script.exited;`);
    await using parent = await spawnScript({ script: folder.script });
    expect(await parent.exited).toEqual({ code: 0, signal: null });
  });
});

async function scriptFolder(source: string) {
  const folder = await tempDir("script");
  const script = folder.join("script.ts");
  await writeFile(script, source);
  return { script, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}
