export { type ContractTarget, itCan, type OpenTarget } from "./target.ts";
export { embeddedTarget, targetFromEnvironment } from "./targets.ts";
