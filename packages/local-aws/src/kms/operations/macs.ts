/** Message authentication codes by HMAC keys. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { AwsFault, type JsonObject } from "../../service.ts";
import { readChoice, requireBytes, requireText } from "../input.ts";
import { currentMaterial, type RegionalKey } from "../key-model.ts";
import type { KmsCall, KmsOperation } from "../operation.ts";
import { answerDryRun, usableKey, used } from "../use-key.ts";

const MAX_MESSAGE_BYTES = 4096;
const MAX_MAC_BYTES = 6144;
/** The one that goes with keys of 256 bits, the only ones here. */
const ALGORITHM = "HMAC_SHA_256";

export const generateMac: KmsOperation = (call, input) => {
  const { key, mac } = computed(call, input);
  answerDryRun(input);
  used(call, key, "GenerateMac");
  return { KeyId: key.arn, Mac: mac.toString("base64"), MacAlgorithm: ALGORITHM };
};

export const verifyMac: KmsOperation = (call, input) => {
  const { key, mac } = computed(call, input);
  const claimed = requireBytes(input, "Mac", MAX_MAC_BYTES);
  if (claimed.length !== mac.length || !timingSafeEqual(claimed, mac)) throw new AwsFault("KMSInvalidMacException", "");
  answerDryRun(input);
  used(call, key, "VerifyMac");
  return { KeyId: key.arn, MacValid: true, MacAlgorithm: ALGORITHM };
};

function computed(call: KmsCall, input: JsonObject): { readonly key: RegionalKey; readonly mac: Buffer } {
  const key = usableKey(call, requireText(input, "KeyId"), "GENERATE_VERIFY_MAC");
  requireText(input, "MacAlgorithm");
  const algorithm = readChoice(input, "MacAlgorithm", ["HMAC_SHA_224", ALGORITHM, "HMAC_SHA_384", "HMAC_SHA_512"]);
  if (algorithm !== ALGORITHM) {
    throw new AwsFault(
      "InvalidKeyUsageException",
      `Algorithm ${algorithm} is incompatible with key spec ${key.family.spec}.`,
    );
  }
  const message = requireBytes(input, "Message", MAX_MESSAGE_BYTES);
  return { key, mac: createHmac("sha256", currentMaterial(key.family).secret).update(message).digest() };
}
