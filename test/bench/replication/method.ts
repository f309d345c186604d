/** How it was measured, in sentences. */

import { median } from "../interleave.ts";
import type { Outcome } from "./report.ts";
import type { Round } from "./rounds.ts";
import { encryptorConcurrency, payloadBytes, replicatorConcurrency, scriptPages, slowMs, tenants } from "./settings.ts";

export function methodOf({ sizes, statements: rounds }: Outcome): string {
  const { records, warmUpRecords, counted } = sizes;
  return [
    `Records of ${text(payloadBytes)} bytes of payload, table mode regional, in the embedded AWS: one process with four`,
    "Regions, KMS, SQS and DynamoDB each. It is slower than its clients and shares the CPU with them, so records/s is what it",
    "serves on this machine, not what a client can do. Redis is a real one.",
    "Embedded DynamoDB: dynalite, which has no BatchExecuteStatement, so one conditional request an item. With",
    "BatchExecuteStatement: the same tables behind a process that takes those calls, 25 statements each, apart, and hands on all",
    "else; Dekhand's own requests are then those that it sends to DynamoDB itself.",
    `First table: at each, ${rounds.length} rounds after one of ${text(warmUpRecords)} records; in each, every contestant takes a turn`,
    `at ${text(records)} records of ${tenants} tenants, each with a DEK of its own, in an order that changes.`,
    `Taking in: the encryptor service, ${encryptorConcurrency} jobs at once, and as many jobs in its SQS queue before it starts;`,
    "from its start until each record is stored, what replica Regions are owed for it is durable, and its job is done.",
    `With three replica Regions, one of each strategy, all wraps are made while the DEK is in memory. Slow: every answer of the`,
    `Region of the strategy encrypt, KMS and DynamoDB, takes ${text(slowMs)} ms; compared by time with the turn of the same round`,
    "that has no slow Region.",
    `Copying: the replicator service, ${replicatorConcurrency} jobs at once, for one Region, through its BullMQ queue; from its`,
    "start until the debt is settled. The records are those that the encryptor has just taken in, in its own batches: on average",
    `${decimals(average(rounds, ({ records: all, batches }) => all / batches))} records and`,
    `${decimals(average(rounds, ({ deksNamed, batches }) => deksNamed / batches))} DEKs a job.`,
    "For each job it reads heads, DEKs and wraps in both Regions, writes on condition of what it read, checks each envelope",
    "against its digest, and brings home's copies of the wraps up to date.",
    `Scripts: the same records from the same tables, ${scriptPages} pages of 100 at once by BatchGetItem (heads with their`,
    "envelopes, then the DEKs and wraps that no earlier page had), AWS SDK clients with their defaults; written by BatchWriteItem",
    "of 25 whatever is there, or one PutItem an item on condition that there is none. They are told the record ids, check",
    "nothing, and know of no debt, queue or KMS: they do what the strategy multi-region does, and no other.",
    "Encryptor, replicator and scripts are a process each. CPU: user and system of that process, all threads, from start to drain,",
    "median of the rounds; ratios are medians of the ratios inside a round.",
    `Second table: ${text(counted.records)} records of ${counted.deks} tenants for each row, taken in by the encryptor and copied by the`,
    "replicator, with one replica Region; calls are HTTP requests, counted by the embedded KMS. As debt: the Region was cut off",
    "until all records were in, where it counts nothing. Calls at home, taking in, have the GenerateDataKeys among them, which",
    "are there without replica Regions too and are not counted as added. DescribeKey: of both Regions and services, for keys by",
    "their alias, once a process and minute.",
  ].join(" ");
}

function average(rounds: readonly Round[], of: (round: Round) => number): number {
  return median(rounds.map(of));
}

function text(count: number): string {
  return count.toLocaleString("en-US");
}

function decimals(value: number): string {
  return value.toFixed(1);
}
