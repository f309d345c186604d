import { KmsError, type KmsGovernor } from "@dekhand/kms";
import { createLogger, type Profile } from "@dekhand/runtime";
import { createManualClock } from "@dekhand/testing";
import { describe, expect, it } from "vitest";
import { createKeyDirectory } from "./key-directory.ts";
import { profileWith } from "./testing/home-region.ts";

/** A well-formed ARN, another one for each name. */
const arn = (name: string) =>
  `arn:aws:kms:us-east-1:000000000000:key/00000000-0000-0000-0000-${Buffer.from(name).toString("hex").slice(-12).padStart(12, "0")}`;

/** KMS as far as the directory asks it: names, and what they stand for. */
function namesAt(names: Record<string, string>) {
  let calls = 0;
  const lines: string[] = [];
  const describeKey: KmsGovernor["describeKey"] = async (name) => {
    calls += 1;
    const id = names[name];
    if (id === undefined) {
      const [failureClass, operation] = ["key-unusable", "DescribeKey"] as const;
      throw new KmsError({ failureClass, operation, region: "us-east-1", reason: "NotFoundException", attempts: 1 });
    }
    const usage = id === "hmac" ? "GENERATE_VERIFY_MAC" : "ENCRYPT_DECRYPT";
    return { arn: arn(id), enabled: true, state: "Enabled", usage, spec: "SYMMETRIC_DEFAULT", multiRegion: false };
  };
  const clock = createManualClock();
  const logger = createLogger({ service: "test", destination: { write: (line: string) => void lines.push(line) } });
  const open = (profile: Profile) =>
    createKeyDirectory({ profiles: { [profile.name]: profile }, kms: () => ({ describeKey }), logger, clock });
  return {
    names,
    clock,
    open,
    calls: () => calls,
    warnings: () => lines.filter((line) => line.includes("warn")).length,
  };
}

describe("the key directory", () => {
  it("follows an alias within its refresh time, also after a long silence, and says so", async () => {
    const kms = namesAt({ "alias/a": "one" });
    const keys = kms.open(profileWith("alias/a"));
    const changed: string[] = [];
    keys.onChange((profile) => changed.push(profile));
    expect((await keys.current("people")).arn).toBe(arn("one"));
    kms.names["alias/a"] = "two";
    expect((await keys.current("people")).arn).toBe(arn("one"));
    await kms.clock.advance(3_600_000);
    expect((await keys.current("people")).arn).toBe(arn("two"));
    expect(changed).toEqual(["people"]);
  });

  it("serves nothing older than it is asked to, and throws where KMS cannot be asked for that", async () => {
    const kms = namesAt({ "alias/a": "one" });
    const keys = kms.open(profileWith("alias/a"));
    await keys.current("people");
    kms.names["alias/a"] = "two";
    expect((await keys.current("people", { maxAgeMs: 1_000 })).arn).toBe(arn("one"));
    await kms.clock.advance(1_000);
    expect((await keys.current("people", { maxAgeMs: 1_000 })).arn).toBe(arn("two"));
    await kms.clock.advance(60_000);
    delete kms.names["alias/a"];
    expect((await keys.current("people")).arn).toBe(arn("two"));
    await expect(keys.current("people", { maxAgeMs: 1_000 })).rejects.toMatchObject({ code: "KMS_KEY_UNUSABLE" });
  });

  it("looks again before it refuses a key: an alias may just have been pointed at it", async () => {
    const kms = namesAt({ "alias/a": "one" });
    const keys = kms.open(profileWith("alias/a"));
    await keys.current("people");
    kms.names["alias/a"] = "two";
    await kms.clock.advance(6_000);
    expect(await keys.allows("people", arn("two"))).toBe(true);
  });

  it("does not ask KMS for every reading of a stranger's key", async () => {
    const kms = namesAt({ "alias/a": "one" });
    const keys = kms.open(profileWith("alias/a"));
    for (let reading = 0; reading < 50; reading += 1) expect(await keys.allows("people", arn("stranger"))).toBe(false);
    expect(kms.calls()).toBe(1);
  });

  it("goes on without a retiring key that is gone, and does not call a wrap a stranger's when only that key could tell", async () => {
    const kms = namesAt({ "alias/a": "one" });
    const keys = kms.open(profileWith("alias/a", { retiring: ["alias/gone", arn("old")] }));
    expect((await keys.current("people")).arn).toBe(arn("one"));
    expect(await keys.allows("people", arn("one"))).toBe(true);
    expect(await keys.allows("people", arn("old"))).toBe(true);
    await expect(keys.allows("people", arn("unknown"))).rejects.toMatchObject({ code: "KMS_KEY_UNUSABLE" });
  });

  it("serves what it knew while KMS cannot be asked, and warns once for all who wait", async () => {
    const kms = namesAt({ "alias/a": "one" });
    const keys = kms.open(profileWith("alias/a"));
    await keys.current("people");
    delete kms.names["alias/a"];
    await kms.clock.advance(61_000);
    const answers = await Promise.all(Array.from({ length: 500 }, () => keys.current("people")));
    expect(new Set(answers.map((key) => key.arn))).toEqual(new Set([arn("one")]));
    expect(kms.calls()).toBe(2);
    expect(kms.warnings()).toBe(1);
  });

  it("refuses a key that cannot encrypt, as something that an operator may mend", async () => {
    const keys = namesAt({ "alias/a": "hmac" }).open(profileWith("alias/a"));
    await expect(keys.current("people")).rejects.toMatchObject({ code: "DEKS_KEY_UNSUITABLE", retryable: true });
  });

  it("knows no profile by the name of something that every object has", async () => {
    await expect(namesAt({}).open(profileWith("alias/a")).current("constructor")).rejects.toMatchObject({
      code: "DEKS_PROFILE_UNKNOWN",
    });
  });
});
