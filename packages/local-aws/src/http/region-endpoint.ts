/**
 * The HTTP endpoint of one Region: KMS, SQS and DynamoDB on one loopback port,
 * told apart by X-Amz-Target. Signatures are not checked.
 *
 * A Region that is cut off keeps its port: connections are accepted and
 * destroyed (or left without an answer), so that no other process can take the
 * port meanwhile. What a call does while its Region is being cut off may have
 * happened, as in a real outage.
 */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { LocalAwsError } from "../errors.ts";
import type { CallCounter, ServiceName } from "../faults/call-counts.ts";
import type { CutMode, ErrorInjection, RegionFaults } from "../faults/region-faults.ts";
import { AwsFault, type AwsService, type JsonObject } from "../service.ts";
import { isJsonObject } from "../state/stored-json.ts";
import { CallContext } from "./call-context.ts";
import { MAX_BODY_BYTES, readBody } from "./read-body.ts";
import { type AnswerHead, writeAnswer, writeFault } from "./respond.ts";

export interface RegionEndpoint {
  readonly url: string;
  /** Destroys what is connected, and until restored what connects. `undefined` restores. */
  cut(mode: CutMode | undefined): void;
  close(): Promise<void>;
}

export interface RegionEndpointOptions {
  readonly region: string;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly services: Readonly<Record<ServiceName, AwsService>>;
  readonly faults: RegionFaults;
  readonly counter: CallCounter;
}

interface Target {
  readonly name: ServiceName;
  readonly service: AwsService;
  readonly operations: ReadonlySet<string>;
}

/** Throws LOCAL_AWS_PORT_TAKEN. */
export async function startRegionEndpoint(options: RegionEndpointOptions): Promise<RegionEndpoint> {
  const { region, faults, counter } = options;
  const targets = new Map<string, Target>();
  for (const [name, service] of servicesOf(options.services)) {
    targets.set(service.targetPrefix, { name, service, operations: new Set(service.operations) });
  }
  const sockets = new Set<Socket>();
  const live = new Set<CallContext>();
  const server = createServer((request, response) => void answer(request, response));
  // Longer than any client keeps an idle connection, so that it is never the server that closes one in use.
  server.keepAliveTimeout = 600_000;
  server.on("connection", (socket: Socket) => {
    if (faults.cut === "reset") {
      socket.resetAndDestroy();
      return;
    }
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const head: AnswerHead = {
      requestId: randomUUID(),
      contentType: contentTypeOf(request),
    };
    try {
      const body = await readBody(request);
      // A hanging Region reads and says nothing; its connections are destroyed when it comes back.
      if (faults.cut) return;
      if (!body) {
        response.setHeader("Connection", "close");
        throw new AwsFault("RequestEntityTooLargeException", `The body is over ${MAX_BODY_BYTES} bytes.`, 413);
      }
      const result = await dispatch(request, response, body, head.requestId);
      if (result && !faults.cut && !isGone(response)) writeAnswer(response, head, result);
    } catch (error) {
      if (faults.cut || isGone(response)) return;
      writeFault(response, head, error instanceof AwsFault ? error : internal);
    }
  }

  async function dispatch(
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
    requestId: string,
  ): Promise<JsonObject | undefined> {
    const header = String(request.headers["x-amz-target"] ?? "");
    const dot = header.indexOf(".");
    const target = targets.get(header.slice(0, dot));
    if (!target) throw unknownOperation;
    const operation = header.slice(dot + 1);
    const { name, service } = target;
    counter.called(name, operation);
    try {
      const call = new CallContext({ region, baseUrl: baseUrlOf(request), requestId }, response, live);
      const latencyMs = faults.latencyMs(name, operation);
      if (latencyMs > 0) await delay(latencyMs, undefined, { signal: call.signal });
      const throttled = faults.throttle(name, operation);
      if (throttled) throw throttled;
      const injected = faults.strike(name, operation);
      if (injected && injected.when !== "after") return fail(response, injected);
      if (!target.operations.has(operation)) throw unknownOperation;
      const result = await service.handle(operation, parse(body), call);
      return injected ? fail(response, injected) : result;
    } catch (error) {
      if (error instanceof AwsFault) counter.failed(name, operation, error.errorName);
      else if (!isGone(response)) counter.failed(name, operation, internal.errorName);
      throw error;
    }
  }

  /** Throws the injected fault, or destroys the connection instead of answering. */
  function fail(response: ServerResponse, injection: ErrorInjection): undefined {
    const errorName = injection.drop ? "ConnectionDropped" : (injection.errorName ?? internal.errorName);
    if (injection.drop) response.socket?.resetAndDestroy();
    throw new AwsFault(errorName, injection.message ?? "Injected by the test.", injection.status);
  }

  await listen(server, options);
  return {
    url: `http://${options.host.includes(":") ? `[${options.host}]` : options.host}:${addressOf(server).port}`,
    cut(mode) {
      if (faults.cut === mode) return;
      faults.cut = mode;
      // Also when it is restored: what hung meanwhile would hang for ever.
      if (mode !== "hang") for (const socket of sockets) socket.resetAndDestroy();
    },
    close() {
      for (const call of live) call.abort();
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        for (const socket of sockets) socket.destroy();
      });
    },
  };
}

const unknownOperation = new AwsFault("UnknownOperationException", "This operation is not known here.");
const internal = new AwsFault("InternalFailure", "The emulator failed.", 500);

function parse(body: Buffer): JsonObject {
  if (body.length === 0) return {};
  try {
    const parsed: unknown = JSON.parse(body.toString("utf8"));
    if (isJsonObject(parsed)) return parsed;
  } catch {
    // Reported below, without the parser's message: it would quote the input.
  }
  throw new AwsFault("SerializationException", "The body is not a JSON object.");
}

/** SQS and DynamoDB are spoken to in JSON 1.0, KMS in 1.1; the answer is in the version of the request. */
function contentTypeOf({ headers }: IncomingMessage): string {
  return headers["content-type"] === "application/x-amz-json-1.0"
    ? "application/x-amz-json-1.0"
    : "application/x-amz-json-1.1";
}

function baseUrlOf(request: IncomingMessage): string {
  return `http://${request.headers.host ?? `127.0.0.1:${request.socket.localPort}`}`;
}

/** Whether nobody is left to answer. */
function isGone(response: ServerResponse): boolean {
  return response.destroyed || response.socket?.destroyed !== false;
}

function servicesOf(services: RegionEndpointOptions["services"]): [ServiceName, AwsService][] {
  return [
    ["kms", services.kms],
    ["sqs", services.sqs],
    ["dynamodb", services.dynamodb],
  ];
}

/** Listens; throws LOCAL_AWS_PORT_TAKEN where the port is in use. */
export function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      const taken = "code" in error && error.code === "EADDRINUSE";
      reject(
        taken
          ? new LocalAwsError("LOCAL_AWS_PORT_TAKEN", `port ${port} is in use`, { cause: error, context: { port } })
          : error,
      );
    });
    server.listen({ host, port }, () => resolve());
  });
}

export function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server listens on no port");
  return address;
}
