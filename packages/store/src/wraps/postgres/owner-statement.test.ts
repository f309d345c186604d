import { describe, expect, it } from "vitest";
import { readStatement } from "./owner-statement.ts";

const read = (sql: string) => readStatement("swap", sql, ["id", "old", "new", "extra"], ["id"]);

describe("a statement of the owner's", () => {
  it("is given the parameters that it uses, in the order in which it uses them, however often", () => {
    const statement = read("UPDATE t SET b = $3 WHERE id = $1 AND b = $2 OR b = $3");
    expect(statement.text).toBe("UPDATE t SET b = $1 WHERE id = $2 AND b = $3 OR b = $1");
    expect(statement.bind(["id", "old", "new", "extra"])).toEqual(["new", "id", "old"]);
    expect(statement.count).toBe(3);
    expect([statement.uses("new"), statement.uses("extra")]).toEqual([true, false]);
  });

  it.each(["'$4'", "'it''s $4'", '"$4"', '"a""$4"', "/* $4\n */ 1", "1 -- $4", "$$ $4 $$", "$tag$ $4 $$ $4 $tag$"])(
    "means no parameter in %s",
    (text) => {
      const statement = read(`SELECT $1, ${text}`);
      expect(statement.text).toBe(`SELECT $1, ${text}`);
      expect(statement.uses("extra")).toBe(false);
    },
  );

  it("keeps two-digit numbers whole, and loses the semicolons at its end", () => {
    const parameters = Array.from({ length: 11 }, (_, index) => `p${index + 1}`);
    const statement = readStatement("swap", "SELECT $11, $1 ; \n;", parameters, []);
    expect(statement.text).toBe("SELECT $1, $2");
    expect(statement.bind(parameters)).toEqual(["p11", "p1"]);
  });

  it.each(["SELECT $1, $5", "SELECT $1, $0", "SELECT $2"])(
    "that uses others, or not those that it must, is refused: %s",
    (sql) => {
      expect(() => read(sql)).toThrow(expect.objectContaining({ code: "STORE_STATEMENT_INVALID", retryable: false }));
    },
  );
});
