import { type FileHandle, open, unlink } from "node:fs/promises";
import { anyContext } from "@dekhand/client/operator";
import { type DeploymentConfig, regionsOf } from "@dekhand/runtime";
import { Command } from "commander";
import { type CommandContext, note, type OutputStream, printJson } from "../command-context.ts";
import { connect } from "../connect.ts";
import { CliError } from "../errors.ts";
import { loadConfig } from "../load-config.ts";
import { keyValue } from "../options.ts";
import { outputEnded } from "../run-outcome.ts";
import { confirm } from "../terminal/prompt.ts";

interface ReadOptions {
  readonly context?: Readonly<Record<string, string>>;
  readonly output?: string;
  readonly region?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

export function readCommand(context: CommandContext): Command {
  return new Command("read")
    .description("Read one record and open it")
    .argument("<recordId>")
    .option(
      "--context <key=value>",
      "the record's context as you expect it; repeat for more (default: accept any)",
      keyValue,
    )
    .option("--region <region>", "read in this Region only (default: in the first one that can open the record)")
    .option("--output <file>", "write the plaintext to this new file (mode 600) instead of standard output")
    .option("--json", "print one JSON document, with the payload in base64")
    .option("--yes", "print to a terminal without asking")
    .action(async (recordId: string, options: ReadOptions, command: Command) => {
      const { config } = await loadConfig(context, command);
      if (options.region !== undefined) requireReadable(options.region, config);
      await using connection = connect(config, context);
      const record = await connection.reader.read(recordId, options.context ?? anyContext, {
        signal: context.signal,
        ...(options.region === undefined ? {} : { from: [options.region] }),
      });
      const { payload, ...described } = record;
      try {
        if (options.output !== undefined) {
          await writeNewFile(options.output, payload);
          note(context, `${recordId}: ${payload.length} bytes written to ${options.output}`);
          if (!options.json) tellRegion(context, described.region, config);
          if (options.json) printJson(context, { ...described, bytes: payload.length, output: options.output });
          return;
        }
        await requireConsent(context, options, payload.length);
        if (options.json) printJson(context, { ...described, payload: payload.toString("base64") });
        else {
          tellRegion(context, described.region, config);
          await write(context.stdout, payload);
        }
      } finally {
        payload.fill(0);
      }
    });
}

function requireReadable(region: string, { profiles }: DeploymentConfig): void {
  const readable = new Set(Object.values(profiles).flatMap(regionsOf));
  if (!readable.has(region)) {
    throw new CliError("CLI_USAGE", `--region: the profiles have their records in ${[...readable].join(", ")}`);
  }
}

/** Where there are several, a copy may be older than another. */
function tellRegion(context: CommandContext, region: string, { regions }: DeploymentConfig): void {
  if (regions.length > 1) note(context, `read in ${region}`);
}

/** Plaintext on a terminal stays in its scrollback; a pipe was chosen on purpose. */
async function requireConsent(context: CommandContext, options: ReadOptions, bytes: number): Promise<void> {
  if (!context.stdout.isTTY || options.yes) return;
  const streams = { input: context.stdin, output: context.stderr };
  if (await confirm(`Print ${bytes} bytes of plaintext to this terminal?`, streams, context.signal)) return;
  throw new CliError("CLI_NOT_CONFIRMED", "nothing was printed; --output writes to a file, --yes does not ask");
}

/** Mode 600. Throws CLI_USAGE where the file exists, CLI_OUTPUT_FAILED. */
export async function writeNewFile(path: string, bytes: Buffer): Promise<void> {
  const file = await create(path);
  try {
    await using open = file;
    await open.writeFile(bytes);
    await open.sync();
  } catch (error) {
    // Half a plaintext is of no use, and would be in the way of the next try.
    await unlink(path).catch(() => undefined);
    throw outputEnded(error, path);
  }
}

async function create(path: string): Promise<FileHandle> {
  try {
    return await open(path, "wx", 0o600);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") {
      throw new CliError("CLI_USAGE", "the output file exists already", { cause: error, context: { file: path } });
    }
    throw outputEnded(error, path);
  }
}

/** Resolves once the bytes have been handed to the system, so that they may be wiped. */
function write(stream: OutputStream, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(bytes, (error) => (error ? reject(outputEnded(error, "standard output")) : resolve()));
  });
}
