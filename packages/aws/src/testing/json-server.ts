import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { listenOnLoopback } from "@dekhand/testing";

export interface SeenRequest {
  /** `TrentService.Decrypt` */
  readonly target: string;
  readonly authorization: string;
  readonly body: string;
}

export interface JsonServer extends AsyncDisposable {
  readonly url: string;
  readonly seen: SeenRequest[];
  /** Connections open now. */
  readonly connections: () => number;
}

export type Answer = (request: SeenRequest, response: ServerResponse) => void;

/** A real HTTP server on loopback that records what it is asked and answers as told. */
export async function startJsonServer(answer: Answer): Promise<JsonServer> {
  const seen: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const { "x-amz-target": target = "", authorization = "" } = request.headers;
      const entry = { target: String(target), authorization, body };
      seen.push(entry);
      answer(entry, response);
    });
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  const listening = await listenOnLoopback(server);
  return {
    ...listening,
    seen,
    connections: () => sockets.size,
  };
}

export function answerJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/x-amz-json-1.1" });
  response.end(JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces).toString();
}
