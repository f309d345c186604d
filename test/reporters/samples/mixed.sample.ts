import { expect, it } from "vitest";

it("holds", () => expect(1).toBe(1));
it("holds too", () => expect(2).toBe(2));
it("does not hold", () => expect(1).toBe(2));
it.skip("is left out", () => expect.unreachable());
it.todo("is still to come");
