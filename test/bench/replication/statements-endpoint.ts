/**
 * An endpoint in front of a DynamoDB that has no BatchExecuteStatement: it takes the INSERTs of such a call apart, and hands
 * everything else on as it is. So a client can be measured as it works with DynamoDB itself.
 */

import { once } from "node:events";
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { type LoopbackServer, listenOnLoopback } from "@dekhand/testing";
import { type BareClient, createBareClient } from "../campaign/bare-client.ts";

const service = "DynamoDB_20120810";

/** @param dynamodb URL of the one behind it */
export async function startStatementsEndpoint(dynamodb: string): Promise<LoopbackServer> {
  const client = createBareClient(dynamodb);
  const agent = new Agent({ keepAlive: true });
  const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, response) => {
    const isBatch = incoming.headers["x-amz-target"] === `${service}.BatchExecuteStatement`;
    const answered = isBatch ? execute(client, incoming, response) : handOn({ dynamodb, agent }, incoming, response);
    answered.catch(() => response.destroy());
  });
  const listening = await listenOnLoopback(server);
  return {
    url: listening.url,
    async [Symbol.asyncDispose]() {
      await listening[Symbol.asyncDispose]();
      agent.destroy();
      client[Symbol.dispose]();
    },
  };
}

async function handOn(
  { dynamodb, agent }: { readonly dynamodb: string; readonly agent: Agent },
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method, headers, url } = incoming;
  const sent = request(new URL(url ?? "/", dynamodb), { method, headers, agent });
  // A client that gives up its request is not waited for.
  response.once("close", () => sent.destroy());
  const answered = once(sent, "response");
  incoming.pipe(sent);
  const [answer]: IncomingMessage[] = await answered;
  if (answer === undefined) throw new Error("nothing was answered");
  response.writeHead(answer.statusCode ?? 500, answer.headers);
  answer.pipe(response);
}

interface Statement {
  readonly Statement: string;
  readonly Parameters?: readonly object[];
}

async function execute(client: BareClient, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of incoming) pieces.push(piece);
  const { Statements }: { readonly Statements: readonly Statement[] } = JSON.parse(Buffer.concat(pieces).toString());
  const Responses = await Promise.all(Statements.map((statement) => insert(client, statement)));
  const body = JSON.stringify({ Responses });
  response.writeHead(200, {
    "content-type": "application/x-amz-json-1.0",
    "content-length": Buffer.byteLength(body),
    "x-amzn-requestid": "00000000-0000-4000-8000-000000000000",
  });
  response.end(body);
}

/** What a writer asks before it writes, to find out whether there are statements. */
const isProbe = /^SELECT "item" FROM "[^"]+-probe" /;
const shape = /^INSERT INTO "([^"]+)" VALUE \{(.+)\}$/;

async function insert(client: BareClient, { Statement: text, Parameters = [] }: Statement): Promise<object> {
  if (isProbe.test(text)) return {};
  const [, TableName, members = ""] = shape.exec(text) ?? [];
  const names = [...members.matchAll(/'([^']+)':\?/g)].map(([, name = ""]) => name);
  if (TableName === undefined) return refusal("ValidationError", "nothing but an INSERT is understood here");
  const Item = Object.fromEntries(names.map((name, at) => [name, Parameters[at]]));
  const condition = {
    ConditionExpression: "attribute_not_exists(#key)",
    ExpressionAttributeNames: { "#key": names[0] },
  };
  try {
    await client.call(`${service}.PutItem`, { TableName, Item, ...condition });
    return {};
  } catch (error) {
    const message = String(error);
    return refusal(message.includes("ConditionalCheckFailed") ? "DuplicateItem" : "InternalServerError", message);
  }
}

function refusal(Code: string, Message: string): object {
  return { Error: { Code, Message } };
}
