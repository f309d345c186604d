/** Answers and faults in the AWS JSON protocol. */
import type { ServerResponse } from "node:http";
import type { AwsFault, JsonObject } from "../service.ts";

export interface AnswerHead {
  readonly requestId: string;
  /** As the request had it: JSON 1.0 for SQS and DynamoDB, 1.1 for KMS. */
  readonly contentType: string;
}

export function writeAnswer(response: ServerResponse, head: AnswerHead, answer: JsonObject): void {
  write(response, 200, head, answer);
}

export function writeFault(response: ServerResponse, head: AnswerHead, fault: AwsFault): void {
  const body = { ...fault.fields, __type: fault.errorName, message: fault.message };
  const extra = fault.queryCode === undefined ? [] : queryError(fault);
  write(response, fault.status, head, body, extra);
}

/** The header from which SDKs take the code that the older query protocol had. */
function queryError(fault: AwsFault): string[] {
  return ["x-amzn-query-error", `${fault.queryCode};${fault.status < 500 ? "Sender" : "Receiver"}`];
}

function write(response: ServerResponse, status: number, head: AnswerHead, body: JsonObject, extra: string[] = []) {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, [
    "x-amzn-RequestId",
    head.requestId,
    "Content-Type",
    head.contentType,
    "Content-Length",
    String(bytes.length),
    ...extra,
  ]);
  response.end(bytes);
}
