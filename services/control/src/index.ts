export { assembleControl, type ControlAssembly } from "./assemble.ts";
export { type Control, type ControlDeps, createControl } from "./control.ts";
export type { DeploymentStatus, QueueDepth, StatusSource } from "./deployment-status.ts";
