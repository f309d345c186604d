/**
 * Keeps KMS's `Plaintext` out of JavaScript strings.
 *
 * The SDK would turn the whole response into a string, and strings cannot be
 * wiped. Here the response's bytes are collected, the base64 value is decoded
 * from them into a buffer that the caller owns and can wipe, the wire bytes are
 * wiped, and the SDK reads a document without it. An error response, and one
 * whose value cannot be found safely, goes to the SDK as it came.
 */
import type { KMSClient } from "@aws-sdk/client-kms";
import { cutPlaintext } from "./cut-plaintext.ts";

const commands: ReadonlySet<unknown> = new Set(["GenerateDataKeyCommand", "DecryptCommand"]);

/** `Plaintext` of GenerateDataKey and Decrypt becomes a Buffer with its own memory. Call it once a client. */
export function decodePlaintextFromBytes(client: KMSClient): void {
  const found = new WeakMap<object, Buffer>();

  // Runs around the SDK's deserializer …
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (!commands.has(context.commandName)) return next(args);
      try {
        const result = await next(args);
        const plaintext = found.get(context);
        if (plaintext !== undefined && result.output !== undefined)
          Object.assign(result.output, { Plaintext: plaintext });
        return result;
      } catch (error) {
        found.get(context)?.fill(0);
        throw error;
      } finally {
        found.delete(context);
      }
    },
    { name: "dekhandReturnPlaintext", step: "deserialize", priority: "high" },
  );

  // … and this one between the wire and the deserializer.
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next(args);
      const { response } = result;
      if (!commands.has(context.commandName) || !isSuccess(response)) return result;
      const wire = await collect(response.body);
      const cut = cutPlaintext(wire);
      response.body = wire;
      if (cut === undefined) return result;
      response.body = cut.rest;
      wire.fill(0);
      found.set(context, cut.plaintext);
      return result;
    },
    { name: "dekhandCutPlaintext", step: "deserialize", priority: "low" },
  );
}

function isSuccess(response: unknown): response is { body: AsyncIterable<unknown> | Buffer } {
  if (typeof response !== "object" || response === null || !("statusCode" in response) || !("body" in response))
    return false;
  const { statusCode, body } = response;
  return statusCode === 200 && typeof body === "object" && body !== null && Symbol.asyncIterator in body;
}

/** All bytes of a body in one buffer; the pieces that came from the socket are wiped, also when the body breaks off. */
async function collect(body: AsyncIterable<unknown> | Iterable<unknown>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of body) if (piece instanceof Uint8Array) pieces.push(piece);
    const whole = Buffer.alloc(pieces.reduce((total, piece) => total + piece.length, 0));
    let at = 0;
    for (const piece of pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  } finally {
    for (const piece of pieces) piece.fill(0);
  }
}
