import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { eventually, type SpawnedScript } from "@dekhand/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { createSandbox, type RunOptions, type Sandbox, systemProgram } from "./testing/sandbox.ts";

const hello = 'console.log("hello", process.version, ...process.argv.slice(2));';

const debianRoot = process.getuid?.() === 0 && existsSync("/etc/debian_version");

describe("dependencies", () => {
  it("are installed in a fresh checkout, and the script runs under the project's Node with its arguments", async () => {
    await using sandbox = await createSandbox();
    await sandbox.script("hello.ts", hello);
    const run = await finished(sandbox, ["hello.ts", "--help", "two words", ""]);
    expect(run).toMatchObject({ code: 0, stdout: `hello ${process.version} --help two words ` });
    expect(run.stderr).toMatch(/^dekhand: installing dependencies …\ndekhand: installing dependencies: done in \d+ s$/);
    expect(existsSync(join(sandbox.root, "node_modules", ".bin", "node"))).toBe(true);
  });

  it("cost less than a second and not a word when nothing is to do", async () => {
    await using sandbox = await readySandbox();
    const times: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const startedAt = performance.now();
      expect(await finished(sandbox, ["hello.ts"])).toMatchObject({ code: 0, stderr: "" });
      times.push(performance.now() - startedAt);
    }
    expect(Math.min(...times)).toBeLessThan(1_000);
  });

  it("are installed again when the lock has changed, and when an installation did not come to its end", async () => {
    await using sandbox = await readySandbox();
    await countNpm(sandbox);
    await sandbox.changeLock();
    expect(await finished(sandbox, ["hello.ts"])).toMatchObject({ code: 0 });
    expect(await npmRuns(sandbox)).toBe(1);
    await rm(join(sandbox.root, "node_modules", ".bin"), { recursive: true });
    expect(await finished(sandbox, ["hello.ts"])).toMatchObject({ code: 0 });
    expect(await npmRuns(sandbox)).toBe(2);
    expect(await finished(sandbox, ["hello.ts"])).toMatchObject({ code: 0, stderr: "" });
  });

  it("are not installed again after somebody ran npm by hand", async () => {
    await using sandbox = await createSandbox();
    await sandbox.script("hello.ts", hello);
    await sandbox.script("by-hand.ts", 'console.log("by hand");');
    await finished(sandbox, ["by-hand.ts"]);
    // What npm runs after an installation is all that is needed.
    await rm(join(sandbox.root, "node_modules", ".dekhand-setup.json"));
    await rm(join(sandbox.root, "node_modules", ".bin", "node"));
    await finished(sandbox, ["hello.ts"], { nodeArgs: ["--import", linkNodeUrl(sandbox)] });
    await countNpm(sandbox);
    expect(await finished(sandbox, ["hello.ts"])).toMatchObject({ code: 0, stderr: "" });
    expect(await npmRuns(sandbox)).toBe(0);
  });

  it("are installed once when several commands start together", async () => {
    await using sandbox = await createSandbox();
    await sandbox.script("hello.ts", hello);
    await countNpm(sandbox);
    const runs = await Promise.all(Array.from({ length: 4 }, () => finished(sandbox, ["hello.ts"])));
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(await npmRuns(sandbox)).toBe(1);
    expect(existsSync(join(sandbox.root, ".dekhand", "setup.lock"))).toBe(false);
  });

  it("are installed although the one who was installing them was killed", async () => {
    await using sandbox = await createSandbox();
    await sandbox.script("hello.ts", hello);
    await sandbox.program("npm", 'echo started > "$PWD/npm-started"; exec sleep 60');
    {
      await using killed = await sandbox.run(["hello.ts"]);
      await eventually(() => existsSync(join(sandbox.root, "npm-started")));
      killed.kill("SIGKILL");
      await killed.exited;
    }
    expect(existsSync(join(sandbox.root, ".dekhand", "setup.lock"))).toBe(true);
    await useRealNpm(sandbox);
    expect(await finished(sandbox, ["hello.ts"])).toMatchObject({ code: 0 });
  });

  it("that cannot be installed end the run with npm's own words", async () => {
    await using sandbox = await createSandbox();
    await sandbox.script("hello.ts", hello);
    await sandbox.program("npm", "echo npm error: the disk is full >&2; exit 1");
    const run = await finished(sandbox, ["hello.ts"]);
    expect(run).toMatchObject({ code: 3, stdout: "" });
    expect(run.stderr).toContain("npm ci failed:\nnpm error: the disk is full");
  });

  it("need npm, and its absence is named", async () => {
    await using sandbox = await createSandbox();
    await sandbox.program("npm", undefined);
    expect(await finished(sandbox, ["hello.ts"])).toMatchObject({
      code: 3,
      stderr: "dekhand: npm is missing: install Node.js 20 or newer with its npm",
    });
  });
});

