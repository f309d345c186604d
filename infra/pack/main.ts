/** `npm run pack`: the packages that applications install, as tarballs of JavaScript and types. */

import { basename, resolve } from "node:path";
import { parseArgs } from "node:util";
import { packPackages } from "./pack-packages.ts";

const help = `Usage: npm run pack -- [--out <folder>] [--json]

Writes @dekhand/client, @dekhand/envelope and what they need as tarballs of JavaScript and types.

  --out <folder>  where to put them (default: dist)
  --json          print one JSON document: folder and packages with name, version, file and bytes
  --help          print this
`;

const exitCodes = { ok: 0, failed: 1, usage: 2 } as const;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (typeof options === "string") {
    process.stderr.write(`${options}\n\n${help}`);
    return exitCodes.usage;
  }
  if (options.help) {
    process.stdout.write(help);
    return exitCodes.ok;
  }
  // npm runs scripts in the root of the checkout; INIT_CWD is where its user stands.
  const folder = resolve(process.env.INIT_CWD ?? process.cwd(), options.out);
  try {
    const packages = await packPackages(folder);
    if (options.json) {
      process.stdout.write(`${JSON.stringify({ folder, packages }, undefined, 2)}\n`);
    } else {
      for (const { file, bytes } of packages) {
        process.stdout.write(`${basename(file).padEnd(32)} ${(bytes / 1024).toFixed(1).padStart(7)} KiB\n`);
      }
      process.stdout.write(`\nInstall them together: npm install ${folder}/*.tgz\n`);
    }
    return exitCodes.ok;
  } catch (error) {
    process.stderr.write(`pack: ${error instanceof Error ? error.message : String(error)}\n`);
    return exitCodes.failed;
  }
}

/** What the command line asks for, or what is wrong with it. */
function readOptions(args: readonly string[]) {
  const flags = {
    out: { type: "string", default: "dist" },
    json: { type: "boolean" },
    help: { type: "boolean" },
  } as const;
  try {
    return parseArgs({ args: [...args], options: flags }).values;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
