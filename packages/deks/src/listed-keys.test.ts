import { KmsError, type KmsFailureClass, type KmsGovernor } from "@dekhand/kms";
import { createLogger } from "@dekhand/runtime";
import { createManualClock } from "@dekhand/testing";
import { describe, expect, it } from "vitest";
import { createListedKeys } from "./listed-keys.ts";

const account = "arn:aws:kms:us-east-1:000000000000";
const arn = (digit: string) => `${account}:key/${digit.repeat(8)}-1111-2222-3333-444444444444`;

/** KMS as far as it is asked: names, and the keys that they stand for. */
function kmsWith(names: Record<string, string>) {
  const asked: string[] = [];
  const lines: string[] = [];
  const clock = createManualClock();
  const kms: { names: Record<string, string>; failureClass: KmsFailureClass } = { names, failureClass: "key-unusable" };
  const describeKey: KmsGovernor["describeKey"] = async (name) => {
    asked.push(name);
    const found = kms.names[name];
    if (found !== undefined) {
      const rest = { enabled: true, state: "Enabled", usage: "ENCRYPT_DECRYPT", spec: "SYMMETRIC_DEFAULT" };
      return { arn: found, multiRegion: false, ...rest };
    }
    const { failureClass } = kms;
    throw new KmsError({ failureClass, operation: "DescribeKey", region: "us-east-1", reason: "test", attempts: 1 });
  };
  const logger = createLogger({ service: "test", destination: { write: (line: string) => void lines.push(line) } });
  const list = (...listed: string[]) =>
    createListedKeys({ names: listed, kms: { describeKey }, purpose: "the wrap store a", logger, clock });
  return { kms, asked, lines, clock, list };
}

describe("listed keys", () => {
  it("are those that the names stand for, and no others", async () => {
    const { list } = kmsWith({ "alias/a": arn("a"), [`${account}:alias/b`]: arn("b") });
    const keys = list("alias/a", `${account}:alias/b`, arn("c"));
    for (const digit of ["a", "b", "c"]) expect(await keys.allows(arn(digit))).toBe(true);
    for (const stranger of [arn("d"), "alias/a", ""]) expect(await keys.allows(stranger)).toBe(false);
  });

  it("named by ARN are not looked up, and names once for all who ask", async () => {
    const { list, asked } = kmsWith({ "alias/a": arn("a") });
    const keys = list("alias/a", arn("c"));
    await Promise.all([keys.resolve(), keys.allows(arn("c")), keys.allows(arn("a"))]);
    expect(asked).toEqual(["alias/a"]);
  });

  it("are looked up again for a key that is not known, but not for each wrap that names it", async () => {
    const { list, kms, asked, clock } = kmsWith({ "alias/a": arn("a") });
    const keys = list("alias/a");
    await keys.resolve();
    kms.names = { "alias/a": arn("b") };
    expect(await keys.allows(arn("b"))).toBe(false);
    await clock.advance(5_000);
    expect(await keys.allows(arn("b"))).toBe(true);
    expect(asked).toHaveLength(2);
  });

  it("follow an alias that is pointed elsewhere, within a minute", async () => {
    const { list, kms, clock } = kmsWith({ "alias/a": arn("a") });
    const keys = list("alias/a");
    expect(await keys.allows(arn("a"))).toBe(true);
    kms.names = { "alias/a": arn("b") };
    await clock.advance(60_000);
    expect(await keys.allows(arn("a"))).toBe(false);
  });

  it("keep what they meant while KMS cannot be asked", async () => {
    const { list, kms, clock } = kmsWith({ "alias/a": arn("a") });
    const keys = list("alias/a");
    await keys.resolve();
    kms.names = {};
    await clock.advance(3_600_000);
    expect(await keys.allows(arn("a"))).toBe(true);
    expect(await keys.allows(arn("b"))).toBe(false);
  });

  it("leave out a name that cannot be looked up and say so; where only it could tell, that is the answer", async () => {
    const { list, kms, lines, clock } = kmsWith({ "alias/a": arn("a") });
    kms.failureClass = "circuit-open";
    const keys = list("alias/a", "alias/dead");
    await keys.resolve();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("alias/dead");
    expect(lines[0]).toContain("the wrap store a");
    expect(await keys.allows(arn("a"))).toBe(true);
    await expect(keys.allows(arn("b"))).rejects.toMatchObject({ code: "KMS_CIRCUIT_OPEN" });
    kms.names = { ...kms.names, "alias/dead": arn("b") };
    await clock.advance(5_000);
    expect(await keys.allows(arn("b"))).toBe(true);
  });

  it("an aborted question throws the signal's reason", async () => {
    const { list } = kmsWith({});
    const reason = new Error("stopped");
    await expect(list("alias/a").allows(arn("a"), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