describe("the project's Node, where a library of it is missing,", () => {
  const broken = "echo 'node: error while loading shared libraries: libatomic.so.1: cannot open' >&2; exit 127";
  const systemNode = systemProgram("node");
  const version =
    systemNode === undefined ? process.version : execFileSync(systemNode, ["--version"], { encoding: "utf8" });
  // Then the system's own Node simply takes its place.
  const modern = Number(/^v(\d+)/.exec(version)?.[1]) >= 24;

  it.runIf(debianRoot && !modern)("gets it from Debian's package", async () => {
    await using sandbox = await createSandbox();
    await sandbox.script("hello.ts", hello);
    await sandbox.projectNode(broken);
    const repair = `ln -sf "${process.execPath}" "${sandbox.root}/stand-in/bin/node"`;
    await sandbox.program("apt-get", `case "$*" in *libatomic1*) PATH=/usr/bin:/bin; ${repair} ;; *) exit 100 ;; esac`);
    const run = await finished(sandbox, ["hello.ts"]);
    expect(run).toMatchObject({ code: 0, stdout: `hello ${process.version}` });
    expect(run.stderr).toContain("installing Debian's package libatomic1");
  });

  it.skipIf(modern)("is told to the one who can install it, and is out of the way of the system's own", async () => {
    await using sandbox = await createSandbox();
    await sandbox.projectNode(broken);
    const run = await finished(sandbox, ["hello.ts"]);
    expect(run.code).toBe(3);
    for (const hint of ["libatomic.so.1: cannot open", "apt-get install libatomic1", "Node.js 24 or newer"]) {
      expect(run.stderr).toContain(hint);
    }
    expect(existsSync(join(sandbox.root, "node_modules", ".bin", "node"))).toBe(false);
  });
});

describe("a Node that is too old", () => {
  it("is told the version that is needed", async () => {
    await using sandbox = await createSandbox();
    const pretend = 'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "18.20.4" } })';
    const nodeArgs = ["--import", `data:text/javascript,${encodeURIComponent(pretend)}`];
    const run = await finished(sandbox, ["hello.ts"], { nodeArgs });
    expect(run.code).toBe(3);
    expect(run.stderr).toContain("Node.js 20 or newer is needed, this is 18.20.4");
  });
});

