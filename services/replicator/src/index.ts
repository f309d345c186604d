export { type AssembledReplicator, assembleReplicator, type ReplicatorAssembly } from "./assemble.ts";
export { REPLICATOR_ERROR_CODES, ReplicatorError, type ReplicatorErrorCode } from "./errors.ts";
export { createReplicator, type ReplicatorDeps, type ReplicatorOptions, type ReplicatorRegion } from "./replicator.ts";
