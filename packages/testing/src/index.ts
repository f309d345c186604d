export { type EventuallyOptions, eventually } from "./eventually.ts";
export { freePort } from "./free-port.ts";
export { isAlive } from "./is-alive.ts";
export { type LoopbackServer, listenOnLoopback } from "./listen-on-loopback.ts";
export { createManualClock, type ManualClock } from "./manual-clock.ts";
export type { LinePattern, OutputLine, OutputStream, WaitForLineOptions } from "./output-lines.ts";
export { seededRandom } from "./seeded-random.ts";
export { type Exit, type SpawnedScript, type SpawnScriptOptions, spawnScript } from "./spawn-script.ts";
export { type TempDir, tempDir } from "./temp-dir.ts";
