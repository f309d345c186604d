export { type AssembledWorker, assembleWorker, type WorkerParts } from "./assemble-worker.ts";
export { connectWorker, type WorkerConnections } from "./connect-worker.ts";
export { createQueueWorker, type QueueWorkerDeps } from "./queue-worker.ts";
export { type RunWorkerOptions, runWorker } from "./run-worker.ts";
export type { WorkerAssembly } from "./worker-assembly.ts";
