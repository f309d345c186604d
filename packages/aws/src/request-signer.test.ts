import { KMSClient } from "@aws-sdk/client-kms";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRequestSigner, type SigningCredentials } from "./request-signer.ts";

const region = "eu-west-1";
const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
const at = new Date("2026-11-26T08:30:00.123Z");

type Signer = ReturnType<typeof createRequestSigner>;
type Request = Parameters<Awaited<ReturnType<Signer>>["sign"]>[0];
type Scheme = Parameters<Signer>[0];

/** As an SDK client without a signer of ours would sign it. */
async function signedBySdk(request: Request, signing: SigningCredentials, scheme?: Scheme): Promise<Request> {
  const { sessionToken, ...keys } = signing;
  const client = new KMSClient({ region, credentials: { ...keys, ...(sessionToken ? { sessionToken } : {}) } });
  const signer = await client.config.signer(scheme);
  return await signer.sign(request, { signingDate: at });
}

async function signed(request: Request, signing: SigningCredentials, scheme?: Scheme): Promise<Request> {
  const signer = createRequestSigner({ region, service: "kms", credentials: async () => signing });
  return await (await signer(scheme)).sign(request, { signingDate: at });
}

function requestOf(changes: Partial<Request> = {}): Request {
  const headers = {
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": "TrentService.ReEncrypt",
    host: "kms.eu-west-1.amazonaws.com",
    "content-length": "2",
    "user-agent": "aws-sdk-js/3",
    "amz-sdk-request": "attempt=1; max=1",
  };
  const hostname = "kms.eu-west-1.amazonaws.com";
  return { method: "POST", protocol: "https:", hostname, path: "/", query: {}, headers, body: "{}", ...changes };
}

describe("a signature", () => {
  it("is the one that the SDK makes, whatever the request, its headers and the credentials are", async () => {
    const value = fc.string({ unit: fc.constantFrom(..."ab =/;\t\r\n,é".split("")), maxLength: 20 });
    const names = ["host", "x-amz-target", "X-Amz-Trace", "cache-control", "Proxy-Any", "sec-any", "amz-sdk-request"];
    const part = fc.string({ unit: fc.constantFrom(..."ab!'()*%20é~ ".split("")), maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.constantFrom(...names), value),
        fc.oneof(fc.string(), fc.uint8Array(), fc.constant(undefined)),
        fc.array(fc.oneof(part, fc.constantFrom("..", ".", "")), { maxLength: 4 }),
        fc.record({
          accessKeyId: fc.string({ minLength: 1 }),
          secretAccessKey: fc.string({ minLength: 1 }),
          sessionToken: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
        }),
        async (headers, body, path, signing) => {
          const request = requestOf({ headers, body, path: `/${path.join("/")}` });
          const { headers: expected } = await signedBySdk(request, signing);
          expect((await signed(request, signing)).headers).toEqual(expected);
        },
      ),
    );
  });

  it("is for the Region and service that an endpoint names", async () => {
    const scheme = { name: "sigv4", signingName: "dynamodb", signingRegion: "us-east-1", properties: {} };
    const { headers } = await signed(requestOf(), credentials, scheme);
    expect(headers).toEqual((await signedBySdk(requestOf(), credentials, scheme)).headers);
    expect(headers.authorization).toContain("/20261126/us-east-1/dynamodb/aws4_request");
  });

  it("of another attempt does not contain the one before", async () => {
    const session = { ...credentials, sessionToken: "of a role" };
    const again = await signed(await signed(requestOf(), session), credentials);
    expect(again.headers).toEqual((await signed(requestOf(), credentials)).headers);
  });

  it("follows changed credentials, another day and another Region", async () => {
    let current: SigningCredentials = credentials;
    const signer = createRequestSigner({ region, service: "kms", credentials: async () => current });
    const authorizations = new Set<string | undefined>();
    const sign = async (signingDate: Date, signingRegion: string) => {
      const request = await (await signer()).sign(requestOf(), { signingDate, signingRegion });
      authorizations.add(request.headers.authorization);
    };
    await sign(at, region);
    await sign(at, region);
    expect(authorizations.size).toBe(1);
    await sign(at, "us-east-1");
    await sign(new Date("2026-11-27T00:00:00Z"), region);
    current = { ...credentials, secretAccessKey: "another" };
    await sign(at, region);
    expect(authorizations.size).toBe(4);
  });

  it("leaves the request that it was asked for as it was", async () => {
    const request = requestOf();
    await signed(request, credentials);
    expect(request).toEqual(requestOf());
  });

  it.each([{ query: { a: "b" } }, { body: new Blob(["{}"]).stream() }])(
    "is refused for what AWS's JSON protocols do not send: %j",
    async (changes) => {
      await expect(signed(requestOf(changes), credentials)).rejects.toMatchObject({ code: "AWS_REQUEST_UNSIGNABLE" });
    },
  );
});
