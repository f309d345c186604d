/** AWS's JSON protocols over bare HTTP: for setting the stage, where an SDK client would be the slowest part. */

import { Agent, request } from "node:http";

export interface BareClient extends Disposable {
  /** Throws where the answer is no success. */
  call<Answer>(target: string, input: object): Promise<Answer>;
}

export function createBareClient(endpoint: string): BareClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  return {
    call: (target, input) =>
      new Promise((resolve, reject) => {
        const body = JSON.stringify(input);
        const headers = {
          "content-type": `application/x-amz-json-${target.startsWith("DynamoDB") ? "1.0" : "1.1"}`,
          "content-length": Buffer.byteLength(body),
          "x-amz-target": target,
          "x-amz-date": "20260101T000000Z",
          // The embedded services check no signature, but want one.
          authorization:
            "AWS4-HMAC-SHA256 Credential=benchmark/20260101/us-east-1/any/aws4_request, SignedHeaders=host, Signature=none",
        };
        const sent = request(endpoint, { method: "POST", agent, headers }, (response) => {
          const pieces: Buffer[] = [];
          response.on("data", (piece: Buffer) => pieces.push(piece));
          response.once("error", reject);
          response.once("end", () => {
            const text = Buffer.concat(pieces).toString();
            if (response.statusCode === 200) resolve(JSON.parse(text));
            else reject(new Error(`${target} was answered ${response.statusCode}: ${text}`));
          });
        });
        sent.once("error", reject);
        sent.end(body);
      }),
    [Symbol.dispose]: () => agent.destroy(),
  };
}
