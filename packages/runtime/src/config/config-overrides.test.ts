import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { problemsOf } from "../testing/problems-of.ts";
import { type ConfigOverrides, readDeploymentConfig } from "./read-deployment-config.ts";

const transitArn = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555";

describe("a process that is told its own control Region", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "dekhand-config-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const read = (overrides: ConfigOverrides, changes: object = {}) => {
    const file = join(folder, "dekhand.yaml");
    const written = {
      prefix: "dekhand",
      regions: ["us-east-1", "eu-west-1"],
      control: "us-east-1",
      profiles: { pii: { home: "us-east-1", key: "alias/pii" } },
      wrapStores: { legacy: { region: "us-east-1", keys: ["alias/a"], module: "./legacy.ts" } },
      ...changes,
    };
    writeFileSync(file, JSON.stringify(written));
    return readDeploymentConfig(file, overrides);
  };

  it("has everything else as the file says", () => {
    const before = read({});
    expect(read({ control: "eu-west-1" })).toEqual({ ...before, control: "eu-west-1" });
    expect(read({ control: undefined })).toEqual(before);
  });

  it("unwraps transit keys there by an alias, and by an ARN or an explicit Region where those say", () => {
    const transitIn = (transit: object) => read({ control: "eu-west-1" }, { transit }).transit?.region;
    expect(transitIn({ key: "alias/transit" })).toBe("eu-west-1");
    expect(transitIn({ key: transitArn })).toBe("us-east-1");
    expect(transitIn({ key: "alias/transit", region: "us-east-1" })).toBe("us-east-1");
  });

  it("is told when that is none of the deployment's, and what is wrong with the file comes first", () => {
    expect(problemsOf(() => read({ control: "ap-south-1" }))[0]).toMatch(
      /^DEKHAND_CONTROL: one of the Regions listed in regions of .*dekhand\.yaml$/,
    );
    expect(problemsOf(() => read({ control: "eu-west-1" }, { control: "ap-south-1" }))).toEqual([
      "control: one of the Regions listed in regions",
    ]);
  });
});
