import { describe, expect, it } from "vitest";
import { StoreError } from "../../errors.ts";
import { postgresFailure } from "./postgres-failure.ts";

const answered = (code: string) => Object.assign(new Error("canary"), { code, severity: "ERROR" });

describe("a failure of Postgres", () => {
  it.each([
    ["08006", "STORE_UNAVAILABLE"],
    ["57P01", "STORE_UNAVAILABLE"],
    ["57014", "STORE_UNAVAILABLE"],
    ["40P01", "STORE_UNAVAILABLE"],
    ["25006", "STORE_UNAVAILABLE"],
    ["53300", "STORE_THROTTLED"],
    ["28P01", "STORE_DENIED"],
    ["42501", "STORE_DENIED"],
    ["42P01", "STORE_TABLE_MISSING"],
    ["3D000", "STORE_TABLE_MISSING"],
  ])("with SQLSTATE %s is %s, no fault of the item", (state, code) => {
    const failure = postgresFailure(answered(state), "scan");
    expect(failure).toMatchObject({ code, retryable: true, context: { statement: "scan", reason: state } });
    expect(JSON.stringify(failure)).not.toContain("canary");
  });

  it.each(["42601", "22P02", "23505"])("with SQLSTATE %s is the statement's or the item's fault", (state) => {
    expect(postgresFailure(answered(state), "swap")).toMatchObject({ code: "STORE_REQUEST_INVALID", retryable: false });
  });

  it("without an SQLSTATE is one of the connection", () => {
    const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
    for (const error of [refused, new Error("Connection terminated"), "text"]) {
      expect(postgresFailure(error, "scan")).toMatchObject({ code: "STORE_UNAVAILABLE", retryable: true });
    }
  });

  it("that is a StoreError already stays as it is", () => {
    const error = new StoreError("STORE_STATEMENT_INVALID", "no");
    expect(postgresFailure(error, "scan")).toBe(error);
  });
});
