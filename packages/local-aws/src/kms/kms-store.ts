/**
 * All keys and aliases of one startLocalAws, for all its Regions.
 *
 * Nothing here runs on timers: rotations, deletions and the transient states
 * are due at a time, and are carried out when somebody next looks. A change is
 * durable when `changed()` has resolved.
 */
import { type KeyObject, randomBytes, randomUUID } from "node:crypto";
import {
  type Alias,
  isPrimary,
  type KeyFamily,
  type KeyMaterial,
  type KeySpec,
  type RegionalKey,
  type RotationType,
  type Tag,
} from "./key-model.ts";
import { symmetricSecret } from "./key-secret.ts";

export const DAY_MS = 86_400_000;

export interface KmsStoreOptions {
  readonly accountId: string;
  readonly regions: readonly string[];
  readonly now: () => number;
  /** How long rotation, replication and a change of primary stay in their transient states, in milliseconds. */
  readonly settleMs: number;
  /** Called after each change; the change counts as made when it resolves. */
  readonly save: () => Promise<void>;
}

export interface NewKey {
  readonly region: string;
  readonly spec: KeySpec;
  /** Of that spec. */
  readonly secret: KeyObject;
  readonly multiRegion: boolean;
  readonly description: string;
  readonly policy?: string | undefined;
  readonly tags: readonly Tag[];
}

export class KmsStore {
  readonly accountId: string;
  readonly regions: readonly string[];
  readonly settleMs: number;
  readonly families = new Map<string, KeyFamily>();
  readonly aliases = new Map<string, Map<string, Alias>>();
  readonly now: () => number;
  readonly #save: () => Promise<void>;

  constructor(options: KmsStoreOptions) {
    this.accountId = options.accountId;
    this.regions = options.regions;
    this.now = options.now;
    this.settleMs = options.settleMs;
    this.#save = options.save;
  }

  changed(): Promise<void> {
    return this.#save();
  }

  keyArn(region: string, keyId: string): string {
    return `arn:aws:kms:${region}:${this.accountId}:key/${keyId}`;
  }

  aliasArn(region: string, name: string): string {
    return `arn:aws:kms:${region}:${this.accountId}:${name}`;
  }

  create(spec: NewKey): RegionalKey {
    const now = this.now();
    const keyId = spec.multiRegion ? `mrk-${randomUUID().replaceAll("-", "")}` : randomUUID();
    const family: KeyFamily = {
      keyId,
      multiRegion: spec.multiRegion,
      spec: spec.spec,
      primaryRegion: spec.region,
      materials: [newMaterial(now, spec.secret)],
      members: new Map(),
      onDemandRotations: 0,
    };
    this.families.set(keyId, family);
    return this.#join(family, spec, now, now);
  }

  replicate(family: KeyFamily, spec: Pick<NewKey, "region" | "description" | "policy" | "tags">): RegionalKey {
    const now = this.now();
    return this.#join(family, spec, now, now + this.settleMs);
  }

  key(region: string, keyId: string): RegionalKey | undefined {
    const family = this.families.get(keyId);
    if (!family) return undefined;
    this.settle(family);
    return family.members.get(region);
  }

  keysIn(region: string): RegionalKey[] {
    const found: RegionalKey[] = [];
    for (const family of this.families.values()) {
      this.settle(family);
      const key = family.members.get(region);
      if (key) found.push(key);
    }
    return found.sort((a, b) => compareText(a.family.keyId, b.family.keyId));
  }

  aliasesIn(region: string): Map<string, Alias> {
    let aliases = this.aliases.get(region);
    if (!aliases) {
      aliases = new Map();
      this.aliases.set(region, aliases);
    }
    return aliases;
  }

  /** Starts a rotation; with `settleMs` 0 it is complete at once. */
  rotate(family: KeyFamily, type: RotationType): void {
    const startedAt = this.now();
    if (type === "ON_DEMAND") family.onDemandRotations += 1;
    family.rotationInProgress = { startedAt, doneAt: startedAt + this.settleMs, type };
    this.settle(family);
  }

  deleteNow(key: RegionalKey): void {
    const { family, region } = key;
    family.members.delete(region);
    const aliases = this.aliasesIn(region);
    for (const alias of aliases.values()) if (alias.keyId === family.keyId) aliases.delete(alias.name);
    if (family.members.size === 0) this.families.delete(family.keyId);
  }

  /** Carries out what has fallen due. */
  settle(family: KeyFamily): void {
    if (!family.rotationInProgress && !family.automaticRotation && !family.primaryUpdate && !anyDeletion(family))
      return;
    const now = this.now();
    const changes = [
      this.#finishRotation(family, now),
      this.#rotateBySchedule(family, now),
      this.#deleteDue(family, now),
    ];
    if (family.primaryUpdate && family.primaryUpdate.doneAt <= now) family.primaryUpdate = undefined;
    // Nobody waits for these: a change that is lost with the process falls due again at the next start.
    if (changes.includes(true)) void this.#save().catch(() => undefined);
  }

  #join(
    family: KeyFamily,
    spec: Pick<NewKey, "region" | "description" | "policy" | "tags">,
    createdAt: number,
    readyAt: number,
  ): RegionalKey {
    const key: RegionalKey = {
      family,
      region: spec.region,
      arn: this.keyArn(spec.region, family.keyId),
      createdAt,
      readyAt,
      description: spec.description,
      enabled: true,
      policy: spec.policy,
      tags: spec.tags,
    };
    family.members.set(spec.region, key);
    return key;
  }

  #finishRotation(family: KeyFamily, now: number): boolean {
    const rotation = family.rotationInProgress;
    if (!rotation || rotation.doneAt > now) return false;
    family.rotationInProgress = undefined;
    family.materials.push(rotatedMaterial(rotation.doneAt, rotation.type));
    return true;
  }

  #rotateBySchedule(family: KeyFamily, now: number): boolean {
    let changed = false;
    for (let plan = family.automaticRotation; plan && plan.nextAt <= now; plan = family.automaticRotation) {
      const primary = family.members.get(family.primaryRegion);
      // KMS does not rotate a key that is disabled or about to be deleted.
      if (!primary?.enabled || primary.deletion) return changed;
      family.materials.push(rotatedMaterial(plan.nextAt, "AUTOMATIC"));
      family.automaticRotation = { ...plan, nextAt: plan.nextAt + plan.periodDays * DAY_MS };
      changed = true;
    }
    return changed;
  }

  #deleteDue(family: KeyFamily, now: number): boolean {
    let changed = false;
    for (const key of family.members.values()) {
      if (key.deletion?.at !== undefined && key.deletion.at <= now) {
        this.deleteNow(key);
        changed = true;
      }
    }
    const [last] = family.members.values();
    if (last && family.members.size === 1 && isPrimary(last) && last.deletion && last.deletion.at === undefined) {
      last.deletion = { windowDays: last.deletion.windowDays, at: now + last.deletion.windowDays * DAY_MS };
      changed = true;
    }
    return changed;
  }
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function newMaterial(at: number, secret: KeyObject): KeyMaterial {
  return { id: randomBytes(32).toString("hex"), secret, createdAt: at };
}

/** Only symmetric keys are rotated. */
function rotatedMaterial(at: number, type: RotationType): KeyMaterial {
  return { ...newMaterial(at, symmetricSecret()), rotation: { completedAt: at, type } };
}

function anyDeletion(family: KeyFamily): boolean {
  for (const key of family.members.values()) if (key.deletion) return true;
  return false;
}
