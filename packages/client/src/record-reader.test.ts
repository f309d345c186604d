import { DeksError } from "@dekhand/deks";
import { createDek, newDekId, readHeader, seal } from "@dekhand/envelope";
import type { DekhandError } from "@dekhand/errors";
import { KmsError, type KmsFailureClass } from "@dekhand/kms";
import { createLogger, createMetrics } from "@dekhand/runtime";
import { type StoredRecord, StoreError } from "@dekhand/store";
import { describe, expect, it } from "vitest";
import { anyContext, type ReaderRegion } from "./read-in-region.ts";
import { createRecordReader } from "./record-reader.ts";
import { createRegionMemory } from "./region-memory.ts";

interface Content {
  readonly text: string;
  readonly context: Record<string, string>;
}

/** A Region that holds one sealed record, or none, or fails at one step. */
function regionWith(region: string, content?: Content | { record?: DekhandError; dek?: DekhandError }): ReaderRegion {
  const dek = createDek(newDekId(), Buffer.alloc(32, 9));
  const binding = { recordId: "r", contentType: "text/plain", epoch: 1 };
  const find = async (): Promise<StoredRecord | undefined> => {
    if (content === undefined) return undefined;
    if ("record" in content && content.record) throw content.record;
    const { text, context } = "text" in content ? content : { text: "", context: acme };
    const envelope = seal(dek, Buffer.from(text), { ...binding, context });
    const stored = { jobId: "j", dekId: dek.id, size: text.length, digest: "", createdAt: "2026-01-01T00:00:00Z" };
    return { ...binding, ...stored, context, envelope, sealId: readHeader(envelope).sealId };
  };
  const acquire = async () => {
    if (content && "dek" in content && content.dek) throw content.dek;
    return { dek, [Symbol.dispose]: () => undefined };
  };
  return { region, open: () => ({ region, records: { get: find }, deks: { acquire } }) };
}

/** A reader of these Regions, in their order, whose pauses never end. */
function readerOf(regions: readonly ReaderRegion[]) {
  const logger = createLogger({ service: "test", level: "silent" });
  const metrics = createMetrics({ service: "test" });
  const asked: string[] = [];
  const reader = createRecordReader({
    order: { of: () => regions.map(({ region }) => region) },
    region(name) {
      asked.push(name);
      const found = regions.find(({ region }) => region === name);
      if (!found) throw new RangeError(`there is no ${name}`);
      return found;
    },
    memory: createRegionMemory({ metrics, logger, clock: { monotonic: () => 0 }, random: () => 1 }),
    metrics,
    logger,
  });
  const count = async (series: RegExp) => Number((await metrics.render()).match(series)?.[1] ?? 0);
  return { ...reader, asked, count };
}

const acme = { tenant: "acme" };
const dunes = { tenant: "dunes" };
const home = "us-east-1";
const away = "eu-west-1";
const unavailable = new StoreError("STORE_UNAVAILABLE", "away", { retryable: true });
const damage = new StoreError("STORE_RECORD_DAMAGED", "damaged");
const lacking = new DeksError("DEKS_NOT_FOUND", "no wrap");

const kmsError = (failureClass: KmsFailureClass) =>
  new KmsError({ failureClass, operation: "Decrypt", region: home, reason: "Test", attempts: 1 });

const here = regionWith(home, { text: "here", context: acme });
const there = regionWith(away, { text: "there", context: acme });

