import { pathToFileURL } from "node:url";
import { StoreError } from "@dekhand/store";

/** What the module exports. Throws STORE_MODULE_INVALID, without the module's own words: they may hold its secrets. */
export async function loadWrapModule(path: string): Promise<unknown> {
  try {
    return await import(/* @vite-ignore */ pathToFileURL(path).href);
  } catch (error) {
    const reason = reasonOf(error);
    throw new StoreError("STORE_MODULE_INVALID", `its module cannot be loaded (${reason})`, { context: { reason } });
  }
}

/** Node's code for what is wrong with the file; what the module itself throws is only called that. */
function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (typeof code === "string" && /^ERR_[A-Z_]{1,60}$/.test(code)) return code;
  return error instanceof SyntaxError ? "SyntaxError" : "it threw";
}
