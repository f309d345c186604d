/**
 * In front of one Region's SQS: what is acknowledged is what workers delete, written down as it goes by, whatever the
 * product says of it. Lets everything else through as it is.
 */

import { once } from "node:events";
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { listenOnLoopback } from "@dekhand/testing";

export interface SqsLedger extends AsyncDisposable {
  /** To be used as the Region's endpoint of SQS. */
  readonly url: string;
  /**
   * When the first request to delete a job's message came in, in milliseconds since 1970, by job id. A request that was never
   * answered counts: SQS may have done it.
   */
  readonly acknowledged: ReadonlyMap<string, number>;
}

interface Batch {
  readonly ReceiptHandle?: string;
  readonly Entries?: readonly { readonly Id: string; readonly ReceiptHandle: string }[];
}

interface Answer {
  readonly Messages?: readonly { readonly Body: string; readonly ReceiptHandle: string }[];
  readonly Failed?: readonly { readonly Id: string }[];
}

export async function startSqsLedger(endpoint: string): Promise<SqsLedger> {
  const agent = new Agent({ keepAlive: true });
  const acknowledged = new Map<string, number>();
  const jobOf = new Map<string, string>();

  /** Undoes what turns out to be wrong once SQS has answered. */
  const note = (operation: string, body: Buffer): ((answer: Buffer, isTaken: boolean) => void) => {
    if (operation === "ReceiveMessage") {
      return (answer) => {
        const { Messages = [] }: Answer = JSON.parse(answer.toString());
        for (const { Body, ReceiptHandle } of Messages) jobOf.set(ReceiptHandle, JSON.parse(Body).id);
      };
    }
    if (!operation.startsWith("DeleteMessage")) return () => undefined;
    const { ReceiptHandle, Entries = [] }: Batch = JSON.parse(body.toString());
    const handles = ReceiptHandle === undefined ? Entries : [{ Id: "", ReceiptHandle }];
    const at = Date.now();
    const fresh = handles.flatMap(({ Id, ReceiptHandle: handle }) => {
      const job = jobOf.get(handle);
      if (job === undefined || acknowledged.has(job)) return [];
      acknowledged.set(job, at);
      return [{ Id, job }];
    });
    return (answer, isTaken) => {
      const { Failed = [] }: Answer = isTaken ? JSON.parse(answer.toString()) : { Failed: handles };
      const failed = new Set(Failed.map(({ Id }) => Id));
      for (const { Id, job } of fresh) if (failed.has(Id)) acknowledged.delete(job);
    };
  };

  const relay = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const body = await buffer(incoming);
    if (outgoing.closed) return;
    const operation = String(incoming.headers["x-amz-target"]).split(".").at(-1) ?? "";
    const settle = note(operation, body);
    const { method, headers } = incoming;
    const upstream = request(endpoint, { method, headers, agent });
    // Nobody waits any more: SQS is not to hand messages to whoever is gone.
    outgoing.once("close", () => upstream.destroy());
    // Heard below, unless it comes once there is an answer.
    upstream.on("error", () => undefined);
    upstream.end(body);
    const [answer]: IncomingMessage[] = await once(upstream, "response");
    if (!answer) throw new Error("a response event has a response");
    const content = await buffer(answer);
    const { statusCode = 500 } = answer;
    settle(content, statusCode === 200);
    outgoing.writeHead(statusCode, answer.headers).end(content);
  };

  const server = createServer((incoming, outgoing) => {
    relay(incoming, outgoing).catch(() => outgoing.socket?.resetAndDestroy());
  });
  server.keepAliveTimeout = 600_000;
  const listening = await listenOnLoopback(server);
  return {
    url: listening.url,
    acknowledged,
    async [Symbol.asyncDispose]() {
      await listening[Symbol.asyncDispose]();
      agent.destroy();
    },
  };
}