describe("reading in several Regions", () => {
  it("takes the first Region that has the record with the stated context", async () => {
    const reader = readerOf([here, there, regionWith("ap-southeast-2", { text: "others", context: dunes })]);
    expect((await reader.read("r", acme)).payload.toString()).toBe("here");
    expect((await reader.read("r", dunes)).payload.toString()).toBe("others");
    expect(await reader.read("r", anyContext)).toMatchObject({ region: home });
  });

  it.each([
    ["cannot be reached", { record: unavailable }],
    ["has a damaged record", { record: damage }],
    ["lacks the record's DEK or wrap", { dek: lacking }],
    ["has a wrap that does not open", { dek: new DeksError("DEKS_UNWRAP_REFUSED", "refused") }],
    ["has a breaker that is open", { dek: kmsError("circuit-open") }],
    ["has its key disabled", { dek: kmsError("key-unusable") }],
    ["is throttled", { dek: kmsError("throttled") }],
  ])("passes over one that %s", async (_, trouble) => {
    const reader = readerOf([regionWith(home, trouble), there]);
    expect(await reader.read("r", acme)).toMatchObject({ region: away });
    expect(await reader.count(/client_fallbacks_total\{from="us-east-1",to="eu-west-1"[^}]*\} (\d+)/)).toBe(1);
  });

  it.each([
    ["cannot be reached", { record: unavailable }, true],
    ["does not answer", { dek: kmsError("transient") }, true],
    ["is throttled", { dek: kmsError("throttled") }, false],
    ["has its key disabled", { dek: kmsError("key-unusable") }, false],
    ["has a damaged record", { record: damage }, false],
    ["lacks the record's wrap", { dek: lacking }, false],
  ])("asks one that %s last from then on: %o %s", async (_, trouble, isBad) => {
    const reader = readerOf([regionWith(home, trouble), there]);
    await reader.read("r", acme);
    reader.asked.length = 0;
    await reader.read("r", acme);
    expect(reader.asked).toEqual(isBad ? [away] : [home, away]);
  });

  it("asks a Region in trouble all the same when no other has the record", async () => {
    const reader = readerOf([regionWith(home, { record: unavailable }), regionWith(away)]);
    for (const order of [
      [home, away],
      [away, home],
    ]) {
      reader.asked.length = 0;
      await expect(reader.read("r", acme)).rejects.toBe(unavailable);
      expect(reader.asked).toEqual(order);
    }
  });

  it("counts what came of each reading", async () => {
    const reader = readerOf([regionWith(home, { record: damage }), regionWith("ap-southeast-2"), there]);
    await reader.read("r", acme);
    for (const [region, outcome] of [
      [home, "damaged"],
      ["ap-southeast-2", "absent"],
      [away, "opened"],
    ]) {
      const series = new RegExp(`client_reads_total\\{region="${region}",outcome="${outcome}"[^}]*\\} (\\d+)`);
      expect(await reader.count(series)).toBe(1);
    }
  });
});

describe("a record that no Region opens", () => {
  const fails = (...regions: readonly ReaderRegion[]) => expect(readerOf(regions).read("r", acme)).rejects;
  const down = regionWith(home, { record: unavailable });
  const empty = regionWith(away);
  const others = regionWith("ap-southeast-2", { text: "others", context: dunes });

  it("is said not to be there only when every Region could be asked", async () => {
    await fails(regionWith(home), empty).toMatchObject({ code: "CLIENT_RECORD_NOT_FOUND" });
    await fails(empty, down).toBe(unavailable);
  });

  it("is told from one of another context, unless a Region that could not be asked may have it", async () => {
    await fails(empty, others).toMatchObject({ code: "CLIENT_CONTEXT_MISMATCH" });
    await fails(others, down).toBe(unavailable);
  });

  it("is said to be damaged, or to lack its DEK, where that is all there is of it", async () => {
    await fails(others, regionWith(home, { record: damage }), empty).toBe(damage);
    await fails(others, regionWith(home, { dek: lacking }), empty).toBe(lacking);
    await fails(regionWith(home, { record: damage }), regionWith(away, { dek: kmsError("denied") })).toMatchObject({
      code: "KMS_DENIED",
    });
  });

  it("ends at once for an id that no record can have, and for what is no failure of a Region", async () => {
    const invalid = new StoreError("STORE_VALUE_INVALID", "an id");
    const reader = readerOf([regionWith(home, { record: invalid }), there]);
    await expect(reader.read("r", acme)).rejects.toBe(invalid);
    expect(reader.asked).toEqual([home]);
    const broken: ReaderRegion = {
      region: home,
      open() {
        throw new TypeError("a fault of the code");
      },
    };
    await fails(broken, there).toBeInstanceOf(TypeError);
  });
});

describe("the caller's signal", () => {
  it("ends a read with its own reason, and is no Region's trouble", async () => {
    const leaving = new AbortController();
    const slow: ReaderRegion = {
      region: home,
      open: () => {
        leaving.abort(new RangeError("enough"));
        return regionWith(home, { record: unavailable }).open();
      },
    };
    const reader = readerOf([slow, there]);
    await expect(reader.read("r", acme, { signal: leaving.signal })).rejects.toThrow("enough");
    expect(reader.asked).toEqual([home]);
    expect(await reader.count(/client_region_bad\{[^}]*us-east-1[^}]*\} (\d)/)).toBe(0);
  });
});
