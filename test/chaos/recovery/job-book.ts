/** Every job that the test has made up, and which of a record's jobs is to stay in the end. */

import type { EncryptJobInput } from "@dekhand/jobs";
import { plainProfile, tenantProfile } from "../../stack/start-stack.ts";
import { sha256 } from "../sha256.ts";

export interface Job extends EncryptJobInput {
  readonly id: string;
  /** Counted from 0, in the order in which they were made. */
  readonly number: number;
  /** SHA-256 of the payload, in hex. */
  readonly digest: string;
}

export interface JobBook {
  /** The next one of the steady flow: some with revisions, some replaced later, some too big for one item. */
  next(): Job;
  /** Another job for that job's record, of which the two sides of an outage know one each. */
  rivalOf(job: Job, revision?: number): Job;
  get(id: string): Job;
  /** How many have been made. */
  readonly size: number;
  /** By record id, in the order in which they were made. */
  byRecord(): ReadonlyMap<string, readonly Job[]>;
}

export const firstRevision = 5;
const laterRevision = 6;
/** More than fits into one item of DynamoDB. */
const bigBytes = 420_000;
/** Records of one tenant, one after the other: then a new DEK is needed, in each encryptor. */
const perTenant = 20;

export function createJobBook(): JobBook {
  const jobs = new Map<string, Job>();
  const records = new Map<string, Job[]>();
  let made = 0;

  const add = (input: Omit<EncryptJobInput, "payload">, bytes = 0): Job => {
    const number = jobs.size;
    const id = `job-${number}`;
    const text = `${input.recordId} by ${id}`;
    const payload = Buffer.from(text.padEnd(bytes, "."));
    const job = { ...input, id, number, payload, digest: sha256(payload).toString("hex") };
    jobs.set(id, job);
    records.set(job.recordId, [...(records.get(job.recordId) ?? []), job]);
    return job;
  };

  return {
    next() {
      const number = made;
      made += 1;
      const [renewed] = number % 40 === 7 ? (records.get(`renewed-${number - 34}`) ?? []) : [];
      if (renewed) return add({ ...placeOf(renewed), revision: laterRevision });
      const place = placing(number);
      if (number % 40 === 13) return add({ ...place, recordId: `renewed-${number}`, revision: firstRevision });
      if (number % 10 === 3) return add({ ...place, recordId: `revised-${number}`, revision: firstRevision });
      return add({ ...place, recordId: `plain-${number}` }, number % 200 === 50 ? bigBytes : 0);
    },
    rivalOf: (job, revision) => add({ ...placeOf(job), ...(revision === undefined ? {} : { revision }) }),
    get(id) {
      const job = jobs.get(id);
      if (!job) throw new Error(`${id} is no job of this test`);
      return job;
    },
    get size() {
      return jobs.size;
    },
    byRecord: () => records,
  };
}

/** The higher revision stays, then what was taken in under the higher epoch. */
export function winnerOf(jobs: readonly Job[], epochOf: (job: Job) => number): Job {
  const [winner] = jobs.toSorted((one, other) => rank(other) - rank(one) || epochOf(other) - epochOf(one));
  if (!winner) throw new Error("a record has a job");
  return winner;
}

export function rank({ revision = -1 }: Pick<Job, "revision">): number {
  return revision;
}

function placing(number: number): Pick<EncryptJobInput, "profile" | "context"> {
  if (number % 4 < 2) return { profile: plainProfile, context: {} };
  return { profile: tenantProfile, context: { tenant: `tenant-${Math.floor(number / perTenant)}` } };
}

function placeOf({ recordId, profile, context = {} }: Job) {
  return { recordId, profile, context };
}
