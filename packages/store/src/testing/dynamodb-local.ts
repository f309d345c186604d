/**
 * Amazon's DynamoDB Local for tests: the one endpoint at hand that speaks PartiQL.
 *
 * Its licence forbids passing it on, so it is no dependency: it is fetched from
 * npm's amplify-dynamodb-simulator, which contains it, into node_modules/.cache
 * when a test first wants it. Where Java or the download is missing, the reason
 * is returned and the tests that need it are skipped with that reason.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fetchDynamoDbLocal } from "./fetch-dynamodb-local.ts";
import { run } from "./run.ts";

export interface DynamoDbLocal extends AsyncDisposable {
  /** http://127.0.0.1:port */
  readonly endpoint: string;
}

export type DynamoDbLocalStart =
  | { readonly kind: "started"; readonly server: DynamoDbLocal }
  | { readonly kind: "unavailable"; readonly reason: string };

const startDeadlineMs = 20_000;

/** Starts an empty in-memory server on a free port, and answers once it answers. */
export async function startDynamoDbLocal(): Promise<DynamoDbLocalStart> {
  try {
    await run("java", ["-version"]);
  } catch {
    return { kind: "unavailable", reason: "DynamoDB Local needs Java on PATH" };
  }
  try {
    return { kind: "started", server: await start(await fetchDynamoDbLocal()) };
  } catch (error) {
    return { kind: "unavailable", reason: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * Keeps the server's life inside ours: the shell ends it as soon as its own
 * standard input closes, which also happens when this process is killed.
 */
const watchdog = `exec 3<&0
"$@" </dev/null & server=$!
(cat <&3 >/dev/null; kill -9 $server 2>/dev/null) &
wait $server`;

async function start(folder: string): Promise<DynamoDbLocal> {
  const port = await freePort();
  // It leaves a copy of its native library behind at every start.
  const scratch = await mkdtemp(join(tmpdir(), "dynamodb-local-"));
  const child = spawn(
    "sh",
    ["-c", watchdog, "sh", "java", ...javaOptions(scratch), "-inMemory", "-port", String(port)],
    {
      cwd: folder,
      stdio: ["pipe", "ignore", "ignore"],
    },
  );
  const end = async () => {
    await stop(child);
    await rm(scratch, { recursive: true, force: true });
  };
  const endpoint = `http://127.0.0.1:${port}`;
  try {
    await untilAnswering(endpoint, child);
  } catch (error) {
    await end();
    throw error;
  }
  return { endpoint, [Symbol.asyncDispose]: end };
}

/** One compiler and one collector: it lives for seconds, and shares the machine with the tests. */
function javaOptions(scratch: string): readonly string[] {
  const tuning = ["-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];
  return [
    ...tuning,
    `-Djava.io.tmpdir=${scratch}`,
    "-Djava.library.path=DynamoDBLocal_lib",
    "-jar",
    "DynamoDBLocal.jar",
  ];
}

async function stop(child: ChildProcess): Promise<void> {
  const exited = child.exitCode === null && child.signalCode === null ? once(child, "exit") : undefined;
  child.stdin?.end();
  await exited;
}

async function untilAnswering(endpoint: string, child: ChildProcess): Promise<void> {
  const giveUpAt = Date.now() + startDeadlineMs;
  while (Date.now() < giveUpAt) {
    if (child.exitCode !== null) throw new Error(`DynamoDB Local ended with code ${child.exitCode}`);
    try {
      // Any HTTP answer will do: an unsigned request is refused, and that is one.
      await fetch(endpoint, { signal: AbortSignal.timeout(2_000) });
      return;
    } catch {
      await delay(50);
    }
  }
  throw new Error(`DynamoDB Local did not answer within ${startDeadlineMs} ms`);
}

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}
