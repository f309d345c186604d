/**
 * Debian's packages, for their programs and libraries alone: a package that comes with a service would also start it,
 * now and at every boot. A `policy-rc.d` forbids the start while it is installed, and afterwards the service is
 * disabled.
 */

import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { findProgram } from "./find-program.mjs";
import { telling } from "./messages.mjs";
import { runQuietly } from "./run-quietly.mjs";

const policyFile = "/usr/sbin/policy-rc.d";
const policyMark = "# Put here by Dekhand's set-up while it installs a package; may be removed.";
const options = ["-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::http::Timeout=30"];

/** Whether this is Debian, or made from it, and we may install. */
export function canInstall() {
  return process.getuid?.() === 0 && findProgram("apt-get") !== undefined && existsSync("/etc/debian_version");
}

/**
 * @param {string} name
 * @param {{ service?: string }} [options] the service that comes with it
 * @returns {Promise<string | undefined>} why it did not work, if it did not
 */
export function installPackage(name, { service } = {}) {
  return telling(`installing Debian's package ${name}`, async () => {
    const first = await withoutServices(() => apt(["install", ...options, name]));
    if (first.ok) return disable(service);
    // A fresh machine has no package lists yet.
    const update = await apt(["update"]);
    const second = await withoutServices(() => apt(["install", ...options, name]));
    if (second.ok) return disable(service);
    return lastLine(update.ok ? second.output : update.output);
  });
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

/** A machine without init scripts or systemd has no service to disable. @param {string | undefined} service */
async function disable(service) {
  if (service === undefined) return undefined;
  if (findProgram("update-rc.d") !== undefined) await runQuietly("update-rc.d", [service, "disable"]);
  if (findProgram("systemctl") !== undefined) await runQuietly("systemctl", ["disable", `${service}.service`]);
  return undefined;
}

/** @param {string} output */
function lastLine(output) {
  return output.trim().split("\n").at(-1) ?? "";
}