describe("the script", () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await readySandbox();
    return () => sandbox[Symbol.asyncDispose]();
  });

  it("ends the run with its own exit code", async () => {
    await sandbox.script("seven.ts", "process.exitCode = 7;");
    expect(await finished(sandbox, ["seven.ts"])).toMatchObject({ code: 7, signal: null, stderr: "" });
  });

  it.each(["SIGKILL", "SIGTERM", "SIGINT"] as const)(
    "that dies of %s ends the run by the same signal",
    async (name) => {
      await sandbox.script("dies.ts", `process.kill(process.pid, "${name}"); setInterval(() => {}, 1000);`);
      expect(await finished(sandbox, ["dies.ts"])).toMatchObject({ code: null, signal: name });
    },
  );

  it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("gets %s once, and may finish its work", async (name) => {
    const count = `let n = 0; process.on("${name}", () => { n += 1; setTimeout(() => { console.log("seen", n); process.exit(5); }, 200); });`;
    await sandbox.script("drains.ts", `${count} console.log("ready"); setInterval(() => {}, 1000);`);
    await using run = await sandbox.run(["drains.ts"], { ready: /ready/ });
    run.kill(name);
    expect(await run.exited).toEqual({ code: 5, signal: null });
    expect(run.stdout()).toContain("seen 1");
  });

  it.runIf(hasTerminals())("gets Ctrl+C once, although npm adds a copy of its own", async () => {
    const count =
      'let n = 0; process.on("SIGINT", () => { n += 1; setTimeout(() => { console.log("seen " + n); process.exit(5); }, 300); });';
    await sandbox.script("drains.ts", `${count} console.log("re" + "ady"); setInterval(() => {}, 1000);`);
    await using terminal = await sandbox.terminal("npm run drains", /ready/);
    terminal.write("\u0003");
    await terminal.exited;
    expect(terminal.stdout()).toContain("seen 1");
  });

  it("reads the standard input, and has standard output to itself", async () => {
    await sandbox.script("echo.ts", "process.stdin.pipe(process.stdout);");
    expect(await finished(sandbox, ["echo.ts"], { input: "line 1\nline 2\n" })).toMatchObject({
      stdout: "line 1\nline 2",
      stderr: "",
    });
  });

  it("and its children find the project's Node first", async () => {
    await sandbox.script(
      "child.ts",
      'import { execFileSync, spawnSync } from "node:child_process"; console.log(execFileSync("node", ["--version"], { encoding: "utf8" }).trim());',
    );
    expect(await finished(sandbox, ["child.ts"])).toMatchObject({ stdout: process.version });
  });

  it("runs in the caller's working folder", async () => {
    await sandbox.script("cwd.ts", "console.log(process.cwd());");
    const run = await finished(sandbox, ["cwd.ts"], { cwd: sandbox.programs });
    expect(run.stdout).toMatch(/programs$/);
  });
});

