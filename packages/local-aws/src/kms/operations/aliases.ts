import { AwsFault, type JsonObject } from "../../service.ts";
import { readText, requireText, validation } from "../input.ts";
import { seconds } from "../key-metadata.ts";
import { KEY_SPECS } from "../key-model.ts";
import { requireState } from "../key-state.ts";
import { compareText } from "../kms-store.ts";
import type { KmsCall, KmsOperation } from "../operation.ts";
import { paginate } from "../paginate.ts";
import { managed, notFound, resolveKey } from "../resolve-key.ts";

/** KMS's own quota of aliases a key. */
const MAX_ALIASES = 50;

export const createAlias: KmsOperation = async (call, input) => {
  const { store, region } = call;
  const name = readAliasName(input);
  const key = resolveKey(store, region, requireText(input, "TargetKeyId"), { alias: "refused" });
  const aliases = store.aliasesIn(region);
  const arn = store.aliasArn(region, name);
  if (aliases.has(name)) throw new AwsFault("AlreadyExistsException", `An alias with the name ${arn} already exists`);
  requireState(key, "name", store.now());
  requireRoom(call, key.family.keyId);
  const now = store.now();
  aliases.set(name, { name, arn, keyId: key.family.keyId, createdAt: now, updatedAt: now });
  await store.changed();
  return {};
};

export const updateAlias: KmsOperation = async (call, input) => {
  const { store, region } = call;
  const alias = requireAlias(call, readAliasName(input));
  const key = resolveKey(store, region, requireText(input, "TargetKeyId"), { alias: "refused" });
  const current = store.key(region, alias.keyId);
  if (current && KEY_SPECS[current.family.spec].usage !== KEY_SPECS[key.family.spec].usage) {
    throw validation("The current and the new key of an alias must be of the same type and usage.");
  }
  requireState(key, "name", store.now());
  if (alias.keyId !== key.family.keyId) requireRoom(call, key.family.keyId);
  alias.keyId = key.family.keyId;
  alias.updatedAt = store.now();
  await store.changed();
  return {};
};

export const deleteAlias: KmsOperation = async (call, input) => {
  const alias = requireAlias(call, readAliasName(input));
  call.store.aliasesIn(call.region).delete(alias.name);
  await call.store.changed();
  return {};
};

export const listAliases: KmsOperation = ({ store, region }, input) => {
  const name = readText(input, "KeyId");
  const only = name === undefined ? undefined : resolveKey(store, region, name, managed).family.keyId;
  const aliases = [...store.aliasesIn(region).values()]
    .filter((alias) => only === undefined || alias.keyId === only)
    .sort((a, b) => compareText(a.name, b.name));
  const page = paginate(aliases, (alias) => alias.name, input, { fallback: 50, max: 100 });
  return {
    Aliases: page.items.map((alias) => ({
      AliasName: alias.name,
      AliasArn: alias.arn,
      TargetKeyId: alias.keyId,
      CreationDate: seconds(alias.createdAt),
      LastUpdatedDate: seconds(alias.updatedAt),
    })),
    ...page.end,
  };
};

function readAliasName(input: JsonObject): string {
  const name = requireText(input, "AliasName", { max: 256 });
  if (!/^[a-zA-Z0-9:/_-]+$/.test(name) || !name.startsWith("alias/") || name === "alias/") {
    throw validation("An alias name is alias/ followed by letters, digits, slashes, underscores and dashes.");
  }
  if (name.startsWith("alias/aws/")) {
    throw new AwsFault("InvalidAliasNameException", "Alias names that begin with alias/aws/ are reserved.");
  }
  return name;
}

function requireAlias({ store, region }: KmsCall, name: string) {
  const alias = store.aliasesIn(region).get(name);
  if (!alias) throw notFound(`Alias ${store.aliasArn(region, name)} is not found.`);
  return alias;
}

function requireRoom({ store, region }: KmsCall, keyId: string): void {
  let count = 0;
  for (const alias of store.aliasesIn(region).values()) if (alias.keyId === keyId) count += 1;
  if (count >= MAX_ALIASES) throw new AwsFault("LimitExceededException", `A key has at most ${MAX_ALIASES} aliases.`);
}
