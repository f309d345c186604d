import { canInstall, installPackage } from "./debian-package.mjs";
import { hasDockerEngine } from "./docker-engine.mjs";
import { findProgram } from "./find-program.mjs";
import { SetupError, say } from "./messages.mjs";

/**
 * Sees to it that there is a Redis to start: DEKHAND_REDIS_URL if set; else a server on PATH; else Debian's package,
 * where we are root and apt is there; else a Docker engine that answers.
 */
export async function ensureRedis() {
  if ((process.env.DEKHAND_REDIS_URL ?? "") !== "" || serverOnPath()) return;
  const problem = canInstall() ? await installPackage("redis-server", { service: "redis-server" }) : undefined;
  if (serverOnPath()) return;
  if (problem !== undefined) say(`Debian's package redis-server could not be installed: ${problem}`);
  if (await hasDockerEngine()) return;
  throw new SetupError(notFound);
}

function serverOnPath() {
  return findProgram("redis-server") !== undefined || findProgram("valkey-server") !== undefined;
}

const notFound = `no Redis on this machine. Install one, start Docker, or set DEKHAND_REDIS_URL to one that runs already:
  Debian, Ubuntu   sudo apt-get install redis-server
  Fedora           sudo dnf install valkey
  Alpine           sudo apk add redis
  Arch             sudo pacman -S valkey
  macOS            brew install redis
  container        docker run --rm -p 127.0.0.1:6379:6379 redis:7.2-alpine redis-server --maxmemory-policy noeviction
                   export DEKHAND_REDIS_URL=redis://127.0.0.1:6379`;
