/**
 * Debian's redis-server for its program alone: the package would also start a service on port 6379, now and at every
 * boot. A `policy-rc.d` forbids the start while it is installed, and afterwards the service is disabled.
 */

import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { findProgram } from "./find-program.mjs";
import { telling } from "./messages.mjs";
import { runQuietly } from "./run-quietly.mjs";

const policyFile = "/usr/sbin/policy-rc.d";
const policyMark = "# Put here by Dekhand's set-up while it installs redis-server; may be removed.";
const options = ["-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::http::Timeout=30"];

/** @returns {Promise<string | undefined>} why it did not work, if it did not */
export function installRedisPackage() {
  return telling("installing redis-server (Debian's package)", async () => {
    const first = await withoutServices(install);
    if (first.ok) return disableService();
    // A fresh machine has no package lists yet.
    const update = await apt(["update"]);
    const second = await withoutServices(install);
    if (second.ok) return disableService();
    return lastLine(update.ok ? second.output : update.output);
  });
}

function install() {
  return apt(["install", ...options, "redis-server"]);
}

/** @param {string[]} args */
function apt(args) {
  return runQuietly("apt-get", ["-q", ...args], { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } });
}

/**
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function withoutServices(work) {
  // Somebody else's policy stays; one of ours that a killed set-up left is taken over.
  if (existsSync(policyFile) && !readFileSync(policyFile, "utf8").includes(policyMark)) return work();
  writeFileSync(policyFile, `#!/bin/sh\n${policyMark}\nexit 101\n`, { mode: 0o755 });
  const remove = () => rmSync(policyFile, { force: true });
  const endings = ["SIGINT", "SIGTERM", "SIGHUP"];
  const onSignal = (signal) => {
    remove();
    for (const ending of endings) process.off(ending, onSignal);
    process.kill(process.pid, signal);
  };
  for (const ending of endings) process.on(ending, onSignal);
  try {
    return await work();
  } finally {
    remove();
    for (const ending of endings) process.off(ending, onSignal);
  }
}

/** A machine without systemd or init scripts has no service to disable. */
async function disableService() {
  if (findProgram("update-rc.d") !== undefined) await runQuietly("update-rc.d", ["redis-server", "disable"]);
  if (findProgram("systemctl") !== undefined) await runQuietly("systemctl", ["disable", "redis-server.service"]);
  return undefined;
}

/** @param {string} output */
function lastLine(output) {
  return output.trim().split("\n").at(-1) ?? "";
}
