import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout. */
export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
export const modulesDir = join(root, "node_modules");
export const binDir = join(modulesDir, ".bin");
