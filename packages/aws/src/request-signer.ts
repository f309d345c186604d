/**
 * Signs requests of AWS's JSON protocols by Signature Version 4, with the headers' form.
 *
 * The SDK's own signer hashes the credentials at every request to look up the day's signing key, and hashes and copies in
 * small steps; it takes a fifth of a small call's CPU time. This one keeps the key for as long as credentials, day,
 * Region and service are the same, and gives the same signatures. Credentials and time stay the SDK's affair: it asks
 * its own provider, and corrects the clock.
 *
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import { createHmac, createSecretKey, hash, type KeyObject } from "node:crypto";
import type { KMSClientConfig } from "@aws-sdk/client-kms";
import { AwsError } from "./errors.ts";

/** What the `signer` of an SDK client's configuration may be. */
export type RequestSigner = Extract<NonNullable<KMSClientConfig["signer"]>, (...scheme: never) => unknown>;
type Signer = Awaited<ReturnType<RequestSigner>>;
type Request = Parameters<Signer["sign"]>[0];

export interface RequestSignerOptions {
  readonly region: string;
  /** As signatures name it. */
  readonly service: string;
  /** Asked at every request: credentials change. */
  readonly credentials: () => Promise<SigningCredentials>;
}

export interface SigningCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/**
 * An endpoint may ask for signatures of another Region. Signing throws AWS_REQUEST_UNSIGNABLE for a request of another form,
 * and what asking for the credentials fails with.
 */
export function createRequestSigner({ region, service, credentials }: RequestSignerOptions): RequestSigner {
  const keyFor = createKeyKeeper();
  const signerFor = (scope: { readonly region: string; readonly service: string }): Signer => ({
    async sign(request, { signingDate = new Date(), signingRegion, signingService } = {}) {
      const time = new Date(signingDate).toISOString().replace(/[-:]|\.\d{3}/g, "");
      const [forRegion, forService] = [signingRegion ?? scope.region, signingService ?? scope.service];
      return signRequest(request, await credentials(), {
        time,
        scope: `${time.slice(0, 8)}/${forRegion}/${forService}/aws4_request`,
        keyFor,
      });
    },
  });
  const usual = signerFor({ region, service });
  return async (scheme) => {
    const { signingRegion = region, signingName = service } = scheme ?? {};
    if (signingRegion === region && signingName === service) return usual;
    return signerFor({ region: signingRegion, service: signingName });
  };
}

interface Signing {
  /** ISO 8601, basic format, to the second. */
  readonly time: string;
  /** `<day>/<region>/<service>/aws4_request` */
  readonly scope: string;
  readonly keyFor: KeyKeeper;
}

function signRequest(request: Request, credentials: SigningCredentials, { time, scope, keyFor }: Signing): Request {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const payload = hash("sha256", bodyOf(request), "hex");
  // What an earlier attempt was signed with does not count.
  const { authorization: _, "x-amz-security-token": __, ...given } = request.headers;
  const headers: Record<string, string> = { ...given, "x-amz-date": time, "x-amz-content-sha256": payload };
  if (sessionToken) headers["x-amz-security-token"] = sessionToken;
  const { names, text } = canonicalRequest(request, headers, payload);
  const toSign = `${algorithm}\n${time}\n${scope}\n${hash("sha256", text, "hex")}`;
  const signature = createHmac("sha256", keyFor(secretAccessKey, scope)).update(toSign).digest("hex");
  headers.authorization = `${algorithm} Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  return { ...request, headers };
}

const algorithm = "AWS4-HMAC-SHA256";

type KeyKeeper = (secretAccessKey: string, scope: string) => KeyObject;

/** Derives a signing key once, and again when something that it is derived from has changed. */
function createKeyKeeper(): KeyKeeper {
  let kept: { readonly secretAccessKey: string; readonly scope: string; readonly key: KeyObject } | undefined;
  return (secretAccessKey, scope) => {
    if (kept?.scope !== scope || kept.secretAccessKey !== secretAccessKey) {
      const derive = (key: Buffer, part: string) => createHmac("sha256", key).update(part).digest();
      const key = createSecretKey(scope.split("/").reduce(derive, Buffer.from(`AWS4${secretAccessKey}`)));
      kept = { secretAccessKey, scope, key };
    }
    return kept.key;
  };
}

/** What proxies and the transport may change on the way. */
const unsignedHeaders: ReadonlySet<string> = new Set([
  "authorization",
  "cache-control",
  "connection",
  "expect",
  "from",
  "keep-alive",
  "max-forwards",
  "pragma",
  "referer",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "user-agent",
  "x-amzn-trace-id",
]);

function canonicalRequest({ method, path, query }: Request, headers: Record<string, string>, payload: string) {
  if (query !== undefined && Object.keys(query).length > 0) throw unsignable("to have no query");
  const signed = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    if (unsignedHeaders.has(lower) || lower.startsWith("proxy-") || lower.startsWith("sec-")) continue;
    signed.set(lower, value);
  }
  const sorted = [...signed.keys()].sort();
  const lines = sorted.map((name) => `${name}:${oneLine(signed.get(name) ?? "")}`);
  const names = sorted.join(";");
  return { names, text: `${method}\n${canonicalPath(path)}\n\n${lines.join("\n")}\n\n${names}\n${payload}` };
}

function oneLine(value: string): string {
  return /[\r\n\t]| {2}|^ | $/.test(value) ? value.replace(/[\r\n\t ]+/g, " ").replace(/^ | $/g, "") : value;
}

/** An endpoint of one's own may stand below a path. */
function canonicalPath(path: string): string {
  if (path === "/") return path;
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(escapePart(part));
  }
  const end = parts.length > 0 && path.endsWith("/") ? "/" : "";
  return `/${parts.join("/")}${end}`;
}

function escapePart(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

function bodyOf({ body }: Request): string | Uint8Array {
  if (body === undefined || body === null) return "";
  if (typeof body === "string" || body instanceof Uint8Array) return body;
  throw unsignable("its body in one piece");
}

function unsignable(needed: string): AwsError {
  return new AwsError("AWS_REQUEST_UNSIGNABLE", `a request that is signed here needs ${needed}`);
}
