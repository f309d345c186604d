/** For tests: SQS without HTTP, at a time that the test sets. */
import { AwsFault, type AwsService, type JsonObject } from "../service.ts";
import { createSqsService, type SqsServiceOptions } from "./index.ts";

export const REGION = "us-east-1";
export const ACCOUNT = "123456789012";

export interface SqsFixture {
  readonly service: AwsService;
  /** Moves the clock. */
  pass(seconds: number): void;
  call(operation: string, input: JsonObject, signal?: AbortSignal): Promise<JsonObject>;
  /** The name of the fault that the call ends in. */
  fault(operation: string, input: JsonObject): Promise<string>;
  /** Creates a queue; its URL. */
  create(name: string, attributes?: JsonObject): Promise<string>;
  send(url: string, ...bodies: string[]): Promise<void>;
  receive(url: string, more?: JsonObject): Promise<ReceivedMessage[]>;
  attribute(url: string, name: string): Promise<unknown>;
}

export interface ReceivedMessage extends JsonObject {
  readonly Body: string;
  readonly ReceiptHandle: string;
}

export function createFixture(options: Partial<SqsServiceOptions> & { at?: number } = {}): SqsFixture {
  let time = options.at ?? Date.UTC(2026, 10, 1);
  const service = createSqsService({ region: REGION, accountId: ACCOUNT, now: () => time, ...options });
  const fixture: SqsFixture = {
    service,
    pass(seconds) {
      time += seconds * 1000;
    },
    call: (operation, input, signal = new AbortController().signal) =>
      service.handle(operation, input, { region: REGION, signal, baseUrl: "http://127.0.0.1:4566" }),
    async fault(operation, input) {
      try {
        await fixture.call(operation, input);
      } catch (error) {
        if (error instanceof AwsFault) return error.errorName;
        throw error;
      }
      return "none";
    },
    async create(name, attributes = {}) {
      const { QueueUrl } = await fixture.call("CreateQueue", { QueueName: name, Attributes: attributes });
      if (typeof QueueUrl !== "string") throw new Error("QueueUrl is no string");
      return QueueUrl;
    },
    async send(QueueUrl, ...bodies) {
      for (const MessageBody of bodies) await fixture.call("SendMessage", { QueueUrl, MessageBody });
    },
    async receive(QueueUrl, more = {}) {
      const ask = { QueueUrl, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ["All"], ...more };
      const { Messages = [] } = await fixture.call("ReceiveMessage", ask);
      if (!Array.isArray(Messages)) throw new Error("Messages is no list");
      return Messages.filter(isMessage);
    },
    async attribute(QueueUrl, name) {
      const { Attributes } = await fixture.call("GetQueueAttributes", { QueueUrl, AttributeNames: [name] });
      return Object(Attributes)[name];
    },
  };
  return fixture;
}

function isMessage(value: unknown): value is ReceivedMessage {
  return typeof value === "object" && value !== null && "Body" in value && "ReceiptHandle" in value;
}

export function bodies(messages: readonly ReceivedMessage[]): string[] {
  return messages.map(({ Body }) => Body);
}
