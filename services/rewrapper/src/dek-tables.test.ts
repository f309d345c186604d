import { toDeploymentConfig } from "@dekhand/runtime";
import type { DekStore } from "@dekhand/store";
import { describe, expect, it } from "vitest";
import { createDekTables } from "./dek-tables.ts";

const [east, west, south] = ["us-east-1", "us-west-2", "ap-southeast-2"];
/** Which DEKs a Region's table has, by profile. */
function tablesWith(deks: Readonly<Record<string, Readonly<Record<string, string>>>>) {
  const stores = new Map(
    Object.entries(deks).map(([region, known]) => {
      const getSummary: DekStore["getSummary"] = async (dekId) => {
        const profile = known[dekId];
        return profile === undefined ? undefined : { dekId, profile, home: region, createdAt: "", status: "active" };
      };
      return [region, { deks: { getSummary } }] as const;
    }),
  );
  return (region: string) => stores.get(region) ?? expect.fail(`no table in ${region}`);
}

describe("the table of a DEK's wrap", () => {
  const key = "alias/a";
  const replicas = { [south]: { key, strategy: "encrypt" } };
  const profiles = { people: { home: east, key, replicas }, orders: { home: west, key, replicas } };
  const configWith = (tables: "regional" | "global") =>
    toDeploymentConfig({ prefix: "t", tables, regions: [east, west, south], control: east, profiles }, "test");
  const open = (tables: "regional" | "global", moved: Readonly<Record<string, string>> = {}) => {
    const config = configWith(tables);
    const storesOf = tablesWith({ [east]: { one: "people" }, [west]: { two: "orders" }, [south]: {} });
    const of = async (name: string) => {
      const profile = config.profiles[name] ?? expect.fail(`no profile ${name}`);
      return { profile: { ...profile, home: moved[name] ?? profile.home }, epoch: 1 };
    };
    const tableOf = createDekTables({ config, storesOf, homes: { of } });
    const regionOf = async (dekId: string) => {
      const found = await tableOf(south, dekId, {});
      return [east, west, south].find((region) => storesOf(region).deks === found);
    };
    return { regionOf };
  };

  it("is that of the wrap's own Region", async () => {
    expect(await open("regional").regionOf("one")).toBe(south);
  });

  it("is, of global tables, that of the home of the DEK's profile, where that is by now", async () => {
    const { regionOf } = open("global");
    expect(await Promise.all(["one", "two", "none"].map(regionOf))).toEqual([east, west, south]);
    expect(await open("global", { orders: east, people: west }).regionOf("one")).toBe(west);
  });
});
