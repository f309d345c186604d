import { randomBytes } from "node:crypto";
import { DecryptCommand, EncryptCommand, GenerateDataKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type AwsClients, createAwsClients } from "./aws-clients.ts";
import { decodePlaintextFromBytes } from "./plaintext-from-bytes.ts";
import { type Answer, answerJson, startJsonServer } from "./testing/json-server.ts";

const region = "eu-west-1";
const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" };
const blob = Buffer.from("ciphertext blob");
let clients: AwsClients | undefined;

afterEach(() => {
  clients?.destroy();
  vi.restoreAllMocks();
});

async function serve(answer: Answer) {
  const server = await startJsonServer(answer);
  clients = createAwsClients({ regions: [region], endpoints: { [region]: { kms: server.url } }, credentials });
  return { server, kms: clients.region(region).kms };
}

describe("Plaintext of KMS answers", () => {
  it("arrives as a buffer with memory of its own, next to everything else of the answer", async () => {
    const key = randomBytes(32);
    const body = {
      CiphertextBlob: blob.toString("base64"),
      Plaintext: key.toString("base64"),
      KeyId: "arn",
      KeyMaterialId: "m",
    };
    const { server, kms } = await serve((_request, response) => answerJson(response, 200, body));
    await using _ = server;
    const output = await kms.send(new GenerateDataKeyCommand({ KeyId: "alias/a", KeySpec: "AES_256" }));
    expect(output.Plaintext).toBeInstanceOf(Buffer);
    expect(output.Plaintext).toEqual(key);
    expect(output.Plaintext?.buffer.byteLength).toBe(32);
    expect(Buffer.from(output.CiphertextBlob ?? [])).toEqual(blob);
    expect(output).toMatchObject({ KeyId: "arn", KeyMaterialId: "m", $metadata: { httpStatusCode: 200 } });
  });

  it("is never made into a string", async () => {
    const key = randomBytes(32);
    const text = key.toString("base64");
    const { server, kms } = await serve((_request, response) =>
      answerJson(response, 200, { Plaintext: text, KeyId: "arn" }),
    );
    await using _ = server;
    const parsed: string[] = [];
    const parse = JSON.parse;
    vi.spyOn(JSON, "parse").mockImplementation((json: string, reviver?: Parameters<typeof JSON.parse>[1]) => {
      parsed.push(json);
      return parse(json, reviver);
    });
    const output = await kms.send(new DecryptCommand({ CiphertextBlob: blob }));
    expect(output.Plaintext).toEqual(key);
    expect(parsed.some((json) => json.includes("arn"))).toBe(true);
    expect(parsed.some((json) => json.includes(text))).toBe(false);
  });

  it("arrives from a body sent in pieces of one byte", async () => {
    const key = randomBytes(32);
    const { server, kms } = await serve((_request, response) => {
      response.writeHead(200, { "content-type": "application/x-amz-json-1.1" });
      const document = `{ "KeyId" : "arn" ,\n "Plaintext" : "${key.toString("base64")}" }`;
      const write = (at: number): void => {
        if (at === document.length) response.end();
        else response.write(document.slice(at, at + 1), () => setImmediate(write, at + 1));
      };
      write(0);
    });
    await using _ = server;
    const output = await kms.send(new DecryptCommand({ CiphertextBlob: blob }));
    expect(output.Plaintext).toEqual(key);
  });

  it("is absent where the answer has none, and of concurrent calls each gets its own", async () => {
    const keys = new Map(Array.from({ length: 20 }, (_, index) => [`arn-${index}`, randomBytes(32)]));
    const { server, kms } = await serve((request, response) => {
      const { KeyId } = JSON.parse(request.body);
      const key = keys.get(KeyId);
      answerJson(response, 200, { KeyId, ...(key === undefined ? {} : { Plaintext: key.toString("base64") }) });
    });
    await using _ = server;
    const ask = (KeyId: string) => kms.send(new DecryptCommand({ KeyId, CiphertextBlob: blob }));
    const outputs = await Promise.all([...keys.keys(), "other"].map(ask));
    for (const { KeyId, Plaintext } of outputs) expect(Plaintext).toEqual(keys.get(KeyId ?? ""));
  });

  it("leaves no copy in the bytes that came from the socket, also when the answer breaks off", async () => {
    const text = randomBytes(32).toString("base64");
    const pieces = ['{"KeyId":"arn","Plain', `text":"${text.slice(0, 9)}`, `${text.slice(9)}"}`].map((piece) =>
      Buffer.from(piece),
    );
    for (const breaksOff of [false, true]) {
      const received = pieces.map((piece) => Buffer.from(piece));
      const body = async function* () {
        yield* received;
        if (breaksOff) throw new Error("reset");
      };
      const handler = { handle: async () => ({ response: { statusCode: 200, headers: {}, body: body() } }) };
      const allocated = vi.spyOn(Buffer, "alloc");
      const client = new KMSClient({ region, credentials, maxAttempts: 1, requestHandler: handler });
      decodePlaintextFromBytes(client);
      const call = client.send(new DecryptCommand({ CiphertextBlob: blob }));
      if (breaksOff) await expect(call).rejects.toThrow("reset");
      else expect(Buffer.from((await call).Plaintext ?? []).toString("base64")).toBe(text);
      const copies = allocated.mock.results.map(({ value }) => String(value));
      allocated.mockRestore();
      expect(copies.filter((copy) => copy.includes(text.slice(0, 9)))).toEqual([]);
      expect(received.every((piece) => piece.every((byte) => byte === 0))).toBe(true);
    }
  });

  it("is left to the SDK where its place cannot be told safely", async () => {
    const { server, kms } = await serve((_request, response) => {
      response.writeHead(200, { "content-type": "application/x-amz-json-1.1" });
      response.end('{"Plaintext":"\\u0041AAA"}');
    });
    await using _ = server;
    const output = await kms.send(new DecryptCommand({ CiphertextBlob: blob }));
    expect(Buffer.from(output.Plaintext ?? [])).toEqual(Buffer.from([0, 0, 0]));
  });

  it("leaves error answers, broken answers and other operations as they are", async () => {
    const { server, kms } = await serve((request, response) => {
      if (request.target.endsWith("Decrypt"))
        answerJson(response, 400, { __type: "DisabledException", message: "off" });
      else if (request.target.endsWith("Encrypt"))
        answerJson(response, 200, { CiphertextBlob: blob.toString("base64") });
      else response.writeHead(200).end('{"Plaintext":"QUJD", broken');
    });
    await using _ = server;
    await expect(kms.send(new DecryptCommand({ CiphertextBlob: blob }))).rejects.toMatchObject({
      name: "DisabledException",
    });
    await expect(kms.send(new GenerateDataKeyCommand({ KeyId: "k" }))).rejects.toThrow(SyntaxError);
    const output = await kms.send(new EncryptCommand({ KeyId: "k", Plaintext: Buffer.from("x") }));
    expect(Buffer.from(output.CiphertextBlob ?? [])).toEqual(blob);
  });

  it("a connection that breaks off within the answer is an error, and made once", async () => {
    const { server, kms } = await serve((_request, response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write('{"Plaintext":"QUJD', () => response.destroy());
    });
    await using _ = server;
    await expect(kms.send(new DecryptCommand({ CiphertextBlob: blob }))).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(server.seen).toHaveLength(1);
  });
});
