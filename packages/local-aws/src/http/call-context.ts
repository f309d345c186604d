import type { ServerResponse } from "node:http";
import type { AwsCall } from "../service.ts";

/** One call. Its signal is made only when somebody asks for it: most operations never wait. */
export class CallContext implements AwsCall {
  readonly region: string;
  readonly baseUrl: string;
  readonly requestId: string;
  readonly #response: ServerResponse;
  readonly #live: Set<CallContext>;
  #controller: AbortController | undefined;

  /** `live` holds the calls that have a signal, for whoever closes the endpoint. */
  constructor(
    call: { region: string; baseUrl: string; requestId: string },
    response: ServerResponse,
    live: Set<CallContext>,
  ) {
    this.region = call.region;
    this.baseUrl = call.baseUrl;
    this.requestId = call.requestId;
    this.#response = response;
    this.#live = live;
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      this.#live.add(this);
      if (this.#response.destroyed) this.abort();
      else this.#response.once("close", () => this.abort());
    }
    return this.#controller.signal;
  }

  abort(): void {
    this.#live.delete(this);
    this.#controller?.abort();
  }
}
