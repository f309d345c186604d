import { createDek, newDekId, readHeader, seal } from "@dekhand/envelope";
import { type StoredRecord, StoreError } from "@dekhand/store";
import { describe, expect, it } from "vitest";
import { anyContext, createRecordReader, type ReaderRegion } from "./record-reader.ts";

/** A Region that holds one sealed record, or none, or cannot be reached. */
function regionWith(
  region: string,
  content?: { text: string; context: Record<string, string> } | "down",
): ReaderRegion {
  const dek = createDek(newDekId(), Buffer.alloc(32, 9));
  const binding = { recordId: "r", contentType: "text/plain", epoch: 1 };
  const find = async (): Promise<StoredRecord | undefined> => {
    if (content === undefined) return undefined;
    if (content === "down") throw new StoreError("STORE_UNAVAILABLE", "away", { retryable: true });
    const { text, context } = content;
    const envelope = seal(dek, Buffer.from(text), { ...binding, context });
    const stored = { jobId: "j", dekId: dek.id, size: text.length, digest: "", createdAt: "2026-01-01T00:00:00Z" };
    return { ...binding, ...stored, context, envelope, sealId: readHeader(envelope).sealId };
  };
  const lease = { dek, [Symbol.dispose]: () => undefined };
  return { region, open: async () => ({ region, records: { get: find }, deks: { acquire: async () => lease } }) };
}

const acme = { tenant: "acme" };
const here = regionWith("us-east-1", { text: "here", context: acme });
const there = regionWith("eu-west-1", { text: "there", context: { tenant: "dunes" } });
const empty = regionWith("us-east-1");
const down = regionWith("us-east-1", "down");

describe("reading in several home Regions", () => {
  it("finds the record that has the expected context, wherever it is", async () => {
    const reader = createRecordReader([here, there]);
    expect(await reader.read("r", { tenant: "dunes" })).toMatchObject({ region: "eu-west-1" });
    expect((await reader.read("r", acme)).payload.toString()).toBe("here");
    expect(await reader.read("r", anyContext)).toMatchObject({ region: "us-east-1" });
  });

  it("passes over a Region that cannot be reached", async () => {
    const reader = createRecordReader([down, there]);
    expect((await reader.read("r", { tenant: "dunes" })).payload.toString()).toBe("there");
  });

  it("says that there is no such record only when every Region could be asked", async () => {
    await expect(createRecordReader([empty, empty]).read("r", acme)).rejects.toMatchObject({
      code: "CLIENT_RECORD_NOT_FOUND",
    });
    await expect(createRecordReader([empty, down]).read("r", acme)).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
    });
  });

  it("tells a record of another context from one that is not there", async () => {
    const asked = createRecordReader([empty, here]).read("r", { tenant: "dunes" });
    await expect(asked).rejects.toMatchObject({ code: "CLIENT_CONTEXT_MISMATCH" });
  });
});
