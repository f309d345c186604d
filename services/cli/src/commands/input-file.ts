import { createReadStream } from "node:fs";
import { access, constants, stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { CliError } from "../errors.ts";

/** An input, to be opened when it is read. */
export interface InputFile {
  open(): Readable;
  /** Its size; a pipe has none. */
  readonly bytes?: number;
}

/** A file that cannot be read is found out before anything else is done. Throws CLI_INPUT_UNREADABLE. */
export async function findInputFile(path: string): Promise<InputFile> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw new CliError("CLI_INPUT_UNREADABLE", `cannot read ${path}: it is a directory`);
    await access(path, constants.R_OK);
    return { open: () => createReadStream(path), ...(found.isFile() ? { bytes: found.size } : {}) };
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    throw new CliError("CLI_INPUT_UNREADABLE", `cannot read ${path}`, { cause });
  }
}
