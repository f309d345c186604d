/**
 * The seam between the HTTP core and the services behind it.
 *
 * A service knows operations and JSON, nothing of HTTP: the core reads the
 * body, picks the service by X-Amz-Target, applies latency, quotas and injected
 * errors, and writes the answer or the fault in the AWS JSON protocol.
 */

export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;
/** A parsed JSON object. A member that a service leaves `undefined` is left out of the answer. */
export interface JsonObject {
  [member: string]: JsonValue | undefined;
}

/** One AWS service of one Region, spoken to in the AWS JSON protocol. */
export interface AwsService {
  /** What stands before the dot in X-Amz-Target: "TrentService", "AmazonSQS". */
  readonly targetPrefix: string;
  /** The operations it answers; the core answers every other with UnknownOperationException. */
  readonly operations: readonly string[];
  /** Answers one call, or throws an {@link AwsFault}. Anything else thrown becomes an internal error (500). */
  handle(operation: string, input: JsonObject, call: AwsCall): Promise<JsonObject>;
  /** The whole state as JSON, for `dataDir`; handed back as `restore` at the next start. */
  snapshot?(): JsonObject;
  /** Ends timers and answers waiting long polls. */
  close(): void;
}

export interface AwsCall {
  readonly region: string;
  /** Aborted when the client has gone away or the endpoint closes. */
  readonly signal: AbortSignal;
  /** The endpoint as the client addressed it, without a trailing slash: `http://127.0.0.1:4566`. */
  readonly baseUrl: string;
  /** What the answer carries as x-amzn-requestid. */
  readonly requestId?: string;
}

/** An error that a service answers with; it becomes `__type` and `message` on the wire. */
export class AwsFault extends Error {
  /** The error's name as the SDK shows it: "ThrottlingException", "QueueDoesNotExist". */
  readonly errorName: string;
  /** HTTP status: 400 where the client is at fault, 500 where the service is. */
  readonly status: number;
  /** Further members of the error's body. */
  readonly fields: JsonObject;
  /** The query-protocol code for x-amzn-query-error, where the SDK reports that instead of the name (SQS). */
  readonly queryCode: string | undefined;

  constructor(errorName: string, message: string, status = 400, fields: JsonObject = {}, queryCode?: string) {
    super(message);
    this.name = "AwsFault";
    this.errorName = errorName;
    this.status = status;
    this.fields = fields;
    this.queryCode = queryCode;
  }
}
