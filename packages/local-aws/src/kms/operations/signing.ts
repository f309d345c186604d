/** Signatures by asymmetric keys. Their private part never leaves the store; GetPublicKey gives the other one. */
import { createHash, createPublicKey, type KeyObject } from "node:crypto";
import { AwsFault, type JsonObject } from "../../service.ts";
import { readChoice, requireBytes, requireText, validation } from "../input.ts";
import { currentMaterial, KEY_SPECS, type KeySpec, type RegionalKey } from "../key-model.ts";
import { requireState } from "../key-state.ts";
import type { KmsCall, KmsOperation } from "../operation.ts";
import { resolveKey } from "../resolve-key.ts";
import * as ecdsa from "../signing/ecdsa-p256.ts";
import * as pss from "../signing/rsa-pss.ts";
import { answerDryRun, usableKey, used } from "../use-key.ts";
import { unsupported } from "./keys.ts";

const MAX_MESSAGE_BYTES = 4096;
const MAX_SIGNATURE_BYTES = 6144;
const DIGEST_BYTES = 32;

interface Scheme {
  readonly signDigest: (key: KeyObject, digest: Buffer) => Buffer;
  readonly isSignatureOf: (key: KeyObject, digest: Buffer, claim: { readonly signature: Buffer }) => boolean;
}

const schemes: ReadonlyMap<string, Scheme> = new Map<string, Scheme>([
  ["ECDSA_SHA_256", ecdsa],
  ["RSASSA_PSS_SHA_256", pss],
]);

/** Those of KMS that fit a kind of key; the first of each is the one that is emulated. */
const algorithmsOf: Readonly<Partial<Record<KeySpec, readonly string[]>>> = {
  ECC_NIST_P256: ["ECDSA_SHA_256"],
  RSA_2048: ["PSS", "PKCS1_V1_5"].flatMap((kind) => ["256", "384", "512"].map((bits) => `RSASSA_${kind}_SHA_${bits}`)),
};
const otherAlgorithms = [
  "ECDSA_SHA_384",
  "ECDSA_SHA_512",
  "SM2DSA",
  "ML_DSA_SHAKE_256",
  "ED25519_SHA_512",
  "ED25519_PH_SHA_512",
];
const allAlgorithms = [...Object.values(algorithmsOf).flat(), ...otherAlgorithms];

export const sign: KmsOperation = (call, input) => {
  const { key, algorithm, scheme, digest } = readRequest(call, input);
  answerDryRun(input);
  const signature = scheme.signDigest(currentMaterial(key.family).secret, digest);
  used(call, key, "Sign");
  return { KeyId: key.arn, Signature: signature.toString("base64"), SigningAlgorithm: algorithm };
};

export const verify: KmsOperation = (call, input) => {
  const { key, algorithm, scheme, digest } = readRequest(call, input);
  const signature = requireBytes(input, "Signature", MAX_SIGNATURE_BYTES);
  if (!scheme.isSignatureOf(currentMaterial(key.family).secret, digest, { signature })) {
    throw new AwsFault("KMSInvalidSignatureException", "");
  }
  answerDryRun(input);
  used(call, key, "Verify");
  return { KeyId: key.arn, SignatureValid: true, SigningAlgorithm: algorithm };
};

export const getPublicKey: KmsOperation = ({ store, region }, input) => {
  const key = resolveKey(store, region, requireText(input, "KeyId"), { malformedArn: "InvalidArnException" });
  const { spec } = key.family;
  if (algorithmsOf[spec] === undefined) throw unsupported(`${key.arn} has no public key.`);
  requireState(key, "use", store.now());
  answerDryRun(input);
  const publicKey = createPublicKey(currentMaterial(key.family).secret).export({ type: "spki", format: "der" });
  return {
    KeyId: key.arn,
    PublicKey: publicKey.toString("base64"),
    KeySpec: spec,
    CustomerMasterKeySpec: spec,
    KeyUsage: KEY_SPECS[spec].usage,
    SigningAlgorithms: [...KEY_SPECS[spec].signing],
  };
};

interface Request {
  readonly key: RegionalKey;
  readonly algorithm: string;
  readonly scheme: Scheme;
  readonly digest: Buffer;
}

function readRequest(call: KmsCall, input: JsonObject): Request {
  const key = usableKey(call, requireText(input, "KeyId"), "SIGN_VERIFY");
  requireText(input, "SigningAlgorithm");
  const algorithm = readChoice(input, "SigningAlgorithm", allAlgorithms) ?? "";
  if (!algorithmsOf[key.family.spec]?.includes(algorithm)) {
    throw new AwsFault(
      "InvalidKeyUsageException",
      `Algorithm ${algorithm} is incompatible with key spec ${key.family.spec}.`,
    );
  }
  const scheme = schemes.get(algorithm);
  if (scheme === undefined) throw unsupported("This emulator does not sign with that algorithm.");
  return { key, algorithm, scheme, digest: readDigest(input) };
}

function readDigest(input: JsonObject): Buffer {
  const message = requireBytes(input, "Message", MAX_MESSAGE_BYTES);
  const type = readChoice(input, "MessageType", ["RAW", "DIGEST", "EXTERNAL_MU"]) ?? "RAW";
  if (type === "EXTERNAL_MU") throw validation("EXTERNAL_MU is for ML-DSA keys.");
  if (type === "RAW") return createHash("sha256").update(message).digest();
  if (message.length !== DIGEST_BYTES) throw validation("Digest is invalid length for the signing algorithm.");
  return message;
}
