/** A process with a service in it, for the tests of its lifecycle. Argument: how the service behaves. */
import { runService, type Service } from "../lifecycle.ts";
import { createLogger } from "../logger.ts";
import { sleep } from "../sleep.ts";

const [mode = "good", drainMs = "5000"] = process.argv.slice(2);
const logger = createLogger({ service: "sample" });
const never = (): Promise<never> => new Promise(() => {});
const keepAlive = setInterval(() => {}, 1_000);

const service: Service = {
  async start() {
    if (mode === "bad-start") throw new Error("canary");
    if (mode === "stuck-start") {
      logger.info("starting");
      await never();
    }
    if (mode === "uncaught") setImmediate(() => JSON.parse("canary"));
    if (mode === "unhandled") void Promise.reject(new Error("canary"));
  },
  async drain({ ms }) {
    logger.info({ ms }, "draining");
    if (mode === "bad-drain") throw new Error("canary");
    if (mode === "stuck-drain") await never();
    await sleep(1);
    clearInterval(keepAlive);
  },
};

process.exit(await runService(service, { logger, drainMs: Number(drainMs), process }));
