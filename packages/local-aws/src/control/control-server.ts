/**
 * The control handle over HTTP, for whoever is in another process. JSON in and
 * out, on loopback. A body has to be declared as application/json: a web page
 * cannot send that to another origin without being asked first.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { DekhandError } from "@dekhand/errors";
import { readBody } from "../http/read-body.ts";
import { addressOf, listen } from "../http/region-endpoint.ts";
import type { JsonObject } from "../service.ts";
import { isJsonObject } from "../state/stored-json.ts";
import { readCut, readInjection, readKey, readLatency, readQuota, requireKnown } from "./control-requests.ts";
import { invalid, type LocalAwsControl } from "./local-aws-control.ts";

export interface ControlServer {
  readonly url: string;
  close(): Promise<void>;
}

export interface ControlServerOptions {
  readonly host: string;
  readonly port: number;
  readonly control: LocalAwsControl;
  /** URL by Region. */
  readonly endpoints: Readonly<Record<string, string>>;
}

const MAX_CONTROL_BODY_BYTES = 64 * 1024;

export async function startControlServer(options: ControlServerOptions): Promise<ControlServer> {
  const server = createServer((request, response) => void answer(request, response));
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const result = await route(options, request, await readJson(request));
      if (result) write(response, 200, result);
      else write(response, 404, { error: "not-found", message: "no such resource of the control API" });
    } catch (error) {
      if (response.destroyed) return;
      if (error instanceof DekhandError) write(response, 400, { error: error.code, message: error.message });
      else write(response, 500, { error: "internal", message: "the control API failed" });
    }
  }
  await listen(server, options);
  return {
    url: `http://${options.host.includes(":") ? `[${options.host}]` : options.host}:${addressOf(server).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The answer, or undefined where there is no such resource. */
async function route(
  { control, endpoints }: ControlServerOptions,
  request: IncomingMessage,
  body: JsonObject,
): Promise<object | undefined> {
  const [resource = "", region, action] = pathOf(request);
  switch (`${request.method} ${resource}${action === undefined ? "" : "/*"}`) {
    case "GET ":
      return { endpoints };
    case "GET faults":
      return control.faults();
    case "DELETE faults":
      control.clearFaults(region);
      return {};
    case "GET counts":
      return control.callCounts();
    case "DELETE counts":
      control.resetCounts();
      return {};
    case "POST regions/*":
      return region === undefined || action === undefined ? undefined : act(control, region, action, body);
    default:
      return undefined;
  }
}

async function act(
  control: LocalAwsControl,
  region: string,
  action: string,
  body: JsonObject,
): Promise<object | undefined> {
  switch (action) {
    case "cut-off": {
      requireKnown(body, ["on", "mode"]);
      const { on, mode } = readCut(body);
      control.cutOff(region, on, { mode });
      return {};
    }
    case "latency": {
      requireKnown(body, ["ms", "service", "operation"]);
      const { ms, filter } = readLatency(body);
      control.setLatency(region, ms, filter);
      return {};
    }
    case "quota": {
      requireKnown(body, ["quota", "perSecond"]);
      const { quota, perSecond } = readQuota(body);
      control.setQuota(region, quota, perSecond);
      return {};
    }
    case "errors":
      requireKnown(body, ["service", "operation", "errorName", "message", "status", "rate", "count", "when", "drop"]);
      control.injectErrors(region, readInjection(body));
      return {};
    case "rotate-key":
      requireKnown(body, ["key"]);
      await control.rotateKey(region, readKey(body));
      return {};
    case "delete-key":
      requireKnown(body, ["key"]);
      await control.deleteKeyNow(region, readKey(body));
      return {};
    default:
      return undefined;
  }
}

function pathOf(request: IncomingMessage): string[] {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  return pathname.slice(1).split("/");
}

async function readJson(request: IncomingMessage): Promise<JsonObject> {
  const body = await readBody(request, MAX_CONTROL_BODY_BYTES);
  if (!body) throw invalid("the body is too large");
  if (request.method === "GET" || request.method === "DELETE") return {};
  if (!request.headers["content-type"]?.startsWith("application/json")) {
    throw invalid("the body has to be application/json");
  }
  try {
    const parsed: unknown = JSON.parse(body.toString("utf8"));
    if (isJsonObject(parsed)) return parsed;
  } catch {
    // Reported below, without the parser's message: it would quote the input.
  }
  throw invalid("the body is not a JSON object");
}

function write(response: ServerResponse, status: number, body: object): void {
  const bytes = Buffer.from(`${JSON.stringify(body)}\n`);
  response.writeHead(status, { "Content-Type": "application/json", "Content-Length": bytes.length });
  response.end(bytes);
}
