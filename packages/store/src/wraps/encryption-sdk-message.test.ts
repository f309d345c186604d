import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { isEncryptionSdkMessage } from "./encryption-sdk-message.ts";

const hex = (text: string) => Buffer.concat([Buffer.from(text, "hex"), randomBytes(60)]);

describe("messages of the AWS Encryption SDK", () => {
  it.each([
    ...["0014", "0046", "0078", "0114", "0146", "0178", "0214", "0346", "0378"].map((suite) => `0180${suite}`),
    ...["0478", "0578"].map((suite) => `02${suite}`),
  ])("one that begins with %s is known", (start) => {
    expect(isEncryptionSdkMessage(hex(start))).toBe(true);
  });

  it.each([
    // As KMS's own blobs begin, and Dekhand's embedded KMS's.
    ...["010202000078", "0102030078", "0a20", "444b4c01"],
    // Version and type without a suite that there is, a suite of the other version, another version.
    ...["01800379", "01800578", "020378", "03800378", "01810378", "028003"],
  ])("something that begins with %s is none", (start) => {
    expect(isEncryptionSdkMessage(hex(start))).toBe(false);
  });

  it.each(["", "01", "018003", "02", "0205"])("%j alone is too short to be one", (text) => {
    expect(isEncryptionSdkMessage(Buffer.from(text, "hex"))).toBe(false);
  });
});
