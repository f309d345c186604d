/** An HTTP endpoint that answers DynamoDB calls as a test says, and passes the others on. */

import { createServer, type IncomingMessage } from "node:http";
import { listenOnLoopback } from "@dekhand/testing";

export interface ScriptedCall {
  /** "BatchWriteItem" */
  readonly operation: string;
  readonly input: Record<string, unknown>;
  /** What the endpoint behind says to `input`, or to another one. */
  readonly forward: (input?: Record<string, unknown>) => Promise<ScriptedAnswer>;
}

export interface ScriptedAnswer {
  /** Default 200. */
  readonly status?: number;
  readonly body: Record<string, unknown>;
}

export interface ScriptedEndpoint extends AsyncDisposable {
  readonly endpoint: string;
}

/** `behind` is needed by scripts that forward. */
export async function startScriptedEndpoint(
  script: (call: ScriptedCall) => ScriptedAnswer | Promise<ScriptedAnswer>,
  behind?: string,
): Promise<ScriptedEndpoint> {
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const target = String(incoming.headers["x-amz-target"]);
      const input = await readJson(incoming);
      const forward: ScriptedCall["forward"] = async (changed = input) => {
        const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": target, ...signed(incoming) };
        const answer = await fetch(behind ?? "", { method: "POST", headers, body: JSON.stringify(changed) });
        return { status: answer.status, body: parseObject(await answer.text()) };
      };
      const { status = 200, body } = await script({ operation: target.split(".").at(-1) ?? "", input, forward });
      outgoing.writeHead(status, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify(body));
    })();
  });
  const { url, ...listening } = await listenOnLoopback(server);
  return { endpoint: url, ...listening };
}

/** Emulators want to see a signature and do not check it. */
function signed({ headers }: IncomingMessage): Record<string, string> {
  return { authorization: headers.authorization ?? "", "x-amz-date": String(headers["x-amz-date"]) };
}

async function readJson(incoming: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  return parseObject(Buffer.concat(chunks).toString());
}

function parseObject(json: string): Record<string, unknown> {
  const value: unknown = JSON.parse(json);
  return isObject(value) ? value : {};
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
