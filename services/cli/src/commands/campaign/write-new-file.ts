import { open, unlink } from "node:fs/promises";
import { CliError } from "../../errors.ts";
import { outputEnded } from "../../run-outcome.ts";

/** A file that is there already is not written over. Throws CLI_USAGE for that, CLI_OUTPUT_FAILED. */
export async function writeNewFile(path: string, text: string): Promise<void> {
  const file = await open(path, "wx").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") {
      throw new CliError("CLI_USAGE", "the output file exists already", { cause: error, context: { file: path } });
    }
    throw outputEnded(error, path);
  });
  try {
    await using opened = file;
    await opened.writeFile(text);
    await opened.sync();
  } catch (error) {
    // Half a document would be in the way of the next try.
    await unlink(path).catch(() => undefined);
    throw outputEnded(error, path);
  }
}
