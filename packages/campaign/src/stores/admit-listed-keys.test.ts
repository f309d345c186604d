import { KmsError, type KmsFailureClass } from "@dekhand/kms";
import { describe, expect, it } from "vitest";
import { admitListedKeys } from "./admit-listed-keys.ts";

const wrap = { id: "1", blob: Buffer.from("blob"), context: { app: "shop" } };

/** A list with one key, and a name that cannot be looked up. */
const listWith = (failureClass: KmsFailureClass) =>
  admitListedKeys({
    async allows(keyArn) {
      if (keyArn === "listed") return true;
      throw new KmsError({ failureClass, operation: "DescribeKey", region: "us-east-1", reason: "test", attempts: 1 });
    },
  });

describe("a wrap of a store whose keys are listed", () => {
  it.each<KmsFailureClass>(["key-unusable", "denied"])("is quarantined where a listed name is %s", async (trouble) => {
    const admit = listWith(trouble);
    expect(await admit(wrap, ["listed", "stranger"], {})).toMatchObject({ kind: "quarantined" });
    expect(await admit(wrap, ["listed"], {})).toEqual({ kind: "admitted", context: wrap.context });
  });

  it.each<KmsFailureClass>(["circuit-open", "throttled", "transient"])(
    "is not judged while KMS cannot tell (%s)",
    async (trouble) => {
      await expect(listWith(trouble)(wrap, ["stranger"], {})).rejects.toMatchObject({ failureClass: trouble });
    },
  );
});
