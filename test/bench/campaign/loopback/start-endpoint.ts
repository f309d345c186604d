/**
 * An endpoint on the loopback interface with just what a campaign asks of KMS and
 * DynamoDB, BatchExecuteStatement included, answered at once: what is left to
 * measure is the client.
 *
 * A server that sleeps between two requests makes each write of its client pay for
 * waking it up. This one does not sleep while requests keep coming.
 */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type LoopbackServer, listenOnLoopback } from "@dekhand/testing";
import { answerDynamodb, type Tables } from "./dynamodb-answers.ts";
import { answerKms } from "./kms-answers.ts";
import { Refusal } from "./refusal.ts";

export async function startEndpoint(tables: Tables): Promise<LoopbackServer> {
  const awake = stayAwake();
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    awake();
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.once("end", () => respond(request, Buffer.concat(pieces), response, tables));
  });
  return listenOnLoopback(server);
}

function respond(request: IncomingMessage, body: Buffer, response: ServerResponse, tables: Tables): void {
  const [service = "", operation = ""] = String(request.headers["x-amz-target"]).split(".");
  const { status, document } = answer(service, operation, body, tables);
  const text = JSON.stringify(document);
  const version = service === "TrentService" ? "1.1" : "1.0";
  response.writeHead(status, {
    "content-type": `application/x-amz-json-${version}`,
    "content-length": Buffer.byteLength(text),
    "x-amzn-requestid": "00000000-0000-4000-8000-000000000000",
  });
  response.end(text);
}

function answer(
  service: string,
  operation: string,
  body: Buffer,
  tables: Tables,
): { status: number; document: object } {
  try {
    const input = JSON.parse(body.toString());
    const document =
      service === "TrentService" ? answerKms(operation, input) : answerDynamodb(operation, input, tables);
    return { status: 200, document };
  } catch (error) {
    if (error instanceof Refusal) return { status: 400, document: { __type: error.name, message: error.message } };
    return { status: 500, document: { __type: "InternalServerError", message: String(error) } };
  }
}

/** How long after a request to go on polling, in milliseconds. */
const awakeMs = 5;

/** Call it at each request: until a while after the last one the event loop polls its sockets and does not sleep. */
function stayAwake(): () => void {
  let until = 0;
  let polling = false;
  const poll = () => {
    polling = performance.now() < until;
    if (polling) setImmediate(poll);
  };
  return () => {
    until = performance.now() + awakeMs;
    if (polling) return;
    polling = true;
    setImmediate(poll);
  };
}
