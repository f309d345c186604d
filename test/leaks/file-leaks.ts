/**
 * What a test file leaves open fails it: sockets, servers, child processes. Each file has a process of its own, so
 * whatever is open once its last hook has run is the file's own doing.
 */

import { eventually } from "@dekhand/testing";
import { afterAll, expect } from "vitest";

/** Kinds that keep a process alive; vitest itself holds pipes and timers, so those are not looked at. */
const watched = new Set(["TCPSocketWrap", "TCPServerWrap", "TLSWrap", "ProcessWrap", "Worker"]);
/** A socket that was told to close waits for the other end to answer. */
const patienceMs = 2_000;

afterAll(async () => {
  await eventually(() => expect(openKinds(), "this file left something open").toEqual([]), { timeoutMs: patienceMs });
});

function openKinds(): string[] {
  return process.getActiveResourcesInfo().filter((kind) => watched.has(kind));
}
