import { CreateAliasCommand, UpdateAliasCommand } from "@aws-sdk/client-kms";
import type { KmsGovernor } from "@dekhand/kms";
import { type StateStore, StoreError } from "@dekhand/store";
import { createManualClock, eventually, type ManualClock } from "@dekhand/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createEncryptDeks, type EncryptDeks, type EncryptDeksDeps } from "./encrypt-deks.ts";
import { createKeyDirectory } from "./key-directory.ts";
import { type HomeRegion, profileWith, startHomeRegion } from "./testing/home-region.ts";

/** No DEK is born under a key that a campaign has left. */

const at = "2026-11-23T10:00:00.000Z";

let home: HomeRegion;
let keyArn: string;
let clock: ManualClock;
const opened: EncryptDeks[] = [];

beforeAll(async () => {
  home = await startHomeRegion();
});
afterAll(() => home[Symbol.asyncDispose]());
beforeEach(async () => {
  keyArn = await home.createKey();
  clock = createManualClock();
  home.aws.control.resetCounts();
});
afterEach(() => {
  for (const deks of opened.splice(0)) deks.close();
});

/** Asks for DEKs of a scope each, under the key of that name. */
function open(changes: Partial<EncryptDeksDeps> = {}, key = keyArn) {
  const { kms, stores, logger, metrics } = home;
  const profile = profileWith(key);
  const keys = createKeyDirectory({ profiles: { [profile.name]: profile }, kms: () => kms, logger, clock });
  const places = { kms: () => kms, store: () => stores.deks, state: () => stores.state };
  const deks = createEncryptDeks({ keys, ...places, logger, metrics, clock, ...changes });
  opened.push(deks);
  return (tenant: string) => deks.acquire({ profile, context: { tenant }, bytes: 1 });
}

const leave = (campaignId = "c1") => home.stores.state.leaveKey({ keyArn, campaignId, at });
const births = () => home.calls("GenerateDataKey");
const left = { code: "DEKS_KEY_LEFT", retryable: true };

/** What is in the table afterwards is what was there before. */
async function expectNothingBorn(act: () => Promise<void>): Promise<void> {
  const before = await home.stores.deks.count();
  await act();
  expect(await home.stores.deks.count()).toEqual(before);
}

describe("a key that a campaign has left", () => {
  it("is never asked of KMS for a DEK, and the error tells the campaign and what to do", async () => {
    await leave("to-the-new-key");
    const acquire = open();
    await expectNothingBorn(async () => {
      await expect(acquire("acme")).rejects.toMatchObject({
        ...left,
        message: expect.stringMatching(/campaign to-the-new-key has left .* configuration/),
        context: { keyArn, campaignId: "to-the-new-key" },
      });
    });
    expect(births()).toBe(0);
  });

  it("is seen to be one by the very next birth, while a DEK that is durable goes on to be used", async () => {
    const acquire = open();
    using first = await acquire("acme");
    await leave();
    await expect(acquire("dunes")).rejects.toMatchObject(left);
    using again = await acquire("acme");
    expect(again.dek.id).toBe(first.dek.id);
    expect(births()).toBe(1);
  });

  it("is used again once the mark is taken away", async () => {
    await leave();
    const acquire = open();
    await expect(acquire("acme")).rejects.toMatchObject(left);
    await home.stores.state.returnToKey(keyArn, { campaignId: "c1", marks: "own" });
    await eventually(async () => {
      using lease = await acquire("acme");
      return !lease.dek.disposed;
    });
  });

  it("is given up at once for the one that the profile's name stands for by now", async () => {
    const newKey = await home.createKey();
    const alias = `alias/${keyArn.slice(-12)}`;
    const { kms } = home.clients;
    await kms.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: keyArn }));
    const acquire = open({}, alias);
    using before = await acquire("acme");
    await kms.send(new UpdateAliasCommand({ AliasName: alias, TargetKeyId: newKey }));
    await leave();
    await clock.advance(1_001);
    using after = await acquire("dunes");
    const wraps = await Promise.all([before, after].map(({ dek }) => home.stores.deks.get(dek.id, home.kms.region)));
    expect(wraps.map((found) => found?.wrap.keyArn)).toEqual([keyArn, newKey]);
  });
});

describe("where the mark cannot be read", () => {
  it("no DEK is born: the failure is the store's, to be waited out, and KMS is not called", async () => {
    const away = new StoreError("STORE_UNAVAILABLE", "away", { retryable: true });
    const acquire = open({ state: () => ({ leftKey: () => Promise.reject(away) }) });
    await expectNothingBorn(() => expect(acquire("acme")).rejects.toBe(away));
    expect(births()).toBe(0);
  });

  it("because somebody has changed it, the key counts as left, and no job is rejected for it", async () => {
    const malformed = new StoreError("STORE_ITEM_MALFORMED", "bent");
    const acquire = open({ state: () => ({ leftKey: () => Promise.reject(malformed) }) });
    const error = { ...left, cause: malformed, context: { keyArn } };
    await expect(acquire("acme")).rejects.toMatchObject(error);
    expect(births()).toBe(0);
  });
});

describe("a worker that is suspended after it found no mark", () => {
  const late = { code: "DEKS_BIRTH_DEADLINE", retryable: true };
  const clocks: readonly (readonly [string, () => unknown])[] = [
    ["both clocks", () => clock.advance(30_000)],
    ["a monotonic clock that stood still meanwhile", () => clock.setNow(clock.now() + 30_000)],
  ];

  it.each(clocks)("makes nothing durable 30 s later, by %s", async (_, suspend) => {
    const leftKey: StateStore["leftKey"] = async (...args) => {
      const mark = await home.stores.state.leftKey(...args);
      await suspend();
      return mark;
    };
    await expectNothingBorn(() => expect(open({ state: () => ({ leftKey }) })("acme")).rejects.toMatchObject(late));
    expect(births()).toBe(0);

    const generateDataKey: KmsGovernor["generateDataKey"] = async (...args) => {
      const answer = await home.kms.generateDataKey(...args);
      await leave();
      await suspend();
      return answer;
    };
    const { region } = home.kms;
    await expectNothingBorn(() =>
      expect(open({ kms: () => ({ generateDataKey, region }) })("acme")).rejects.toMatchObject(late),
    );
    expect(births()).toBe(1);
  });
});