describe("Redis", () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await readySandbox();
    await sandbox.program("redis-server", undefined);
    return () => sandbox[Symbol.asyncDispose]();
  });

  const dockerHere = existsSync("/var/run/docker.sock");

  it.skipIf(dockerHere)("that is nowhere ends the run with the command for each system", async () => {
    const run = await finished(sandbox, ["hello.ts"]);
    expect(run).toMatchObject({ code: 3, stdout: "" });
    for (const hint of [
      "apt-get install redis-server",
      "dnf install",
      "apk add",
      "pacman -S",
      "brew install",
      "docker run",
      "DEKHAND_REDIS_URL",
    ]) {
      expect(run.stderr).toContain(hint);
    }
  });

  it("is not asked for where the script needs none", async () => {
    expect(await finished(sandbox, ["--without-redis", "hello.ts"])).toMatchObject({ code: 0, stderr: "" });
  });

  it("may be somebody's own, named by DEKHAND_REDIS_URL", async () => {
    const env = { DEKHAND_REDIS_URL: "redis://127.0.0.1:1" };
    expect(await finished(sandbox, ["hello.ts"], { env })).toMatchObject({ code: 0, stderr: "" });
    if (!dockerHere)
      expect(await finished(sandbox, ["hello.ts"], { env: { DEKHAND_REDIS_URL: "" } })).toMatchObject({ code: 3 });
  });

  it("may be Valkey", async () => {
    await sandbox.program("valkey-server", "exit 0");
    try {
      expect(await finished(sandbox, ["hello.ts"])).toMatchObject({ code: 0, stderr: "" });
    } finally {
      await sandbox.program("valkey-server", undefined);
    }
  });

  it("may come from a Docker engine that answers", async () => {
    const socket = join(sandbox.programs, "docker.sock");
    const { createServer } = await import("node:http");
    const engine = createServer((request, response) =>
      response.writeHead(request.url === "/_ping" ? 200 : 404).end("OK"),
    );
    await new Promise<void>((resolve) => engine.listen(socket, resolve));
    try {
      const env = { DOCKER_HOST: `unix://${socket}` };
      expect(await finished(sandbox, ["hello.ts"], { env })).toMatchObject({ code: 0, stderr: "" });
    } finally {
      await new Promise((resolve) => engine.close(resolve));
    }
  });

  it.runIf(debianRoot)("is installed from Debian's package, and no service is started or left enabled", async () => {
    const policy = "/usr/sbin/policy-rc.d";
    const before = existsSync(policy) ? await readFile(policy, "utf8") : undefined;
    const log = join(sandbox.programs, "log");
    await sandbox.program("update-rc.d", `echo "update-rc.d $*" >> "${log}"`);
    await sandbox.program("systemctl", `echo "systemctl $*" >> "${log}"`);
    // As on a fresh machine: the first attempt knows no packages.
    await sandbox.program(
      "apt-get",
      `${policy}; echo "policy $?" >> "${log}"
       case "$*" in
         *update*) : > "${log}.updated" ;;
         *) test -e "${log}.updated" || exit 100; printf '#!/bin/sh\n' > "${sandbox.programs}/redis-server"; /bin/chmod 755 "${sandbox.programs}/redis-server" ;;
       esac`,
    );
    const run = await finished(sandbox, ["hello.ts"]);
    expect(run).toMatchObject({ code: 0, stdout: `hello ${process.version}` });
    const lines = (await readFile(log, "utf8")).trim().split("\n");
    expect(lines.filter((line) => line === "policy 101").length).toBeGreaterThanOrEqual(2);
    expect(lines).toContain("update-rc.d redis-server disable");
    expect(lines).toContain("systemctl disable redis-server.service");
    expect(existsSync(policy) ? await readFile(policy, "utf8") : undefined).toBe(before);
    await sandbox.program("redis-server", undefined);
    await sandbox.program("apt-get", undefined);
  });

  it.runIf(debianRoot && !dockerHere)("that apt cannot install is explained, with the other ways", async () => {
    await sandbox.program("apt-get", 'echo "E: Unable to fetch some archives" >&2; exit 100');
    const run = await finished(sandbox, ["hello.ts"]);
    await sandbox.program("apt-get", undefined);
    expect(run.code).toBe(3);
    expect(run.stderr).toContain("could not be installed: E: Unable to fetch some archives");
    expect(run.stderr).toContain("brew install redis");
  });
});

/** Whether a program can be run in a terminal of its own here: with util-linux, and where there are pseudo-terminals. */
function hasTerminals(): boolean {
  const script = systemProgram("script");
  if (process.platform !== "linux" || script === undefined) return false;
  return (
    spawnSync(script, ["--quiet", "--return", "--command", "exit 7", "/dev/null"], { stdio: "ignore" }).status === 7
  );
}

async function readySandbox(): Promise<Sandbox> {
  const sandbox = await createSandbox();
  await sandbox.script("hello.ts", hello);
  expect(await finished(sandbox, ["hello.ts"])).toMatchObject({ code: 0 });
  return sandbox;
}

async function finished(sandbox: Sandbox, args: readonly string[], options?: RunOptions) {
  await using run: SpawnedScript = await sandbox.run(args, options);
  const exit = await run.exited;
  return { ...exit, stdout: run.stdout(), stderr: run.stderr() };
}

function linkNodeUrl(sandbox: Sandbox): string {
  return new URL(`file://${encodeURI(join(sandbox.root, "infra", "setup", "link-node.mjs"))}`).href;
}

/** Puts a counter in front of npm. */
async function countNpm(sandbox: Sandbox): Promise<void> {
  await sandbox.program("npm", `echo run >> "${sandbox.programs}/npm-runs"; exec "${systemProgram("npm")}" "$@"`);
}

async function useRealNpm(sandbox: Sandbox): Promise<void> {
  await sandbox.program("npm", `exec "${systemProgram("npm")}" "$@"`);
}

async function npmRuns(sandbox: Sandbox): Promise<number> {
  const file = join(sandbox.programs, "npm-runs");
  return existsSync(file) ? (await readFile(file, "utf8")).trim().split("\n").length : 0;
}
