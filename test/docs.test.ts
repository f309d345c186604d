import { execFile } from "node:child_process";
import { access, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { parseDeploymentConfig } from "@dekhand/runtime";
import { describe, expect, it } from "vitest";
import { commandFault } from "./docs/command-fault.ts";
import { commandLines } from "./docs/command-lines.ts";
import { blocks, documents, root, sources, spans } from "./docs/documents.ts";

const run = promisify(execFile);

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

    const adopting = await readFile(join(root, "docs/runbooks/adopting-tables.md"), "utf8");
    const [stores = ""] = blocks(adopting, "yaml");
    const config = parseDeploymentConfig(`${yaml}\n${stores}`, "adopting-tables.md");
    expect(Object.keys(config.wrapStores)).toEqual(["orders", "documents", "legacy"]);
  });

  it("name only commands, options and values of the command line that it takes", async () => {
    const faults: string[] = [];
    let seen = 0;
    for (const { path, text } of await documents()) {
      for (const command of commandLines(text)) {
        seen += 1;
        const fault = await commandFault(command);
        if (fault !== undefined) faults.push(`${path}: ${command.line}: ${fault}`);
      }
    }
    expect(seen).toBeGreaterThan(60);
    expect(faults).toEqual([]);
  });

  it("name only error codes that docs/errors.md explains", async () => {
    const all = await documents();
    const [errors] = all.filter(({ path }) => path === "docs/errors.md");
    const known = new Set([...(errors?.text ?? "").matchAll(/^\| `([A-Z0-9_]+)`/gm)].map(([, code]) => code));
    const packages = new Set([...known].map((code) => code?.split("_")[0]));
    // Whose names are those of variables of the environment.
    packages.delete("AWS");
    const codes = new RegExp(`^(?:${[...packages].join("|")})_[A-Z0-9_]+$`);
    const forOperators = all.filter(({ path }) => /^(?:docs\/(?:runbooks\/|campaigns)|services\/)/.test(path));
    const wrong = forOperators.flatMap(({ path, text }) =>
      spans(text)
        .filter((span) => codes.test(span) && !known.has(span))
        .map((span) => `${path}: ${span}`),
    );
    expect(wrong).toEqual([]);
  });

  it("tell an operator to look for log lines and metrics that the code has", async () => {
    const code = (await sources()).map(({ text }) => text).join("\n");
    const runbooks = (await documents()).filter(({ path }) => /^docs\/(?:runbooks\/|campaigns)/.test(path));
    const lines = runbooks.flatMap(({ text }) => firstCells(text, "log line"));
    expect(lines.length).toBeGreaterThan(5);
    expect(lines.filter((line) => !code.includes(line))).toEqual([]);

    const metrics = runbooks.flatMap(({ text }) =>
      spans(text).flatMap((span) => /^dekhand_([a-z_]+)/.exec(span)?.[1] ?? []),
    );
    expect(metrics).toContain("campaigns_active");
    expect(metrics.filter((name) => !code.includes(`"${name}"`))).toEqual([]);
  });
});

describe("what these tests look with", () => {
  it("finds commands wherever a shell would, and mentions of them in running text", () => {
    const text = [
      "Look at `dekhand campaign\nlist`, and not at `dekhandle`.",
      "```sh",
      "# dekhand is not run here",
      'dekhand campaign start --kind key --from "$OLD" --to alias/new \\',
      "  --reason 'a leak' # dekhand neither",
      "ID=$(dekhand campaign list --json | jq -r '.[0].id'); npm run --silent dekhand -- keys > keys.txt",
      "```",
      "1. In a list:",
      "   ```sh",
      "   dekhand config check",
      "   ```",
    ].join("\n");
    expect(commandLines(text).map(({ args, isMention }) => [isMention, ...args])).toEqual([
      [false, "campaign", "start", "--kind", "key", "--from", "sample", "--to", "alias/new", "--reason", "a leak"],
      [false, "keys"],
      [false, "campaign", "list", "--json"],
      [false, "config", "check"],
      [true, "campaign", "list"],
    ]);
  });

  it.each([
    ["an unknown command", ["campaign", "begin"], "unknownCommand"],
    ["an unknown option", ["campaign", "list", "--all"], "unknownOption"],
    ["a value that is refused", ["campaign", "share", "id", "2"], "invalidArgument"],
    ["an option that is missing", ["campaign", "failures", "skip", "id", "wrap"], "missingMandatoryOptionValue"],
    ["an argument too many", ["campaign", "list", "id"], "excessArguments"],
    ["options that contradict each other", ["campaign", "plan", "--kind", "key", "--from", "k"], "CLI_USAGE"],
  ])("finds %s", async (_, args, fault) => {
    expect(await commandFault({ line: "", args, isMention: false })).toContain(fault);
  });

  it("lets a mention leave out what a command needs, and nothing that is wrong", async () => {
    const mention = (args: readonly string[]) => commandFault({ line: "", args, isMention: true });
    expect(await mention(["campaign", "failures", "skip"])).toBeUndefined();
    expect(await mention(["campaign", "failures", "skip", "--because"])).toContain("unknownOption");
  });
});

/** The first cells, each a span of code, of the rows of tables that are headed so. */
function firstCells(text: string, heading: string): string[] {
  const tables = [...text.matchAll(/^\| ([^|]+) \|.*\n\|[-| ]+\|\n((?:\|.*\n?)+)/gm)];
  return tables
    .filter(([, first]) => first?.trim() === heading)
    .flatMap(([, , rows = ""]) => [...rows.matchAll(/^\| `([^`]+)`/gm)].map(([, cell = ""]) => cell));
}
