import { readFile, writeFile } from "node:fs/promises";
import { ListTablesCommand } from "@aws-sdk/client-dynamodb";
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
} from "@aws-sdk/client-kms";
import { ListQueuesCommand } from "@aws-sdk/client-sqs";
import { createStateStore, tableNames } from "@dekhand/store";
import { tempDir } from "@dekhand/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { runCommand } from "./stack/run-command.ts";
import { region as home, plainProfile, type Stack, startStack, tenantProfile } from "./stack/start-stack.ts";

const [related, apart] = ["eu-west-1", "ap-southeast-2"];

let stack: Stack;
let folder: Awaited<ReturnType<typeof tempDir>>;
let prefixes = 0;
beforeAll(async () => {
  stack = await startStack({
    regions: [home, related, apart],
    replicas: { [related]: "multi-region", [apart]: "bridge" },
  });
  folder = await tempDir("init");
  for (const region of [related, apart]) await createAlias(region, "alias/dekhand-transit");
});
afterEach(() => stack.aws.control.clearFaults());
afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const kmsIn = (region: string) => stack.clients.region(region).kms;

async function createAlias(region: string, AliasName: string): Promise<void> {
  const { KeyMetadata } = await kmsIn(region).send(new CreateKeyCommand({}));
  await kmsIn(region).send(new CreateAliasCommand({ AliasName, TargetKeyId: KeyMetadata?.KeyId }));
}

type Written = ReturnType<typeof JSON.parse>;

/** A deployment of which nothing is there yet, and the command for it in one control Region. */
async function deployment(change: (written: Written) => void = () => undefined) {
  prefixes += 1;
  const prefix = `fresh-${prefixes}`;
  const written: Written = parse(await readFile(stack.embedded.configFile, "utf8"));
  Object.assign(written, { prefix, queues: { encrypt: `${prefix}-encrypt`, rewrap: `${prefix}-rewrap` } });
  change(written);
  const configFile = folder.join(`${prefix}.yaml`);
  await writeFile(configFile, stringify(written));
  const env = { ...stack.env, DEKHAND_CONFIG: configFile };
  const tablesIn = async (region: string) => {
    const { TableNames = [] } = await stack.clients.region(region).dynamodb.send(new ListTablesCommand({}));
    return TableNames.filter((name) => name.startsWith(`${prefix}-`)).length;
  };
  const queuesIn = async (region: string) => {
    const list = new ListQueuesCommand({ QueueNamePrefix: prefix });
    return (await stack.clients.region(region).sqs.send(list)).QueueUrls?.length ?? 0;
  };
  const init = (control: string, ...args: readonly string[]) =>
    runCommand(["init", "--yes", ...args], { env: { ...env, DEKHAND_CONTROL: control } });
  const state = (region: string) =>
    createStateStore({ client: stack.clients.region(region).dynamodb, tables: tableNames(prefix) });
  return { tablesIn, queuesIn, state, init };
}

describe("init in a Region that is to stand on its own", () => {
  it("makes its own queues and transit key there, and finds all keys of profiles in all Regions", async () => {
    const made = await deployment();
    const first = await made.init(home, "--json");
    const second = await made.init(related, "--json");
    expect([first.exitCode, second.exitCode]).toEqual([0, 0]);
    for (const region of [home, related, apart]) expect(await made.tablesIn(region)).toBe(4);
    expect([await made.queuesIn(home), await made.queuesIn(related), await made.queuesIn(apart)]).toEqual([4, 4, 0]);
    const keys = [first, second].map(({ stdout }) => JSON.parse(stdout).transitKeys.map((one: Written) => one.keyId));
    expect(keys).toEqual([[expect.any(String)], [expect.any(String)]]);
    expect(keys[0]).not.toEqual(keys[1]);
    for (const [region, strategy] of [
      [related, "multi-region"],
      [apart, "bridge"],
    ]) {
      const line = new RegExp(
        `found +alias/${tenantProfile} for profile ${tenantProfile} in ${region} by ${strategy}: arn`,
      );
      expect(second.stderr).toMatch(line);
    }
    expect(await made.init(related)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^everything is there/),
    });
  });
});

