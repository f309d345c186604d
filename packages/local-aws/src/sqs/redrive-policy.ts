/** RedrivePolicy and RedriveAllowPolicy: which queue takes what was received too often, and from whom. */
import { isJsonObject } from "../state/stored-json.ts";
import { invalidAttributeValue, invalidParameter } from "./sqs-faults.ts";

export interface RedrivePolicy {
  readonly deadLetterTargetArn: string;
  /** 1 to 1000: a message received so often here goes to the target instead of being received once more. */
  readonly maxReceiveCount: number;
}

export type RedriveAllowPolicy =
  | { readonly redrivePermission: "allowAll" | "denyAll" }
  | { readonly redrivePermission: "byQueue"; readonly sourceQueueArns: readonly string[] };

/** Reads a RedrivePolicy; an empty text takes the policy away. */
export function parseRedrivePolicy(text: string): RedrivePolicy | undefined {
  if (text === "") return undefined;
  const { deadLetterTargetArn, maxReceiveCount, ...others } = parseObject("RedrivePolicy", text);
  if (Object.keys(others).length > 0) throw invalidPolicy("it has members other than those documented");
  if (typeof deadLetterTargetArn !== "string" || !/^arn:[^:]+:sqs:[^:]+:\d{12}:.+$/.test(deadLetterTargetArn)) {
    throw invalidPolicy("deadLetterTargetArn must be the ARN of a queue");
  }
  // Clients send the count as a number and as text.
  const count = typeof maxReceiveCount === "string" ? Number(maxReceiveCount) : maxReceiveCount;
  if (typeof count !== "number" || !Number.isInteger(count) || count < 1 || count > 1000) {
    throw invalidPolicy("maxReceiveCount must be a whole number from 1 to 1000");
  }
  return { deadLetterTargetArn, maxReceiveCount: count };
}

/** Reads a RedriveAllowPolicy; an empty text takes the policy away. */
export function parseRedriveAllowPolicy(text: string): RedriveAllowPolicy | undefined {
  if (text === "") return undefined;
  const { redrivePermission, sourceQueueArns } = parseObject("RedriveAllowPolicy", text);
  if (redrivePermission === "allowAll" || redrivePermission === "denyAll") {
    if (sourceQueueArns === undefined) return { redrivePermission };
  } else if (redrivePermission === "byQueue" && Array.isArray(sourceQueueArns)) {
    const arns = sourceQueueArns.filter((arn) => typeof arn === "string");
    if (arns.length === sourceQueueArns.length && arns.length >= 1 && arns.length <= 10) {
      return { redrivePermission, sourceQueueArns: arns };
    }
  }
  throw invalidAttributeValue("RedriveAllowPolicy", "be allowAll, denyAll, or byQueue with 1 to 10 sourceQueueArns");
}

export function allowsSource(policy: RedriveAllowPolicy | undefined, sourceArn: string): boolean {
  if (!policy || policy.redrivePermission === "allowAll") return true;
  return policy.redrivePermission === "byQueue" && policy.sourceQueueArns.includes(sourceArn);
}

export function invalidPolicy(reason: string) {
  return invalidParameter("RedrivePolicy", reason);
}

function parseObject(attribute: string, text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    if (isJsonObject(parsed)) return parsed;
  } catch {
    // Reported below, without the parser's message: it would quote the input.
  }
  throw invalidAttributeValue(attribute, "be a JSON object");
}
