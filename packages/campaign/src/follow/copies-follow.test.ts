import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { away, home, startTwoRegions, type TwoRegions } from "../plan/testing/two-regions.ts";
import { changedDeks } from "../testing/read-wraps.ts";
import { type CopiesDesk, copiesDesk, people } from "./testing/copies-desk.ts";

describe("copies of wraps under a multi-Region key", () => {
  let aws: TwoRegions;
  let desk: CopiesDesk;

  beforeAll(async () => {
    aws = await startTwoRegions();
  });
  beforeEach(async () => {
    desk = await copiesDesk(aws);
  });
  afterAll(() => aws[Symbol.asyncDispose]());

  it("follow a rotation without a call of the replica Region's KMS, and evidence counts them", async () => {
    await using pair = await desk.deployment({ [people]: desk.profile() });
    const born = await pair.bear(30, people);
    const key = desk.from;
    await aws.rotate(home, key.atHome);
    const { material = "" } = await aws.kms(home).describeKey(key.atHome);
    desk.resetCounts();

    await using crew = await pair.crew();
    const { id, targets } = await pair.start(desk.rotation());
    const current = { sources: [key.atHome], keyArn: key.atHome, material, rotatedAt: expect.any(String) };
    expect(targets).toEqual([
      { store: "dekhand", region: home, ...current },
      {
        ...{ store: "dekhand", region: away, ...current, sources: [key.there], keyArn: key.there },
        follows: { homes: { [people]: home }, all: true },
      },
    ]);
    expect(await crew.until(id, "paused")).toBe("complete");
    expect(["ReEncrypt", "Decrypt", "Encrypt", "GenerateDataKey"].map((name) => desk.callsIn(away, name))).toEqual([
      0, 0, 0, 0,
    ]);
    expect(desk.callsIn(home, "ReEncrypt")).toBe(30);
    await desk.expectCopied(pair, key, born);
    for (const region of [home, away]) {
      for (const wrap of await desk.wrapsIn(pair, region)) expect(wrap).toMatchObject({ material, campaign: id });
    }

    const evidence = await desk.evidenceOf(pair, id);
    expect(evidence.census.closing.map(({ region, judged, whole }) => [region, judged, whole])).toEqual([
      [away, { current: 30, probed: 30 }, true],
      [home, { current: 30, probed: 30 }, true],
    ]);
    expect(evidence.progress.map(({ phase, region, counts }) => [phase, region, counts])).toEqual([
      ["rewrap", home, expect.objectContaining({ scanned: 30 })],
      ["follow", away, { scanned: 30, copied: 30 }],
    ]);
    expect(evidence.statement).toContainEqual(expect.stringContaining(`30 copies in store dekhand in ${away}`));
  });

  it("follow to another key, and the old one is left in both Regions", async () => {
    await using pair = await desk.deployment({ [people]: desk.profile() });
    const born = await pair.bear(12, people);
    await using crew = await pair.crew();
    const { id, targets, locks } = await pair.start(desk.keyChange());
    const [old, next] = [desk.from, desk.to];
    expect(targets.map(({ region, sources, keyArn }) => [region, sources, keyArn])).toEqual([
      [home, [old.atHome], next.atHome],
      [away, [old.there], next.there],
    ]);
    expect(locks).toEqual([old.atHome, old.there, next.atHome, next.there].sort());
    expect(await crew.until(id, "paused")).toBe("complete");
    await desk.expectCopied(pair, next, born);
    const { preflight } = await desk.evidenceOf(pair, id);
    // What is copied needs no permission to be re-encrypted; what is probed does.
    expect(preflight.find(({ region }) => region === away)?.checks).toEqual([
      { check: "key", key: old.there, ok: true },
      { check: "key", key: next.there, ok: true },
      { check: "store", ok: true },
      { check: "re-encrypt", key: next.there, ok: true },
    ]);
    expect(await pair.stores(home).state.leftKey(old.atHome)).toMatchObject({ campaignId: id });
    expect(await pair.stores(away).state.leftKey(old.there)).toMatchObject({ campaignId: id });
  });

  it("that lagged behind when the campaign began are brought along, though home is current", async () => {
    await using pair = await desk.deployment({ [people]: desk.profile() });
    const born = await pair.bear(6, people);
    const key = desk.from;
    await aws.rotate(home, key.atHome);
    const { deks } = pair.stores(home);
    for (const { id, blob, context } of (await desk.wrapsIn(pair, home)).slice(0, 4)) {
      const contexts = { sourceContext: context, targetContext: context };
      const answer = await aws
        .kms(home)
        .reEncrypt({ blob, sourceKeyArn: key.atHome, targetKeyArn: key.atHome, ...contexts });
      const material = answer.material === undefined ? {} : { material: answer.material };
      const next = { keyArn: key.atHome, blob: answer.blob, ...material, wrappedAt: new Date().toISOString() };
      await deks.swapWrap(id, home, blob, next);
    }
    desk.resetCounts();
    await using crew = await pair.crew();
    const { id } = await pair.start(desk.rotation());
    expect(await crew.until(id, "paused")).toBe("complete");
    expect([desk.callsIn(home, "ReEncrypt"), desk.callsIn(away, "ReEncrypt")]).toEqual([2, 0]);
    await desk.expectCopied(pair, key, born);
  });

  it("follow both ways, where two profiles under related keys have each other's Region for copies", async () => {
    const { atHome, there } = desk.from;
    const common = { required: ["tenant"] };
    await using pair = await desk.deployment({
      [people]: { ...common, home, key: atHome, replicas: { [away]: { key: there, strategy: "multi-region" } } },
      orders: { ...common, home: away, key: there, replicas: { [home]: { key: atHome, strategy: "multi-region" } } },
    });
    const born = new Map([...(await pair.bear(8, people)), ...(await pair.bear(7, "orders"))]);
    await aws.rotate(home, atHome);
    desk.resetCounts();
    await using crew = await pair.crew();
    const { id, targets } = await pair.start({ kind: "rotation", from: [atHome, there] });
    expect(targets.map(({ region, follows }) => [region, follows])).toEqual([
      [home, { homes: { orders: away }, all: false }],
      [away, { homes: { [people]: home }, all: false }],
    ]);
    expect(await crew.until(id, "paused")).toBe("complete");
    expect([desk.callsIn(home, "ReEncrypt"), desk.callsIn(away, "ReEncrypt")]).toEqual([8, 7]);
    await desk.expectCopied(pair, desk.from, born);
  });

  it("lead the other way after a failover", async () => {
    await using pair = await desk.deployment({ [people]: desk.profile() });
    const born = await pair.bear(5, people);
    await aws.rotate(home, desk.from.atHome);
    const since = new Date().toISOString();
    await pair.stores(home).state.putHome({ profile: people, region: away, epoch: 2, since }, { epoch: undefined });
    desk.resetCounts();
    await using crew = await pair.crew();
    const { id, targets } = await pair.start({ kind: "rotation", from: [desk.from.there] });
    expect(targets.map(({ region, follows }) => [region, follows])).toEqual([
      [home, { homes: { [people]: away }, all: true }],
      [away, undefined],
    ]);
    expect(await crew.until(id, "paused")).toBe("complete");
    expect([desk.callsIn(home, "ReEncrypt"), desk.callsIn(away, "ReEncrypt")]).toEqual([0, 5]);
    await desk.expectCopied(pair, desk.from, born);
  });

  it("are none of a replica Region's key of its own: its wraps are rewrapped there, and home's KMS is not asked", async () => {
    const own = await aws.createKey(away);
    const replicas = { [away]: { key: own, strategy: "encrypt" } };
    await using pair = await desk.deployment({ [people]: desk.profile({ replicas }) });
    const born = await pair.bear(9, people);
    const before = await desk.wrapsIn(pair, home);
    await aws.rotate(away, own);
    desk.resetCounts();
    await using crew = await pair.crew();
    const { id, targets } = await pair.start({ kind: "rotation", from: [own] });
    expect(targets).toMatchObject([{ region: away, sources: [own], keyArn: own }]);
    expect(await crew.until(id, "paused")).toBe("complete");
    expect([desk.callsIn(home, "ReEncrypt"), desk.callsIn(away, "ReEncrypt")]).toEqual([0, 9]);
    expect(await desk.wrapsIn(pair, home)).toEqual(before);
    const there = await desk.wrapsIn(pair, away);
    for (const wrap of there) expect(wrap).toMatchObject({ campaign: id, material: targets[0]?.material });
    expect(await changedDeks(there, own, born, aws.kms(away))).toEqual([]);
  });

  it("of global tables are written by home alone, and so are wraps of the replica Region's own key", async () => {
    const own = await aws.createKey(away);
    const orders = { home, key: await aws.createKey(home), required: ["tenant"] };
    const replicas = { [away]: { key: own, strategy: "encrypt" } };
    await using pair = await desk.deployment({ [people]: desk.profile(), orders: { ...orders, replicas } }, "global");
    const born = await pair.bear(5, people);
    const others = await pair.bear(4, "orders");
    await aws.rotate(home, desk.from.atHome);
    await aws.rotate(away, own);
    desk.resetCounts();
    await using crew = await pair.crew();
    const copied = await pair.start(desk.rotation());
    expect(await crew.until(copied.id, "paused")).toBe("complete");
    const rotated = await pair.start({ kind: "rotation", from: [own] });
    expect(await crew.until(rotated.id, "paused")).toBe("complete");
    expect([desk.callsIn(home, "ReEncrypt"), desk.callsIn(away, "ReEncrypt")]).toEqual([5, 4]);
    const there = await desk.wrapsIn(pair, away);
    const mine = (ids: ReadonlyMap<string, Buffer>) => there.filter(({ id }) => ids.has(id));
    expect(await changedDeks(mine(born), desk.from.there, born, aws.kms(away))).toEqual([]);
    expect(await changedDeks(mine(others), own, others, aws.kms(away))).toEqual([]);
    const replica = aws.aws.control.callCounts()[away]?.dynamodb ?? {};
    const writes = ["PutItem", "UpdateItem", "BatchWriteItem"].map((name) => replica[name]?.calls ?? 0);
    expect(writes).toEqual([0, 0, 0]);
  });
});
