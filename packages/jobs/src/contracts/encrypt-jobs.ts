/** Encrypt jobs as consumers take them: their payloads opened where they are transit-sealed. */

import { JobsError, type Rejection } from "../errors.ts";
import type { JobKind, JobMessage, OpenedJob } from "../job-kind.ts";
import type { TransitKeyring } from "../transit/transit-keyring.ts";
import { openFromTransit } from "../transit/transit-seal.ts";
import type { EncryptJob, EncryptJobMessage } from "./encrypt-job.ts";
import { refuse } from "./job-head.ts";
import { type ParseOptions, parseEncryptJob } from "./parse-encrypt-job.ts";

export interface EncryptJobsOptions extends ParseOptions {
  /** Opens transit-sealed payloads. Without it every sealed job is rejected. */
  readonly transit?: TransitKeyring;
}

export function encryptJobs({ transit, ...parse }: EncryptJobsOptions = {}): JobKind<EncryptJob> {
  return {
    name: "encrypt",
    parse(value) {
      const parsed = parseEncryptJob(value, parse);
      return parsed.ok ? { ok: true, message: toJobMessage(parsed.message, transit) } : parsed;
    },
  };
}

function toJobMessage(message: EncryptJobMessage, transit: TransitKeyring | undefined): JobMessage<EncryptJob> {
  const { header } = message;
  const ids = { jobId: header.id, recordId: header.recordId };
  if (message.form === "plain") {
    const { payload } = message;
    return {
      ids,
      bytes: payload.length,
      unfitForRedis: plainOverRedis(ids),
      open: async () => ({ ok: true, job: { ...header, payload } }),
      wipe: () => void payload.fill(0),
    };
  }
  let opened: Buffer | undefined;
  return {
    ids,
    bytes: message.sealed.ciphertext.length,
    async open({ signal }) {
      const result = await openSealed(message, transit, signal);
      if (result.ok) opened = result.job.payload;
      return result;
    },
    wipe: () => void opened?.fill(0),
  };
}

function plainOverRedis(ids: Pick<Rejection, "jobId" | "recordId">): Rejection {
  const text = "a payload may travel through Redis only transit-sealed; it was removed";
  return refuse(ids, "JOBS_PAYLOAD_PLAIN_OVER_REDIS", text).rejection;
}

/** Rejects with the keyring's error where the key could not be looked up. */
async function openSealed(
  { header, sealed }: EncryptJobMessage & { readonly form: "sealed" },
  transit: TransitKeyring | undefined,
  signal: AbortSignal,
): Promise<OpenedJob<EncryptJob>> {
  const ids = { jobId: header.id, recordId: header.recordId };
  const key = await transit?.get(sealed.keyId, { signal });
  if (!key) return refuse(ids, "JOBS_TRANSIT_KEY_UNKNOWN", "the payload is sealed to an unknown transit key");
  try {
    return { ok: true, job: { ...header, payload: await openFromTransit(key, header, sealed) } };
  } catch (error) {
    if (error instanceof JobsError && error.code === "JOBS_TRANSIT_OPEN_FAILED") {
      return refuse(ids, error.code, error.message);
    }
    throw error;
  }
}
