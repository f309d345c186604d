/** What is asked of KMS for the sake of a DEK: made, unwrapped, wrapped, rewrapped. */
import {
  DecryptCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  ReEncryptCommand,
  type ReEncryptCommandInput,
} from "@aws-sdk/client-kms";
import { decryptFlightKey } from "./coalesce.ts";
import type { CryptographicCalls, DecryptedBlob } from "./governor-types.ts";
import type { KmsPipe } from "./kms-pipe.ts";
import { readDataKey, readDecrypted, readEncrypted, readReEncrypted } from "./read-answers.ts";
import { refusalAsAnswer } from "./refusal-as-answer.ts";

export function createCryptographicCalls({ client, run, flights }: KmsPipe): CryptographicCalls {
  const decrypts = flights<DecryptedBlob>(copyDecrypted);

  return {
    generateDataKey({ keyArn, context }, options = {}) {
      const input = { KeyId: keyArn, KeySpec: "AES_256", EncryptionContext: { ...context } } as const;
      const send = async (abortSignal: AbortSignal) =>
        readDataKey(await client.send(new GenerateDataKeyCommand(input), { abortSignal }));
      return run({ operation: "GenerateDataKey", keyId: keyArn, send, wipe: wipePlaintext }, options);
    },
    decrypt({ keyArn, blob, context }, options = {}) {
      const input = { KeyId: keyArn, CiphertextBlob: blob, EncryptionContext: { ...context } };
      const send = async (abortSignal: AbortSignal) =>
        readDecrypted(await client.send(new DecryptCommand(input), { abortSignal }));
      const { priority = "interactive" } = options;
      const flight = { key: decryptFlightKey({ keyArn, blob, context, priority }), among: decrypts };
      return run({ operation: "Decrypt", keyId: keyArn, send, wipe: wipePlaintext, flight }, options);
    },
    encrypt({ keyArn, plaintext, context }, options = {}) {
      const input = { KeyId: keyArn, Plaintext: plaintext, EncryptionContext: { ...context } };
      const send = async (abortSignal: AbortSignal) =>
        readEncrypted(await client.send(new EncryptCommand(input), { abortSignal }));
      return run({ operation: "Encrypt", keyId: keyArn, send }, options);
    },
    reEncrypt({ blob, ...request }, options = {}) {
      const input = { ...namedIn(request), CiphertextBlob: blob };
      const send = async (abortSignal: AbortSignal) =>
        readReEncrypted(await client.send(new ReEncryptCommand(input), { abortSignal }));
      return run({ operation: "ReEncrypt", keyId: request.targetKeyArn, send }, options);
    },
    probeReEncrypt({ blob, ...request }, options = {}) {
      const input: ReEncryptCommandInput = {
        ...namedIn(request),
        ...(blob === undefined ? { DryRunModifiers: ["IGNORE_CIPHERTEXT"] } : { CiphertextBlob: blob }),
        DryRun: true,
      };
      const sendOnce = async (abortSignal: AbortSignal) => {
        // An endpoint that knows no dry runs has re-encrypted: that it succeeded is all that was asked.
        await client.send(new ReEncryptCommand(input), { abortSignal });
      };
      const send = (signal: AbortSignal) =>
        refusalAsAnswer(sendOnce(signal), { when: wouldHaveSucceeded, answer: undefined });
      return run({ operation: "ReEncrypt", keyId: request.targetKeyArn, send }, options);
    },
  };
}

type ReEncryptRequest = Parameters<CryptographicCalls["reEncrypt"]>[0];

/** The keys and contexts of a ReEncrypt. */
function namedIn({ sourceKeyArn, sourceContext, targetKeyArn, targetContext }: Omit<ReEncryptRequest, "blob">) {
  return {
    SourceKeyId: sourceKeyArn,
    SourceEncryptionContext: { ...sourceContext },
    DestinationKeyId: targetKeyArn,
    DestinationEncryptionContext: { ...targetContext },
  };
}

function wouldHaveSucceeded({ name }: Error): boolean {
  return name === "DryRunOperationException";
}

function copyDecrypted({ plaintext, ...rest }: DecryptedBlob): DecryptedBlob {
  // Of its own memory: Buffer.from would take a piece of Node's shared pool.
  const own = Buffer.alloc(plaintext.length);
  plaintext.copy(own);
  return { ...rest, plaintext: own };
}

function wipePlaintext({ plaintext }: { readonly plaintext: Buffer }): void {
  plaintext.fill(0);
}
