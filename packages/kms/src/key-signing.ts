/** Signatures and MACs by keys that never leave KMS: what makes a document of evidence provable. */
import type { MacAlgorithmSpec } from "@aws-sdk/client-kms";
import type { CallOptions } from "./call-options.ts";

/** KMS's algorithms over a SHA-256 digest; which of them fits is the key's spec's to say. */
export type SigningAlgorithm = "ECDSA_SHA_256" | "RSASSA_PSS_SHA_256" | "RSASSA_PKCS1_V1_5_SHA_256";
/** Which of them fits is the key's spec's to say: `HMAC_SHA_256` goes with `HMAC_256`. */
export type MacAlgorithm = MacAlgorithmSpec;

/** Every call throws KmsError and nothing else; `poison` where key and algorithm do not fit. */
export interface KeySigning {
  /** `signature`: DER for ECDSA. */
  sign(request: SignRequest, options?: CallOptions): Promise<{ readonly signature: Uint8Array }>;
  /** Whether it is the key's signature of the digest. */
  verify(request: SignRequest & { readonly signature: Uint8Array }, options?: CallOptions): Promise<boolean>;
  generateMac(request: MacRequest, options?: CallOptions): Promise<{ readonly mac: Uint8Array }>;
  /** Whether it is the key's MAC of the message. */
  verifyMac(request: MacRequest & { readonly mac: Uint8Array }, options?: CallOptions): Promise<boolean>;
}

export interface SignRequest {
  readonly keyArn: string;
  /** SHA-256, 32 bytes. */
  readonly digest: Uint8Array;
  readonly algorithm: SigningAlgorithm;
}

export interface MacRequest {
  readonly keyArn: string;
  /** 1 to 4,096 bytes. */
  readonly message: Uint8Array;
  readonly algorithm: MacAlgorithm;
}
