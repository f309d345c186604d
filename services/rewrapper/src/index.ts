export { type AssembledRewrapper, assembleRewrapper, type RewrapperAssembly } from "./assemble.ts";
export { REWRAPPER_ERROR_CODES } from "./errors.ts";
export type { RewrapRegion, SegmentHandler } from "./rewrap-job.ts";
export { createRewrapper, type RewrapperDeps, type RewrapperOptions } from "./rewrapper.ts";
