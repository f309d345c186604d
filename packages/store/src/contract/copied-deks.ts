import { type AttributeValue, DeleteItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { createDekStore } from "../deks/dek-store.ts";
import type { DekStatus, DekStore, StoredDek, StoredWrap } from "../deks/dek-types.ts";
import { sampleDek, sampleWrap } from "../testing/samples.ts";
import type { ContractSetup, ContractSubject } from "./contract-subject.ts";

export const copyTimes = ["2026-11-24T10:00:00.000Z", "2026-11-25T10:00:00.000Z", "2026-11-26T10:00:00.000Z"] as const;

/** The Region that copies are made for. */
export const copyRegion = "eu-west-1";

type Named = { readonly dekId: string };

export interface CopyBench {
  readonly subject: ContractSubject;
  readonly store: DekStore;
  dekAt(of: Named): Promise<StoredDek | undefined>;
  wrapAt(of: Named): Promise<StoredWrap | undefined>;
  /** What somebody with write access to the table puts there. */
  forge(dekId: string, item: string, attributes: Record<string, AttributeValue>): Promise<void>;
  forget(dekId: string, item: string): Promise<void>;
}

export async function copyBench(setup: ContractSetup): Promise<CopyBench> {
  const subject = await setup();
  const TableName = subject.tables.deks;
  const store = createDekStore(subject);
  const found = async ({ dekId }: Named) => (await store.getMany([dekId], copyRegion)).get(dekId);
  return {
    subject,
    store,
    dekAt: async (of) => (await found(of))?.dek,
    wrapAt: async (of) => (await found(of))?.wrap,
    async forge(dekId, item, attributes) {
      const Item = { dekId: { S: dekId }, item: { S: item }, ...attributes };
      await subject.client.send(new PutItemCommand({ TableName, Item }));
    },
    async forget(dekId, item) {
      await subject.client.send(new DeleteItemCommand({ TableName, Key: { dekId: { S: dekId }, item: { S: item } } }));
    },
  };
}

type Status = { readonly status: DekStatus; readonly statusAt?: string };

/** The way of a DEK, in order. */
export function statuses(): readonly Status[] {
  return [
    { status: "active" },
    { status: "retiring", statusAt: copyTimes[0] },
    { status: "retired", statusAt: copyTimes[1] },
    { status: "retiring", statusAt: copyTimes[2] },
  ];
}

export function requireStatus(step: number): Status {
  const status = statuses()[step];
  if (!status) throw new TypeError("there are four");
  return status;
}

export function storedDek(status: DekStatus = "active", statusAt?: string): StoredDek {
  return { ...sampleDek(), status, ...(statusAt === undefined ? {} : { statusAt }) };
}

export function storedWrap({ dekId }: StoredDek, changes: Partial<StoredWrap> = {}): StoredWrap {
  return { ...sampleWrap({ region: copyRegion }), dekId, ...changes };
}
