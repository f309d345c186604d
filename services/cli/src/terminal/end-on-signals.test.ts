import { EventEmitter } from "node:events";
import { expect, it } from "vitest";
import { endOnSignals } from "./end-on-signals.ts";

function listen() {
  const exits: number[] = [];
  const process = Object.assign(new EventEmitter(), { exit: (code: number) => void exits.push(code) });
  const ending = new AbortController();
  const clock = { ms: 5 };
  endOnSignals(process, ending, { now: () => clock.ms });
  return { process, ending, clock, exits };
}

it("takes copies of one signal for one request to end", () => {
  const { process, ending, clock, exits } = listen();
  process.emit("SIGINT");
  expect(ending.signal.aborted).toBe(true);
  clock.ms += 200;
  process.emit("SIGINT");
  process.emit("SIGTERM");
  expect(exits).toEqual([]);
});

it("ends at once on a second request", () => {
  const { process, clock, exits } = listen();
  process.emit("SIGTERM");
  clock.ms += 1_000;
  process.emit("SIGINT");
  expect(exits).toEqual([130]);
});