describe("init while a Region is away", () => {
  it.each(["reset", "hang"] as const)(
    "prepares the others within seconds, names it, and ends with 1: %s",
    async (mode) => {
      const made = await deployment();
      stack.aws.control.cutOff(home, true, { mode });
      const startedAt = performance.now();
      const outcome = await made.init(related, "--json");
      expect(performance.now() - startedAt).toBeLessThan(20_000);
      expect(outcome.exitCode).toBe(1);
      expect(outcome.stderr).toMatch(new RegExp(`warning: ${home} does not answer \\(\\w+\\); it is left out`));
      expect(outcome.stderr.match(/warning:/g)).toHaveLength(1);
      expect(JSON.parse(outcome.stdout)).toMatchObject({
        created: true,
        leftOut: [{ region: home, why: "silent" }],
        transitKeys: [{ keyId: expect.any(String) }],
      });
      stack.aws.control.clearFaults();
      expect([await made.tablesIn(home), await made.tablesIn(related), await made.tablesIn(apart)]).toEqual([0, 4, 4]);
      expect(await made.queuesIn(related)).toBe(4);

      expect(await made.init(related)).toMatchObject({ exitCode: 0 });
      expect(await made.tablesIn(home)).toBe(4);
    },
    60_000,
  );

  it("is no failure where that Region is skipped, which is not asked anything", async () => {
    const made = await deployment();
    stack.aws.control.cutOff(home, true, { mode: "hang" });
    const outcome = await made.init(related, "--skip", home);
    expect(outcome).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^done\n/) });
    expect(outcome.stderr).toContain(`skipped  ${home}`);
    expect(outcome.stderr).not.toContain("warning:");
    expect(outcome.stderr).toContain(`profile ${tenantProfile} in ${related} by multi-region: arn`);
    expect(await made.tablesIn(apart)).toBe(4);
    const again = await made.init(related, "--skip", home);
    expect(again).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^everything is there/) });
  }, 60_000);

  it("creates nothing without the control Region, and says how to name another", async () => {
    const made = await deployment();
    stack.aws.control.cutOff(home, true);
    const outcome = await made.init(home);
    expect(outcome.exitCode).toBe(3);
    expect(outcome.stderr).toContain("CLI_CONTROL_UNREACHABLE");
    expect(outcome.stderr).toContain("DEKHAND_CONTROL");
    expect(await made.tablesIn(related)).toBe(0);
    for (const wrong of [home, "eu-central-1"]) {
      expect(await made.init(home, "--skip", wrong)).toMatchObject({ exitCode: 2 });
    }
  }, 60_000);

  it("says which keys it could not look up where KMS alone is away, and creates all tables", async () => {
    const made = await deployment();
    const away = { errorName: "ServiceUnavailableException", status: 503, service: "kms" } as const;
    stack.aws.control.injectErrors(apart, away);
    const outcome = await made.init(home);
    expect(outcome.exitCode).toBe(1);
    expect(outcome.stderr).toMatch(/warning: profile documents in ap-southeast-2 by bridge: .*could not be looked up/);
    expect(await made.tablesIn(apart)).toBe(4);
  }, 60_000);
});

describe("init with keys of replica Regions that do not fit", () => {
  it("creates nothing for a key that is not related to the home's, unless its Region is skipped", async () => {
    await createAlias(related, "alias/unrelated");
    const made = await deployment(({ profiles }) => {
      profiles[tenantProfile].replicas[related].key = "alias/unrelated";
    });
    const outcome = await made.init(home);
    expect(outcome.exitCode).toBe(1);
    expect(outcome.stderr).toMatch(
      /REFUSED +profile customer-pii in eu-west-1 by multi-region: the key is no multi-Region key/,
    );
    expect(await made.tablesIn(home)).toBe(0);
    expect(await made.init(home, "--skip", related)).toMatchObject({ exitCode: 0 });
    expect([await made.tablesIn(home), await made.tablesIn(related)]).toEqual([4, 0]);
  }, 60_000);

  it("creates nothing for a bridge that is disabled in one of its Regions", async () => {
    const made = await deployment();
    const { KeyMetadata: bridge } = await kmsIn(apart).send(new DescribeKeyCommand({ KeyId: "alias/dekhand-bridge" }));
    await kmsIn(apart).send(new DisableKeyCommand({ KeyId: bridge?.KeyId }));
    const refused = await made.init(home);
    await kmsIn(apart).send(new EnableKeyCommand({ KeyId: bridge?.KeyId }));
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toMatch(/REFUSED +profile documents in ap-southeast-2 by bridge: .*alias\/dekhand-bridge/);
    expect(await made.tablesIn(home)).toBe(0);
  }, 60_000);
});

describe("init of a Region whose tables are new", () => {
  it("tells it where homes are that were moved, and leaves what a Region says by itself", async () => {
    const made = await deployment();
    await made.init(home, "--skip", apart);
    const moved = { region: related, epoch: 2, since: new Date().toISOString() };
    for (const profile of [tenantProfile, plainProfile]) {
      await made.state(related).putHome({ ...moved, profile }, { epoch: undefined });
    }
    await made.state(home).getOrCreateHome(tenantProfile, home);

    const outcome = await made.init(home);
    expect(outcome).toMatchObject({ exitCode: 0 });
    expect(outcome.stderr).toContain(
      `tell     ${apart} that ${tenantProfile} has its home in ${related}, under epoch 2`,
    );
    const toldBy = async (region: string) =>
      (await made.state(region).listHomes()).map(({ profile, region: where, epoch }) => [profile, where, epoch]);
    const both = [tenantProfile, plainProfile].map((profile) => [profile, related, 2]);
    expect(await toldBy(apart)).toEqual(both);
    // It has not heard of the failover: that is told by who moves homes.
    expect(await toldBy(home)).toEqual([[tenantProfile, home, 1], both[1]]);
    expect(await made.init(apart, "--skip", home)).toMatchObject({ exitCode: 0 });
  }, 60_000);
});
