import { KmsError, type KmsFailureClass } from "@dekhand/kms";
import { describe, expect, it } from "vitest";
import { currentMaterial, findRotations } from "./find-rotation.ts";
import { key, oldKey, region } from "./testing/plan-samples.ts";

describe("the time of a rotation", () => {
  const [first, second] = ["2026-01-01T00:00:00.000Z", "2026-10-01T00:00:00.000Z"];
  const rotations = [{ material: "m1" }, { material: "m3", rotatedAt: second }, { material: "m2", rotatedAt: first }];

  it("is that of the current material, whatever else the list holds and in which order", () => {
    expect(currentMaterial(region, key(oldKey, { material: "m3" }), rotations)).toEqual({
      material: "m3",
      rotatedAt: second,
    });
    expect(currentMaterial(region, key(oldKey, { material: "m2" }), rotations)).toEqual({
      material: "m2",
      rotatedAt: first,
    });
  });

  it("is that of the newest rotation where KMS does not tell which material is current", () => {
    expect(currentMaterial(region, key(oldKey), rotations)).toEqual({ rotatedAt: second });
  });
});

describe("the rotations of a key", () => {
  const ask = (failureClass: KmsFailureClass) => {
    const failure = new KmsError({ failureClass, operation: "ListKeyRotations", region, reason: "Test", attempts: 1 });
    const listKeyRotations = () => Promise.reject(failure);
    return { failure, found: findRotations(region, oldKey, { listKeyRotations }, {}) };
  };

  it.each(["denied", "key-unusable", "poison"] as const)(
    "are not known where KMS refuses to tell: %s",
    async (refusal) => {
      expect(await ask(refusal).found).toBeUndefined();
    },
  );

  it("are not guessed where KMS is away", async () => {
    const { failure, found } = ask("transient");
    await expect(found).rejects.toBe(failure);
  });
});
