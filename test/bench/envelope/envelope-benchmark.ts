import { randomBytes } from "node:crypto";
import { type Benchmark, type Measurements, type Target, target } from "../benchmark.ts";
import { type InterleaveOptions, interleave, median, medianRatio } from "../interleave.ts";
import { dekhandCodec } from "./dekhand.ts";
import { encryptionSdkCodecs } from "./encryption-sdk.ts";
import { plainGcmCodec } from "./plain-gcm.ts";
import { sampleBindings } from "./sample-records.ts";

const KiB = 1024;
const sizes = [100, KiB, 16 * KiB, 256 * KiB, KiB * KiB];
const operations = ["seal", "open"] as const;

export const envelopeBenchmark: Benchmark = {
  name: "envelope",
  summary: "seal and open, beside plain AES-256-GCM and the AWS Encryption SDK",
  async run({ quick }) {
    const options = quick ? quickRun : fullRun;
    const rows: EnvelopeRow[] = [];
    for (const bytes of sizes) rows.push(...(await measureSize(bytes, options)));
    return { method: method(options), table: { columns, rows }, targets: targetsOf(rows) };
  },
};

const fullRun: InterleaveOptions = { rounds: 25, sliceMs: 100, warmUpCalls: 20_000, warmUpMs: 400 };
const quickRun: InterleaveOptions = { rounds: 9, sliceMs: 25, warmUpCalls: 20_000, warmUpMs: 100 };

interface EnvelopeRow extends Readonly<Record<string, string | number>> {
  readonly operation: (typeof operations)[number];
  readonly bytes: number;
  readonly toPlainGcm: number;
  readonly toSdkCached: number;
}

const columns: Measurements["table"]["columns"] = [
  { key: "operation", title: "operation" },
  { key: "bytes", title: "bytes" },
  { key: "dekhandMicros", title: "Dekhand", unit: "us" },
  { key: "plainGcmMicros", title: "plain GCM", unit: "us" },
  { key: "sdkCachedMicros", title: "Encryption SDK, cached", unit: "us" },
  { key: "sdkMicros", title: "Encryption SDK", unit: "us" },
  { key: "toPlainGcm", title: "Dekhand / plain GCM", unit: "x" },
  { key: "toSdkCached", title: "SDK cached / Dekhand", unit: "x" },
  { key: "toSdk", title: "SDK / Dekhand", unit: "x" },
];

async function measureSize(bytes: number, options: InterleaveOptions): Promise<EnvelopeRow[]> {
  const plaintext = randomBytes(bytes);
  const bindings = sampleBindings(bytes);
  const dekhand = dekhandCodec(bindings, plaintext);
  const plainGcm = plainGcmCodec(bindings, plaintext);
  const { fresh: sdk, cached: sdkCached } = await encryptionSdkCodecs(plaintext);
  const rows: EnvelopeRow[] = [];
  for (const operation of operations) {
    const timings = await interleave(
      new Map([
        ["dekhand", dekhand[operation]],
        ["plainGcm", plainGcm[operation]],
        ["sdkCached", sdkCached[operation]],
        ["sdk", sdk[operation]],
      ]),
      { ...options, seldom: ["sdkCached", "sdk"] },
    );
    rows.push({
      operation,
      bytes,
      dekhandMicros: median(timings("dekhand")),
      plainGcmMicros: median(timings("plainGcm")),
      sdkCachedMicros: median(timings("sdkCached")),
      sdkMicros: median(timings("sdk")),
      toPlainGcm: medianRatio(timings("dekhand"), timings("plainGcm")),
      toSdkCached: medianRatio(timings("sdkCached"), timings("dekhand")),
      toSdk: medianRatio(timings("sdk"), timings("dekhand")),
    });
  }
  return rows;
}

function targetsOf(rows: readonly EnvelopeRow[]): readonly Target[] {
  return rows.flatMap(({ operation, bytes, toPlainGcm, toSdkCached }) => {
    const title = `${operation} ${bytes} B`;
    const targets: Target[] = [];
    if (bytes <= KiB) targets.push(target(`${title}: CPU / plain GCM`, "at most", 2.2, toPlainGcm));
    if (bytes >= 256 * KiB) targets.push(target(`${title}: CPU / plain GCM`, "at most", 1.3, toPlainGcm));
    if (bytes === KiB) targets.push(target(`${title}: Encryption SDK cached / CPU`, "at least", 20, toSdkCached));
    return targets;
  });
}

function method({ rounds, sliceMs, warmUpCalls }: InterleaveOptions): string {
  return [
    `CPU time (user and system) of one operation; medians of ${rounds} interleaved rounds of about ${sliceMs} ms each`,
    `for every contestant (the Encryption SDK in every third), after up to ${warmUpCalls} calls to warm up.`,
    "Ratios are medians of the ratios inside a round.",
    "Plain GCM: AES-256-GCM under one fixed key, nonce, ciphertext and tag in one buffer, additional authenticated data",
    "of the same length ready made. Encryption SDK: @aws-crypto/client-node with a raw AES keyring, unsigned suite",
    "AES-256-GCM with HKDF and key commitment, with and without its cache.",
  ].join(" ");
}
