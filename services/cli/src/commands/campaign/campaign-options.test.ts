import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { addCampaignOptions, type CampaignOptions, readCampaignRequest } from "./campaign-options.ts";

function read(...args: string[]) {
  const quiet = { writeErr() {}, writeOut() {} };
  const command = addCampaignOptions(new Command("plan")).exitOverride().configureOutput(quiet);
  return readCampaignRequest(command.parse(args, { from: "user" }).opts<CampaignOptions>());
}

describe("the options of a campaign", () => {
  it("are a request with the usual settings, where nothing else is said", () => {
    expect(read("--kind", "rotation", "--from", "alias/pii")).toEqual({
      kind: "rotation",
      from: ["alias/pii"],
      settings: { canary: 10, sample: 0.01, probeBy: "dry-run", segments: 64 },
      controls: {},
    });
  });

  it("are all part of the request", () => {
    const targets = ["--kind", "key", "--from", "a", "b", "--to", "c", "--store", "dekhand", "orders"];
    const settings = ["--sample", "1", "--canary", "0", "--probe-by", "decrypt", "--segments", "8"];
    expect(read(...targets, "--region", "eu-west-1", "--share", "0.3", ...settings)).toEqual({
      kind: "key",
      from: ["a", "b"],
      to: "c",
      stores: ["dekhand", "orders"],
      regions: ["eu-west-1"],
      settings: { canary: 0, sample: 1, probeBy: "decrypt", segments: 8 },
      controls: { share: 0.3 },
    });
  });

  it.each([
    ["--share", "0"],
    ["--share", "1.1"],
    ["--share", "a third"],
    ["--sample", "0"],
    ["--sample", ""],
    ["--canary", "-1"],
    ["--segments", "0"],
    ["--probe-by", "looking"],
    ["--kind", "reseal"],
  ])("are refused where a value cannot be: %s %s", (option, value) => {
    expect(() => read("--kind", "rotation", "--from", "a", option, value)).toThrow(
      expect.objectContaining({ code: "commander.invalidArgument" }),
    );
  });

  it("are refused where kind and target contradict each other", () => {
    const usage = expect.objectContaining({ code: "CLI_USAGE" });
    expect(() => read("--kind", "key", "--from", "a")).toThrow(usage);
    expect(() => read("--kind", "rotation", "--from", "a", "--to", "b")).toThrow(usage);
  });
});
