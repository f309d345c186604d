import { GenerateMacCommand, SignCommand, VerifyCommand, VerifyMacCommand } from "@aws-sdk/client-kms";
import type { KeySigning, MacRequest, SignRequest } from "./key-signing.ts";
import type { KmsPipe } from "./kms-pipe.ts";
import { malformedAnswer } from "./malformed-answer.ts";
import { refusalAsAnswer } from "./refusal-as-answer.ts";

export function createSigningCalls({ client, run }: KmsPipe): KeySigning {
  return {
    sign(request, options = {}) {
      const input = signed(request);
      const send = async (abortSignal: AbortSignal) => {
        const { Signature } = await client.send(new SignCommand(input), { abortSignal });
        if (!Signature?.length) throw malformedAnswer();
        return { signature: Signature };
      };
      return run({ operation: "Sign", keyId: request.keyArn, send }, options);
    },
    verify({ signature, ...request }, options = {}) {
      const input = { ...signed(request), Signature: signature };
      const sendOnce = async (abortSignal: AbortSignal) =>
        (await client.send(new VerifyCommand(input), { abortSignal })).SignatureValid === true;
      const send = (signal: AbortSignal) => refusalAsAnswer(sendOnce(signal), { when: doesNotFit, answer: false });
      return run({ operation: "Verify", keyId: request.keyArn, send }, options);
    },
    generateMac(request, options = {}) {
      const input = authenticated(request);
      const send = async (abortSignal: AbortSignal) => {
        const { Mac } = await client.send(new GenerateMacCommand(input), { abortSignal });
        if (!Mac?.length) throw malformedAnswer();
        return { mac: Mac };
      };
      return run({ operation: "GenerateMac", keyId: request.keyArn, send }, options);
    },
    verifyMac({ mac, ...request }, options = {}) {
      const input = { ...authenticated(request), Mac: mac };
      const sendOnce = async (abortSignal: AbortSignal) =>
        (await client.send(new VerifyMacCommand(input), { abortSignal })).MacValid === true;
      const send = (signal: AbortSignal) => refusalAsAnswer(sendOnce(signal), { when: doesNotFit, answer: false });
      return run({ operation: "VerifyMac", keyId: request.keyArn, send }, options);
    },
  };
}

function signed({ keyArn, digest, algorithm }: SignRequest) {
  return { KeyId: keyArn, Message: digest, MessageType: "DIGEST", SigningAlgorithm: algorithm } as const;
}

function authenticated({ keyArn, message, algorithm }: MacRequest) {
  return { KeyId: keyArn, Message: message, MacAlgorithm: algorithm } as const;
}

function doesNotFit({ name }: Error): boolean {
  return name === "KMSInvalidSignatureException" || name === "KMSInvalidMacException";
}
