import { execFile } from "node:child_process";
import { access, glob, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { parseDeploymentConfig } from "@dekhand/runtime";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const run = promisify(execFile);

async function documents(): Promise<{ path: string; text: string }[]> {
  const found = [];
  const exclude = (path: string) => path.includes("node_modules");
  for await (const path of glob("{README.md,docs/**/*.md,{packages,services,infra,test}/**/README.md}", {
    cwd: root,
    exclude,
  })) {
    found.push({ path, text: await readFile(join(root, path), "utf8") });
  }
  return found;
}

function blocks(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"))].map(([, code = ""]) => code);
}

describe("the documents", () => {
  it("have code that type-checks against the packages", async () => {
    // Inside the workspace, so that the packages are found as any workspace finds them.
    const folder = await mkdtemp(join(root, "test", "docs-check-"));
    try {
      const places: string[] = [];
      for (const { path, text } of await documents()) {
        for (const code of blocks(text, "ts")) {
          await writeFile(join(folder, `block-${places.length}.ts`), `${code}\nexport {};\n`);
          places.push(path);
        }
      }
      expect(places.length).toBeGreaterThan(5);
      // One that is wrong on purpose: a check that finds nothing must not be taken for one that found no fault.
      places.push("wrong on purpose");
      await writeFile(join(folder, `block-${places.length - 1}.ts`), "export const wrong: number = 'text';\n");
      const compilerOptions = { noUnusedLocals: false, noUnusedParameters: false };
      await writeFile(
        join(folder, "tsconfig.json"),
        JSON.stringify({ extends: "../../tsconfig.json", compilerOptions, include: ["."] }),
      );
      const output = await run(join(root, "node_modules/.bin/tsc"), ["-p", folder, "--pretty", "false"]).then(
        () => "",
        (error: { stdout: string }) => error.stdout,
      );
      // An example may use names that it does not declare; what it does declare, import and call has to be right.
      const undeclared = /error TS(2304|2552|18004|7006|7031):/;
      const faults = output
        .split("\n")
        .filter((line) => line.includes("block-") && !undeclared.test(line))
        .map((line) => line.replace(/^.*block-(\d+)\.ts/, (_, index: string) => places[Number(index)] ?? ""));
      expect(faults).toEqual([expect.stringMatching(/^wrong on purpose.*TS2322/)]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }, 60_000);

  it("link only to files that are there", async () => {
    const broken: string[] = [];
    for (const { path, text } of await documents()) {
      for (const [, target = ""] of text.matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)) {
        const file = join(root, dirname(path), target);
        const there = await access(file).then(
          () => true,
          () => false,
        );
        if (!there) broken.push(`${path}: ${relative(root, file)}`);
      }
    }
    expect(broken).toEqual([]);
  });

  it("show a deployment's configuration that the services accept", async () => {
    const readme = await readFile(join(root, "README.md"), "utf8");
    const [yaml = ""] = blocks(readme, "yaml");
    expect(parseDeploymentConfig(yaml, "README.md").profiles["customer-pii"]).toMatchObject({ home: "us-east-1" });
  });
});
