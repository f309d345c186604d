import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeStore } from "./contract/index.ts";
import { type Backend, startBackend } from "./testing/backend.ts";

describe("on the embedded DynamoDB", () => {
  let backend: Backend;

  beforeAll(async () => {
    backend = await startBackend("dynalite");
  });
  afterAll(() => backend[Symbol.asyncDispose]());

  it("the probe finds no PartiQL and says so", async () => {
    const { writer, logged } = await backend.probe();
    expect(writer.mode).toBe("single");
    expect(logged).toMatchObject([{ writeMode: "single", probed: true }]);
  });

  describeStore(() => backend.subject("single"));
});
