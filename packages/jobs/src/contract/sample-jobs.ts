import { toHeader, toSealedWire } from "../contracts/encode-encrypt-job.ts";
import type { EncryptJobInput } from "../contracts/encrypt-job.ts";
import type { EncryptJobWire } from "../contracts/wire-schema.ts";
import type { TransitPublicKey } from "../transit/transit-key.ts";
import { sealForTransit } from "../transit/transit-seal.ts";

let made = 0;

export function sampleJob(parts: Partial<EncryptJobInput> = {}): EncryptJobInput & { readonly id: string } {
  made += 1;
  return {
    id: `job-${made}`,
    recordId: `record-${made}`,
    profile: "pii",
    context: { tenant: "acme" },
    contentType: "text/plain",
    payload: Buffer.from(`payload of job ${made}`),
    ...parts,
  };
}

/** The wire form of a job whose payload is sealed to `transit`. */
export async function sealedWire(transit: TransitPublicKey, job: EncryptJobInput): Promise<EncryptJobWire> {
  const header = toHeader(job);
  return toSealedWire(header, await sealForTransit(transit, header, job.payload));
}
