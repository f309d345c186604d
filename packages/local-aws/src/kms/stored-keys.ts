/** Keys and aliases as they are kept in `kms.json`, and back. The file holds key material: mode 0600. */
import type { JsonObject } from "../service.ts";
import {
  storedFlag,
  storedList,
  storedNumber,
  storedObject,
  storedOptional,
  storedText,
  unreadable,
} from "../state/stored-json.ts";
import {
  KEY_SPECS,
  type KeyFamily,
  type KeyMaterial,
  type KeySpec,
  type RegionalKey,
  type RotationType,
} from "./key-model.ts";
import { readSecret, secretText } from "./key-secret.ts";
import type { KmsStore } from "./kms-store.ts";

const VERSION = 1;

export function storeKeys(store: KmsStore): JsonObject {
  return {
    version: VERSION,
    accountId: store.accountId,
    families: [...store.families.values()].map(storeFamily),
    aliases: [...store.aliases].flatMap(([region, aliases]) =>
      [...aliases.values()].map(({ name, keyId, createdAt, updatedAt }) => ({
        region,
        name,
        keyId,
        createdAt,
        updatedAt,
      })),
    ),
  };
}

/** Fills an empty store. Throws LOCAL_AWS_STATE_UNREADABLE. */
export function restoreKeys(store: KmsStore, stored: JsonObject): void {
  if (stored.version !== VERSION) throw unreadable("kms.json is of another version");
  if (stored.accountId !== store.accountId) throw unreadable("kms.json belongs to another account id");
  for (const entry of storedList(stored.families, "families")) {
    const family = restoreFamily(store, entry);
    store.families.set(family.keyId, family);
  }
  for (const entry of storedList(stored.aliases, "aliases")) {
    const region = storedText(entry, "region");
    const name = storedText(entry, "name");
    store.aliasesIn(region).set(name, {
      name,
      arn: store.aliasArn(region, name),
      keyId: storedText(entry, "keyId"),
      createdAt: storedNumber(entry, "createdAt"),
      updatedAt: storedNumber(entry, "updatedAt"),
    });
  }
}

function storeFamily(family: KeyFamily): JsonObject {
  const { keyId, multiRegion, spec, primaryRegion, onDemandRotations } = family;
  return {
    keyId,
    multiRegion,
    spec,
    primaryRegion,
    onDemandRotations,
    automaticRotation: family.automaticRotation && { ...family.automaticRotation },
    rotationInProgress: family.rotationInProgress && { ...family.rotationInProgress },
    materials: family.materials.map(({ id, secret, createdAt, rotation }) => ({
      id,
      secret: secretText(secret),
      createdAt,
      rotation: rotation && { ...rotation },
    })),
    members: [...family.members.values()].map((key) => ({
      region: key.region,
      createdAt: key.createdAt,
      readyAt: key.readyAt,
      description: key.description,
      enabled: key.enabled,
      policy: key.policy,
      tags: key.tags.map((tag) => ({ ...tag })),
      deletion: key.deletion && { ...key.deletion },
      lastUsage: key.lastUsage && { ...key.lastUsage },
    })),
  };
}

function restoreFamily(store: KmsStore, from: JsonObject): KeyFamily {
  const spec = storedSpec(from);
  const family: KeyFamily = {
    keyId: storedText(from, "keyId"),
    multiRegion: storedFlag(from, "multiRegion"),
    spec,
    primaryRegion: storedText(from, "primaryRegion"),
    onDemandRotations: storedNumber(from, "onDemandRotations"),
    materials: storedList(from.materials, "materials").map((material) => restoreMaterial(spec, material)),
    members: new Map(),
    automaticRotation: storedOptional(from, "automaticRotation", (_, member) => {
      const plan = storedObject(from[member], member);
      return { periodDays: storedNumber(plan, "periodDays"), nextAt: storedNumber(plan, "nextAt") };
    }),
    rotationInProgress: storedOptional(from, "rotationInProgress", (_, member) => {
      const rotation = storedObject(from[member], member);
      return {
        startedAt: storedNumber(rotation, "startedAt"),
        doneAt: storedNumber(rotation, "doneAt"),
        type: storedRotationType(rotation),
      };
    }),
  };
  if (family.materials.length === 0) throw unreadable("a key has no material");
  for (const member of storedList(from.members, "members")) {
    const key = restoreMember(store, family, member);
    family.members.set(key.region, key);
  }
  return family;
}

function restoreMaterial(spec: KeySpec, from: JsonObject): KeyMaterial {
  const rotation = storedOptional(from, "rotation", (_, member) => {
    const stored = storedObject(from[member], member);
    return { completedAt: storedNumber(stored, "completedAt"), type: storedRotationType(stored) };
  });
  return {
    id: storedText(from, "id"),
    secret: readSecret(spec, storedText(from, "secret")),
    createdAt: storedNumber(from, "createdAt"),
    ...(rotation && { rotation }),
  };
}

function restoreMember(store: KmsStore, family: KeyFamily, from: JsonObject): RegionalKey {
  const region = storedText(from, "region");
  return {
    family,
    region,
    arn: store.keyArn(region, family.keyId),
    createdAt: storedNumber(from, "createdAt"),
    readyAt: storedNumber(from, "readyAt"),
    description: storedText(from, "description"),
    enabled: storedFlag(from, "enabled"),
    policy: storedOptional(from, "policy", storedText),
    tags: storedList(from.tags, "tags").map((tag) => ({
      TagKey: storedText(tag, "TagKey"),
      TagValue: storedText(tag, "TagValue"),
    })),
    deletion: storedOptional(from, "deletion", (_, member) => {
      const deletion = storedObject(from[member], member);
      const at = storedOptional(deletion, "at", storedNumber);
      return { windowDays: storedNumber(deletion, "windowDays"), ...(at !== undefined && { at }) };
    }),
    lastUsage: storedOptional(from, "lastUsage", (_, member) => {
      const usage = storedObject(from[member], member);
      return {
        operation: storedText(usage, "operation"),
        at: storedNumber(usage, "at"),
        requestId: storedText(usage, "requestId"),
        eventId: storedText(usage, "eventId"),
      };
    }),
  };
}

function storedSpec(from: JsonObject): KeySpec {
  const spec = storedText(from, "spec");
  if (isKeySpec(spec)) return spec;
  throw unreadable("a key has an unknown spec");
}

export function isKeySpec(text: string): text is KeySpec {
  return Object.hasOwn(KEY_SPECS, text);
}

function storedRotationType(from: JsonObject): RotationType {
  const type = storedText(from, "type");
  if (type === "AUTOMATIC" || type === "ON_DEMAND") return type;
  throw unreadable("a rotation has an unknown type");
}
