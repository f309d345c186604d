/** The secret part of a key's material: made, kept as text in `kms.json`, and read back. */
import { createPrivateKey, createSecretKey, generateKeyPair, type KeyObject, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { unreadable } from "../state/stored-json.ts";
import type { KeySpec } from "./key-model.ts";

const SECRET_BYTES = 32;
const newPair = promisify(generateKeyPair);

/** A pair of RSA keys takes a while to find, so it is waited for. */
export async function makeSecret(spec: KeySpec): Promise<KeyObject> {
  switch (spec) {
    case "SYMMETRIC_DEFAULT":
    case "HMAC_256":
      return symmetricSecret();
    case "ECC_NIST_P256":
      return (await newPair("ec", { namedCurve: "prime256v1" })).privateKey;
    case "RSA_2048":
      return (await newPair("rsa", { modulusLength: 2048 })).privateKey;
  }
}

export function symmetricSecret(): KeyObject {
  return createSecretKey(randomBytes(SECRET_BYTES));
}

export function secretText(secret: KeyObject): string {
  const bytes = secret.type === "secret" ? secret.export() : secret.export({ type: "pkcs8", format: "der" });
  return bytes.toString("base64");
}

/** Throws LOCAL_AWS_STATE_UNREADABLE. */
export function readSecret(spec: KeySpec, text: string): KeyObject {
  const bytes = Buffer.from(text, "base64");
  if (spec === "SYMMETRIC_DEFAULT" || spec === "HMAC_256") {
    if (bytes.length !== SECRET_BYTES) throw unreadable("a key's material has another length");
    return createSecretKey(bytes);
  }
  const secret = privateKey(bytes);
  if (secret?.asymmetricKeyType !== (spec === "RSA_2048" ? "rsa" : "ec")) throw unreadable("a key is of another kind");
  return secret;
}

function privateKey(bytes: Buffer): KeyObject | undefined {
  try {
    return createPrivateKey({ key: bytes, type: "pkcs8", format: "der" });
  } catch {
    // Reported by the caller, without the parser's message.
    return undefined;
  }
}
