/** What reading guarantees when a record is replaced meanwhile, or has been tampered with. */

import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { beforeAll, describe, expect, it } from "vitest";
import { partItemName } from "../records/record-items.ts";
import { createRecordStore } from "../records/record-store.ts";
import type { RecordStore, RecordWrite } from "../records/record-types.ts";
import { sampleRecord } from "../testing/samples.ts";
import type { ContractSetup, ContractSubject } from "./contract-subject.ts";
import { severalParts } from "./record-store-contract.ts";
import { recordTable } from "./record-table.ts";

export function describeRecordReading(setup: ContractSetup): void {
  describe("reading records", () => {
    let subject: ContractSubject;
    let store: RecordStore;
    let table: ReturnType<typeof recordTable>;

    beforeAll(async () => {
      subject = await setup();
      store = createRecordStore(subject);
      table = recordTable(subject);
    });

    const storedRecord = async (overrides: Partial<RecordWrite> = {}) => {
      const record = sampleRecord({ size: severalParts, ...overrides });
      expect(await store.put([record])).toEqual([{ kind: "stored" }]);
      return record;
    };
    const partsOf = ({ sealId }: RecordWrite) => [1, 2, 3].map((number) => partItemName(sealId, number));

    /** A store whose reader is overtaken: `overtake` runs after each head is read and before its parts are. */
    const overtaken = (overtake: () => Promise<void>) => {
      const send: ContractSubject["client"]["send"] = async (
        command: { constructor: { name: string } },
        ...rest: unknown[]
      ) => {
        if (command.constructor.name === "BatchGetItemCommand") await overtake();
        return Reflect.apply(Reflect.get(subject.client, "send"), subject.client, [command, ...rest]);
      };
      const client = new Proxy(subject.client, {
        get: (target, name) => (name === "send" ? send : Reflect.get(target, name)),
      });
      return createRecordStore({ ...subject, client });
    };

    it("a record replaced under its reader, its old parts gone, is read as the new one", async () => {
      const old = await storedRecord({ revision: 1 });
      const next = sampleRecord({ recordId: old.recordId, size: severalParts, revision: 2 });
      let replaced = false;
      const reader = overtaken(async () => {
        if (replaced) return;
        replaced = true;
        await store.put([next]);
        for (const part of partsOf(old)) await table.delete(old.recordId, part);
      });
      const found = await reader.get(old.recordId);
      expect(found?.revision).toBe(2);
      expect(found?.envelope.equals(next.envelope)).toBe(true);
    });

    it("a record replaced under its reader, its old parts still there, is read as one of both", async () => {
      const old = await storedRecord({ revision: 1 });
      const reader = overtaken(async () => {
        await store.put([sampleRecord({ recordId: old.recordId, size: severalParts, revision: 2 })]);
      });
      const found = await reader.get(old.recordId);
      expect(found?.revision).toBe(1);
      expect(found?.envelope.equals(old.envelope)).toBe(true);
    });

    it("a record replaced at every look is given up in the end, retryably", async () => {
      let current = await storedRecord({ revision: 1 });
      const reader = overtaken(async () => {
        const { recordId, revision = 0 } = current;
        const next = sampleRecord({ recordId, size: severalParts, revision: revision + 1 });
        await store.put([next]);
        for (const part of partsOf(current)) await table.delete(recordId, part);
        current = next;
      });
      await expect(reader.get(current.recordId)).rejects.toMatchObject({ code: "STORE_CONTENDED", retryable: true });
    });

    it("a record deleted under its reader is undefined", async () => {
      const record = await storedRecord();
      const reader = overtaken(async () => {
        for (const item of ["head", ...partsOf(record)]) await table.delete(record.recordId, item);
      });
      expect(await reader.get(record.recordId)).toBeUndefined();
    });

    it("a reader among many replacements only ever sees whole records", async () => {
      const first = await storedRecord({ revision: 0 });
      const versions = [first];
      const writing = (async () => {
        for (let revision = 1; revision <= 4; revision += 1) {
          const next = sampleRecord({ recordId: first.recordId, size: severalParts, revision });
          versions.push(next);
          await store.put([next]);
          for (const part of partsOf(versions[revision - 1] ?? first)) await table.delete(first.recordId, part);
        }
      })();
      let done = false;
      const finished = writing.finally(() => {
        done = true;
      });
      while (!done) {
        const found = await store.get(first.recordId);
        const version = versions.find(({ sealId }) => sealId === found?.sealId);
        expect(version && found?.envelope.equals(version.envelope)).toBe(true);
      }
      await finished;
    });

    it("a missing part is told, with ids only", async () => {
      const { recordId, sealId } = await storedRecord();
      await table.delete(recordId, partItemName(sealId, 2));
      await expect(store.get(recordId)).rejects.toMatchObject({
        code: "STORE_PART_MISSING",
        context: { recordId, sealId },
      });
    });

    it.each(["exchanged", "repeated", "cut", "from another sealing"])(
      "parts that are %s are never returned",
      async (how) => {
        const { recordId, sealId } = await storedRecord();
        const other = await storedRecord();
        const [one, two] = [partItemName(sealId, 1), partItemName(sealId, 2)];
        const [first, second] = [await table.get(recordId, one), await table.get(recordId, two)];
        const foreign = await table.get(other.recordId, partItemName(other.sealId, 2));
        if (how === "exchanged") await table.put(recordId, one, second);
        if (how !== "cut") await table.put(recordId, two, how === "from another sealing" ? foreign : first);
        else await table.change(recordId, two, { bytes: { B: second.bytes?.B?.subarray(1) ?? Buffer.alloc(0) } });
        await expect(store.get(recordId)).rejects.toMatchObject({
          code: "STORE_RECORD_DAMAGED",
          context: { recordId, sealId },
        });
      },
    );

    it.each([
      ["another envelope", { envelope: { B: Buffer.alloc(158) } }],
      ["another size", { size: { N: "99" } }],
      ["another digest", { digest: { B: Buffer.alloc(32) } }],
    ])("a head with %s is damaged", async (_, change) => {
      const { recordId } = await storedRecord({ size: 100 });
      await table.change(recordId, "head", change);
      await expect(store.get(recordId)).rejects.toMatchObject({ code: "STORE_RECORD_DAMAGED", retryable: false });
    });

    it.each<[string, Readonly<Record<string, AttributeValue | undefined>>, string]>([
      ["parts beside its envelope", { parts: { N: "2" } }, "parts"],
      ["neither parts nor envelope", { envelope: undefined }, "parts"],
      ["more parts than there can be", { envelope: undefined, parts: { N: "10000" } }, "parts"],
      ["a size beyond any record", { size: { N: "99999999999" } }, "size"],
      ["a negative size", { size: { N: "-1" } }, "size"],
      ["a revision that is no integer", { revision: { N: "1.5" } }, "revision"],
      ["an epoch beyond exact integers", { epoch: { N: "90071992547409930" } }, "epoch"],
      ["no job id", { jobId: undefined }, "jobId"],
      ["a seal id of no length", { sealId: { S: "" } }, "sealId"],
      ["a context of another type", { context: { S: "canary" } }, "context"],
      ["a digest of another length", { digest: { B: Buffer.alloc(31) } }, "digest"],
    ])("a head with %s is malformed, and says where without saying what", async (_, change, attribute) => {
      const { recordId } = await storedRecord({ size: 100 });
      await table.change(recordId, "head", change);
      const failure = await store.get(recordId).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: "STORE_ITEM_MALFORMED", context: { recordId, item: "head", attribute } });
      expect(JSON.stringify(failure)).not.toContain("canary");
    });

    it("a record of another Dekhand, with attributes of its own, can be read", async () => {
      const { recordId, jobId } = await storedRecord({ size: 100 });
      await table.change(recordId, "head", { later: { S: "unknown" } });
      expect((await store.get(recordId))?.jobId).toBe(jobId);
    });
  });
}
