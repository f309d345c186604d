import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { listenOnLoopback } from "@dekhand/testing";

export interface KmsRequest {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

export type KmsAnswer =
  | { readonly output: object }
  | { readonly error: string; readonly status?: number }
  /** Keeps the request open. */
  | { readonly hang: true }
  /** Cuts the connection. */
  | { readonly cut: true };

export interface KmsServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: KmsRequest[];
  /** Requests whose connection the other side has ended before an answer. */
  readonly givenUp: () => number;
}

/** A real HTTP server that speaks KMS's protocol and answers as told; the last answer repeats. */
export async function startKmsServer(...answers: readonly KmsAnswer[]): Promise<KmsServer> {
  const requests: KmsRequest[] = [];
  let givenUp = 0;
  const server = createServer((request, response) => {
    response.once("close", () => {
      if (!response.writableFinished) givenUp += 1;
    });
    void readInput(request).then((input) => {
      const operation = String(request.headers["x-amz-target"]).replace("TrentService.", "");
      requests.push({ operation, input });
      reply(response, answers[Math.min(requests.length, answers.length) - 1]);
    });
  });
  const listening = await listenOnLoopback(server);
  return {
    ...listening,
    requests,
    givenUp: () => givenUp,
  };
}

function reply(response: ServerResponse, answer: KmsAnswer | undefined): void {
  if (answer === undefined || "hang" in answer) return;
  if ("cut" in answer) {
    response.destroy();
    return;
  }
  const failed = "error" in answer;
  response.writeHead(failed ? (answer.status ?? 400) : 200, { "content-type": "application/x-amz-json-1.1" });
  response.end(JSON.stringify(failed ? { __type: answer.error, message: "canary: quoted input" } : answer.output));
}

async function readInput(request: IncomingMessage): Promise<Record<string, unknown>> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(Buffer.from(piece));
  return JSON.parse(Buffer.concat(pieces).toString());
}
