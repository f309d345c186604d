export { DekhandError, describeError, isAbort, type SafeContext, type SafeErrorInfo } from "./dekhand-error.ts";
