import { CreateKeyCommand, DisableKeyCommand } from "@aws-sdk/client-kms";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { checkReplicaKeys } from "./check-replica-keys.ts";
import { away, home, profileIn, startTwoRegions, type TwoRegions } from "./testing/two-regions.ts";

let regions: TwoRegions;
let atHome: string;
let there: string;
let related: Awaited<ReturnType<TwoRegions["createRelatedKeys"]>>;

beforeAll(async () => {
  regions = await startTwoRegions();
  [atHome, there, related] = await Promise.all([
    regions.createKey(home),
    regions.createKey(away),
    regions.createRelatedKeys(),
  ]);
});
afterEach(() => regions.aws.control.clearFaults());
afterAll(() => regions[Symbol.asyncDispose]());

async function check(...profile: Parameters<typeof profileIn>) {
  const [finding] = await checkReplicaKeys({ profiles: { people: profileIn(...profile) }, kms: regions.kms });
  return finding;
}

const idOf = (arn: string) => arn.slice(arn.lastIndexOf("/") + 1);

describe("the keys of replica Regions", () => {
  it("are found suitable for each strategy that they fit, one finding for each profile and Region", async () => {
    const profiles = {
      related: { ...profileIn(related.atHome, { key: related.there, strategy: "multi-region" }), name: "related" },
      independent: { ...profileIn(atHome, { key: there }), name: "independent" },
      bridged: {
        ...profileIn(atHome, { key: there, strategy: "bridge", bridge: idOf(related.atHome) }),
        name: "bridged",
      },
      alone: { ...profileIn(atHome, { key: there }), name: "alone", replicas: {} },
    };
    const findings = await checkReplicaKeys({ profiles, kms: regions.kms });
    const suitable = { region: away, verdict: "suitable", problems: [] };
    expect(findings).toMatchObject([
      { ...suitable, profile: "related", strategy: "multi-region", keyArn: related.there },
      { ...suitable, profile: "independent", strategy: "encrypt", key: there, keyArn: there },
      { ...suitable, profile: "bridged", strategy: "bridge" },
    ]);
    expect(findings).toHaveLength(3);
  });

  it("are unsuitable where they are not there, disabled, or no encryption keys", async () => {
    const client = regions.client(away);
    const { KeyMetadata: hmac } = await client.send(
      new CreateKeyCommand({ KeyUsage: "GENERATE_VERIFY_MAC", KeySpec: "HMAC_256" }),
    );
    const disabled = await regions.createKey(away);
    await client.send(new DisableKeyCommand({ KeyId: disabled }));
    const problemsOf = async (key: string) => (await check(atHome, { key }))?.problems;
    expect(await problemsOf("alias/none")).toEqual(["the key alias/none is not there (KMS_KEY_UNUSABLE)"]);
    expect(await problemsOf(disabled)).toEqual([`the key ${disabled} is not enabled (Disabled)`]);
    expect(await problemsOf(hmac?.Arn ?? "")).toEqual([`the key ${hmac?.Arn} is no symmetric encryption key`]);
  });

  it("are unsuitable for multi-region unless they are related to the home's", async () => {
    const others = await regions.createRelatedKeys();
    expect(await check(related.atHome, { key: others.there, strategy: "multi-region" })).toMatchObject({
      verdict: "unsuitable",
      problems: [`the key is not related to the profile's key ${related.atHome} in ${home}`],
    });
    expect(await check(related.atHome, { key: there, strategy: "multi-region" })).toMatchObject({
      verdict: "unsuitable",
      problems: ["the key is no multi-Region key"],
    });
  });

  it("need a bridge that is a multi-Region key in both Regions", async () => {
    const bridge = (key: string) => check(atHome, { key: there, strategy: "bridge", bridge: key });
    expect(await bridge("alias/none")).toMatchObject({
      verdict: "unsuitable",
      problems: [
        `the bridge alias/none in ${home} is not there (KMS_KEY_UNUSABLE)`,
        `the bridge alias/none in ${away} is not there (KMS_KEY_UNUSABLE)`,
      ],
    });
    await regions.createAlias(home, "alias/bridge", related.atHome);
    await regions.createAlias(away, "alias/bridge", there);
    expect(await bridge("alias/bridge")).toMatchObject({
      verdict: "unsuitable",
      problems: [`the bridge alias/bridge in ${away} is no multi-Region key`],
    });
    const others = await regions.createRelatedKeys();
    await regions.createAlias(home, "alias/crossed", related.atHome);
    await regions.createAlias(away, "alias/crossed", others.there);
    expect((await bridge("alias/crossed"))?.problems).toEqual([
      `the bridge alias/crossed stands for keys in ${home} and ${away} that are not related`,
    ]);
  });
});

describe("while a Region is cut off", () => {
  it("its keys are unknown, and those of other profiles are found all the same", async () => {
    regions.aws.control.cutOff(away, true);
    expect(await check(atHome, { key: there })).toMatchObject({
      verdict: "unknown",
      problems: [expect.stringMatching(/could not be looked up \(KMS_(TRANSIENT|CIRCUIT_OPEN)\)$/)],
    });
  });

  it("a key that cannot be the home's relative is seen to be unsuitable without the home", async () => {
    regions.aws.control.cutOff(home, true);
    const strategy = "multi-region";
    expect((await check("alias/home", { key: related.there, strategy }))?.verdict).toBe("unknown");
    expect((await check("alias/home", { key: there, strategy }))?.verdict).toBe("unsuitable");
  });

  it("the signal ends the looking", async () => {
    regions.aws.control.cutOff(away, true, { mode: "hang" });
    const stop = new AbortController();
    const reason = new Error("enough");
    const profiles = { people: profileIn(atHome, { key: there }) };
    const asked = checkReplicaKeys({ profiles, kms: regions.kms }, { signal: stop.signal });
    stop.abort(reason);
    await expect(asked).rejects.toBe(reason);
  });
});
