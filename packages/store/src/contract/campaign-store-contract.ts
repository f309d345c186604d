/** What the store of campaigns guarantees on every endpoint: creation, locks, changes and history. */

import { randomUUID } from "node:crypto";
import { DeleteItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { beforeAll, describe, expect, it } from "vitest";
import { createCampaignStore } from "../campaigns/campaign-store.ts";
import type { CampaignStore } from "../campaigns/campaign-store-types.ts";
import type { Campaign, CampaignStatus, CampaignTransition } from "../campaigns/campaign-types.ts";
import type { ConditionalWrite, WriteResult } from "../writer/conditional-write.ts";
import { sampleAct, sampleCampaign } from "./campaign-samples.ts";
import { describeCampaignWork } from "./campaign-work-contract.ts";
import type { ContractSetup, ContractSubject } from "./contract-subject.ts";

export function describeCampaignStore(setup: ContractSetup): void {
  describe("campaign store", () => {
    let subject: ContractSubject;
    let store: CampaignStore;

    beforeAll(async () => {
      subject = await setup();
      store = createCampaignStore(subject);
    });

    /** A store whose writes go through `write`: to fail or to stop at a chosen one. */
    const storeWith = (
      write: (one: ConditionalWrite, send: () => Promise<WriteResult>) => Promise<WriteResult>,
      lockPatienceMs = 30_000,
    ) => {
      const { writer } = subject;
      const writeAll = (writes: readonly ConditionalWrite[]) =>
        Promise.all(
          writes.map((one) => write(one, async () => (await writer.write([one]))[0] ?? { kind: "conflict" })),
        );
      return createCampaignStore({ ...subject, writer: { ...writer, write: writeAll }, lockPatienceMs });
    };

    describe("creation", () => {
      it("a campaign comes back as it was created, planned, with its creation as its history", async () => {
        const wanted = sampleCampaign();
        const created = await store.create(wanted, ["key-b", "key-a", "key-b"]);
        const { id, kind, targets, settings = {}, controls = {} } = wanted;
        expect(created).toEqual({
          id,
          kind,
          targets,
          settings,
          controls,
          status: "planned",
          facts: {},
          locks: ["key-a", "key-b"],
          createdAt: wanted.at,
          createdBy: wanted.actor,
          version: 1,
          last: { seq: 1, to: "planned", at: wanted.at, actor: wanted.actor, reason: wanted.reason },
        });
        expect(await store.get(id)).toEqual(created);
        expect(await store.history(id)).toEqual([created.last]);
        expect(await store.get("unknown")).toBeUndefined();
        await end(store, created);
      });

      it("the same campaign again is accepted; another one of that id is refused and changes nothing", async () => {
        const wanted = sampleCampaign();
        const created = await store.create(wanted, []);
        expect(await store.create(wanted, [])).toEqual(created);
        await expect(store.create({ ...wanted, kind: "key" }, [])).rejects.toMatchObject({
          code: "STORE_CAMPAIGN_EXISTS",
        });
        expect(await store.get(wanted.id)).toEqual(created);
      });

      it.each(["", "a#b", "x".repeat(65), "é"])("the id %j is refused", async (id) => {
        await expect(store.create({ ...sampleCampaign(), id }, [])).rejects.toMatchObject({
          code: "STORE_VALUE_INVALID",
        });
      });

      it("campaigns are listed by descending id, in pages of any size", async () => {
        const fresh = createCampaignStore(await setup());
        const ids = ["c1", "c2", "c3", "c4", "c5"];
        for (const id of ids) await fresh.create({ ...sampleCampaign(), id }, []);
        for (const limit of [1, 2, 5, 100]) {
          const listed: string[] = [];
          let cursor: string | undefined;
          do {
            const page = await fresh.list({ limit, cursor });
            listed.push(...page.entries.map(({ id }) => id));
            cursor = page.cursor;
          } while (cursor !== undefined);
          expect(listed).toEqual(ids.toReversed());
        }
      });

      it("a campaign's item of another shape is refused, and hides no other from the list", async () => {
        const fresh = await setup();
        const campaigns = createCampaignStore(fresh);
        const [bent, whole] = [sampleCampaign(), sampleCampaign()];
        await campaigns.create(bent, []);
        await campaigns.create(whole, []);
        const Item = { campaignId: { S: bent.id }, item: { S: "campaign" }, status: { S: "running" } };
        await fresh.client.send(new PutItemCommand({ TableName: fresh.tables.campaigns, Item }));
        await expect(campaigns.get(bent.id)).rejects.toMatchObject({
          code: "STORE_ITEM_MALFORMED",
          context: { campaignId: bent.id },
        });
        const page = await campaigns.list();
        expect(page.entries.map(({ id }) => id)).toEqual([whole.id]);
        expect(page.malformed).toEqual([bent.id]);
      });
    });

    describe("locks", () => {
      it("of two starts at once for one key exactly one wins, and the loser names it and keeps no other lock", async () => {
        for (let round = 0; round < 5; round += 1) {
          const [shared, ...own] = [randomUUID(), `0-${randomUUID()}`, `0-${randomUUID()}`];
          const wanted = own.map(() => sampleCampaign());
          const results = await Promise.allSettled(
            wanted.map((campaign, index) => store.create(campaign, [shared, own[index] ?? ""])),
          );
          const winners = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
          const losses: unknown[] = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
          expect(winners).toHaveLength(1);
          const [winner] = winners;
          expect(losses).toMatchObject([
            { code: "STORE_CAMPAIGN_LOCKED", context: { holder: winner?.id, lock: shared } },
          ]);
          expect(await store.lockHolder(shared)).toBe(winner?.id);
          const lost = wanted.findIndex(({ id }) => id !== winner?.id);
          expect(await store.get(wanted[lost]?.id ?? "")).toBeUndefined();
          const next = await store.create(sampleCampaign(), [own[lost] ?? ""]);
          expect(next.status).toBe("planned");
        }
      });

      it("two starts of one and the same campaign at once make one", async () => {
        const wanted = sampleCampaign();
        const lock = randomUUID();
        const results = await Promise.allSettled([1, 2, 3].map(() => store.create(wanted, [lock])));
        expect(results.some(({ status }) => status === "fulfilled")).toBe(true);
        for (const result of results) {
          if (result.status === "fulfilled") expect(result.value.id).toBe(wanted.id);
          else expect(result.reason).toMatchObject({ code: "STORE_CAMPAIGN_LOCKED", retryable: true });
        }
        expect(await store.create(wanted, [lock])).toMatchObject({ id: wanted.id, version: 1 });
        expect(await store.lockHolder(lock)).toBe(wanted.id);
      });

      it.each<CampaignStatus>(["complete", "cancelled", "failed"])("a campaign that is %s holds none", async (to) => {
        const lock = randomUUID();
        const first = await store.create(sampleCampaign(), [lock]);
        await expect(store.create(sampleCampaign(), [lock])).rejects.toMatchObject({ retryable: false });
        await store.transition(first.id, { version: 1, from: "planned", to, ...sampleAct() });
        expect(await store.lockHolder(lock)).toBeUndefined();
        const second = await store.create(sampleCampaign(), [lock]);
        expect(await store.lockHolder(lock)).toBe(second.id);
      });

      it("one that could not be released at the end does not keep the next campaign out", async () => {
        const lock = randomUUID();
        const failing = storeWith(async (one, send) => (one.kind === "delete" ? { kind: "conflict" } : send()));
        const first = await failing.create(sampleCampaign(), [lock]);
        await end(failing, first);
        expect(await store.create(sampleCampaign(), [lock])).toMatchObject({ status: "planned" });
      });

      it("one left by a creation that died is respected for a while, then taken over", async () => {
        const lock = randomUUID();
        const dead = sampleCampaign();
        await crashBeforeCampaign(dead.id, lock);
        await expect(store.create(sampleCampaign(), [lock])).rejects.toMatchObject({
          code: "STORE_CAMPAIGN_LOCKED",
          retryable: true,
          context: { holder: dead.id },
        });
        const patient = createCampaignStore({ ...subject, lockPatienceMs: 0 });
        const next = await patient.create(sampleCampaign(), [lock]);
        expect(await patient.lockHolder(lock)).toBe(next.id);
        expect(await patient.get(dead.id)).toBeUndefined();
        expect((await patient.list()).entries.map(({ id }) => id)).not.toContain(dead.id);
      });

      it("a creation that died can be repeated under the same id", async () => {
        const lock = randomUUID();
        const dead = sampleCampaign();
        await crashBeforeCampaign(dead.id, lock);
        const patient = createCampaignStore({ ...subject, lockPatienceMs: 0 });
        expect(await patient.create(dead, [lock])).toMatchObject({ id: dead.id, status: "planned" });
        expect(await patient.lockHolder(lock)).toBe(dead.id);
      });

      it("a creation that slept while its lock was taken over creates nothing, whatever the clocks say", async () => {
        const lock = randomUUID();
        const sleeper = sampleCampaign();
        const asleep = Promise.withResolvers<void>();
        const awake = Promise.withResolvers<void>();
        const slow = storeWith(async (one, send) => {
          if (isCampaignItem(one, sleeper.id)) {
            asleep.resolve();
            await awake.promise;
          }
          return send();
        });
        const late = slow.create(sleeper, [lock]);
        await asleep.promise;
        const other = await createCampaignStore({ ...subject, lockPatienceMs: 0 }).create(sampleCampaign(), [lock]);
        awake.resolve();
        await expect(late).rejects.toMatchObject({ code: "STORE_CONTENDED", retryable: true });
        expect(await store.get(sleeper.id)).toBeUndefined();
        expect(await store.lockHolder(lock)).toBe(other.id);
      });

      it("a creation whose last answer was lost is found to have succeeded", async () => {
        const wanted = sampleCampaign();
        const deaf = storeWith(async (one, send) => {
          const result = await send();
          return isCampaignItem(one, wanted.id) ? { kind: "conflict" } : result;
        });
        const lock = randomUUID();
        expect(await deaf.create(wanted, [lock])).toMatchObject({ id: wanted.id });
        expect(await store.lockHolder(lock)).toBe(wanted.id);
      });
    });

    describe("changes", () => {
      it("a change is made to the campaign that was read, once, of any number that want it at once", async () => {
        const { id } = await store.create(sampleCampaign(), []);
        const change = { version: 1, from: "planned", to: "preflight" } as const;
        const results = await Promise.allSettled(
          Array.from({ length: 6 }, (_, index) => store.transition(id, { ...change, ...sampleAct(`actor-${index}`) })),
        );
        const done = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
        const refused: unknown[] = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
        expect(done).toHaveLength(1);
        for (const reason of refused) expect(reason).toMatchObject({ code: "STORE_CAMPAIGN_CHANGED", retryable: true });
        expect(await store.get(id)).toEqual(done[0]);
        expect(await store.history(id)).toHaveLength(2);
      });

      it.each([
        ["another version", { version: 2, from: "planned" }],
        ["another status", { version: 1, from: "running" }],
      ] as const)("a change of %s than the stored one is refused", async (_, read) => {
        const { id } = await store.create(sampleCampaign(), []);
        await expect(store.transition(id, { ...read, to: "preflight", ...sampleAct() })).rejects.toMatchObject({
          code: "STORE_CAMPAIGN_CHANGED",
          context: { status: "planned", version: 1 },
        });
      });

      it("the whole history can be read in order, however long, and a pause remembers what it interrupted", async () => {
        let campaign = await store.create(sampleCampaign(), []);
        const expected = [campaign.last];
        const step = async (to: CampaignStatus, change: Partial<CampaignTransition> = {}) => {
          const { id, version, status: from } = campaign;
          campaign = await store.transition(id, { version, from, to, ...sampleAct(`to ${to}`), ...change });
          expected.push(campaign.last);
        };
        await step("preflight");
        await step("canary", { set: { workers: "3" } });
        await step("running");
        for (let round = 0; round < 12; round += 1) {
          await step("paused");
          expect(await store.get(campaign.id)).toMatchObject({ status: "paused", pausedFrom: "running" });
          await step("running");
          expect(await store.get(campaign.id)).not.toHaveProperty("pausedFrom");
        }
        await step("verifying", { set: { sample: "20" } });
        expect(campaign.facts).toEqual({ workers: "3", sample: "20" });
        expect(await store.get(campaign.id)).toEqual(campaign);
        expect(await store.history(campaign.id)).toEqual(expected);
        expect(expected.map(({ seq }) => seq)).toEqual(expected.map((_, index) => index + 1));
      });

      it("controls change whatever happens beside it, and the history says who changed them", async () => {
        const { id } = await store.create({ ...sampleCampaign(), controls: { share: 0.5 } }, []);
        expect(await store.get(id)).toMatchObject({ controls: { share: 0.5 } });
        await Promise.all(
          [0.1, 0.2, 0.3].map((share) => store.setControls(id, { controls: { share }, ...sampleAct() })),
        );
        const history = await store.history(id);
        expect(new Set(history.map(({ controls }) => controls?.share))).toEqual(new Set([undefined, 0.1, 0.2, 0.3]));
        expect(await store.get(id)).toMatchObject({ version: 4, controls: history.at(-1)?.controls });
        await store.setControls(id, { controls: {}, ...sampleAct() });
        expect((await store.get(id))?.controls).toEqual({});
      });

      it.each([0, -1, 1.5, Number.NaN])("a share of %d is refused", async (share) => {
        const { id } = await store.create(sampleCampaign(), []);
        await expect(store.setControls(id, { controls: { share }, ...sampleAct() })).rejects.toMatchObject({
          code: "STORE_VALUE_INVALID",
        });
      });

      it("a change whose answer was lost is found to have succeeded", async () => {
        const { id } = await store.create(sampleCampaign(), []);
        const deaf = storeWith(async (one, send) => {
          const result = await send();
          return one.kind === "update" ? { kind: "conflict" } : result;
        });
        const change = { version: 1, from: "planned", to: "preflight", ...sampleAct() } as const;
        expect(await deaf.transition(id, change)).toMatchObject({ status: "preflight", version: 2 });
      });

      it("what was created in the meantime by nobody is not found", async () => {
        const change = { version: 1, from: "planned", to: "preflight", ...sampleAct() } as const;
        await expect(store.transition("nobody", change)).rejects.toMatchObject({ code: "STORE_CAMPAIGN_NOT_FOUND" });
        await expect(store.history("nobody")).rejects.toMatchObject({ code: "STORE_CAMPAIGN_NOT_FOUND" });
      });
    });

    describeCampaignWork(
      () => subject,
      () => store,
    );

    it("a call that is aborted throws the signal's reason", async () => {
      const reason = new Error("stopped");
      const options = { signal: AbortSignal.abort(reason) };
      await expect(store.list(options)).rejects.toBe(reason);
      await expect(store.create(sampleCampaign(), ["x"], options)).rejects.toBe(reason);
    });

    /** What a process leaves that dies after it took its lock. */
    async function crashBeforeCampaign(id: string, lock: string): Promise<void> {
      const dying = storeWith(async (one, send) => {
        if (isCampaignItem(one, id)) throw new Error("killed");
        return send();
      });
      await expect(dying.create({ ...sampleCampaign(), id }, [lock])).rejects.toThrow("killed");
      const Key = { campaignId: { S: "#campaigns" }, item: { S: id } };
      await subject.client.send(new DeleteItemCommand({ TableName: subject.tables.campaigns, Key }));
    }
  });
}

function isCampaignItem({ kind, key }: ConditionalWrite, id: string): boolean {
  return kind !== "delete" && key.campaignId?.S === id && key.item?.S === "campaign";
}

async function end(store: CampaignStore, { id, version, status: from }: Campaign): Promise<void> {
  await store.transition(id, { version, from, to: "cancelled", ...sampleAct() });
}
