import { describe, expect, it } from "vitest";
import { withContentId } from "./line-job-id.ts";

const record = {
  recordId: "r-1",
  profile: "documents",
  context: { tenant: "acme", region: "eu" },
  payload: Buffer.from("payload"),
  revision: 1,
};
const id = (changed: Partial<typeof record> = {}) => withContentId({ ...record, ...changed }).id;

describe("withContentId", () => {
  it("gives the same content the same id, in whatever order the context is", () => {
    expect(id()).toMatch(/^[0-9a-f]{64}$/);
    expect(id({ context: { region: "eu", tenant: "acme" } })).toBe(id());
  });

  it("gives content that differs in anything another id", () => {
    const ids = [
      id(),
      id({ recordId: "r-2" }),
      id({ profile: "other" }),
      id({ context: { tenant: "acme", region: "us" } }),
      id({ payload: Buffer.from("other") }),
      id({ revision: 2 }),
      // The same characters, divided in another way.
      id({ profile: "documentsr", recordId: "-1" }),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });
});
