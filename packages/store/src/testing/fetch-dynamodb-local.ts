import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { access, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { run } from "./run.ts";

const packageName = "amplify-dynamodb-simulator";
const packageVersion = "2.9.30";
const packageSha512 = "xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ==";
const cacheFolder = resolve(import.meta.dirname, "../../../../node_modules/.cache/dynamodb-local");

/**
 * The folder that holds DynamoDBLocal.jar, downloaded (57 MB) when it is not there yet.
 *
 * Several test processes may want it at once: each prepares a folder of its
 * own, and one rename wins.
 */
export async function fetchDynamoDbLocal(): Promise<string> {
  const ready = join(cacheFolder, packageVersion);
  if (await exists(ready)) return ready;
  await mkdir(cacheFolder, { recursive: true });
  const own = await mkdtemp(join(cacheFolder, "fetch-"));
  try {
    await run("npm", ["pack", `${packageName}@${packageVersion}`, "--silent", "--pack-destination", own]);
    const tarball = join(own, `${packageName}-${packageVersion}.tgz`);
    await checkIntegrity(tarball);
    await run("tar", ["-xzf", tarball, "-C", own, "package/emulator"]);
    await rename(join(own, "package/emulator"), ready).catch(async (error: unknown) => {
      if (!(await exists(ready))) throw error;
    });
    return ready;
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}

async function checkIntegrity(file: string): Promise<void> {
  const hash = createHash("sha512");
  await pipeline(createReadStream(file), hash);
  if (hash.digest("base64") !== packageSha512) throw new Error(`${packageName}@${packageVersion} is not what it was`);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
