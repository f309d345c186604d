/** From what a request names (key id, key ARN, alias, alias ARN) to the key in this Region. */
import { AwsFault } from "../service.ts";
import type { RegionalKey } from "./key-model.ts";
import type { KmsStore } from "./kms-store.ts";

export interface ResolveOptions {
  /** Management operations take no alias. */
  readonly alias?: "allowed" | "refused";
  /** Operations that do not declare InvalidArnException answer NotFoundException instead. */
  readonly malformedArn?: "InvalidArnException" | "NotFoundException";
}

/** Throws NotFoundException, InvalidArnException or AccessDeniedException (another account). */
export function resolveKey(store: KmsStore, region: string, name: string, options: ResolveOptions = {}): RegionalKey {
  const { alias = "allowed", malformedArn = "NotFoundException" } = options;
  const id = name.startsWith("arn:") ? withinArn(store, region, name, malformedArn) : name;
  if (id.startsWith("alias/")) {
    if (alias === "refused") throw notFound("Invalid keyId: an alias cannot be used here");
    return resolveAlias(store, region, id);
  }
  if (!keyIdPattern.test(id)) throw notFound("Invalid keyId");
  const key = store.key(region, id);
  if (!key) throw notFound(`Key '${store.keyArn(region, id)}' does not exist`);
  return key;
}

/** For the operations that take a key id or key ARN only and declare InvalidArnException. */
export const managed: ResolveOptions = { alias: "refused", malformedArn: "InvalidArnException" };

const keyIdPattern = /^(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

export function notFound(message: string): AwsFault {
  return new AwsFault("NotFoundException", message);
}

function resolveAlias(store: KmsStore, region: string, name: string): RegionalKey {
  const alias = store.aliasesIn(region).get(name);
  const key = alias && store.key(region, alias.keyId);
  if (!key) throw notFound(`Alias ${store.aliasArn(region, name)} is not found.`);
  return key;
}

/** The `alias/…` or key id within an ARN. */
function withinArn(store: KmsStore, region: string, arn: string, malformed: string): string {
  const ours = store.keyArn(region, "");
  if (arn.startsWith(ours) && !arn.startsWith("alias/", ours.length)) return arn.slice(ours.length);
  const [, partition, service, arnRegion, account, ...rest] = arn.split(":");
  const resource = rest.join(":");
  const id = resourceId(resource);
  if (partition !== "aws" || service !== "kms" || id === "") throw new AwsFault(malformed, "Invalid arn");
  if (arnRegion !== region) throw notFound(`Invalid arn ${arnRegion ?? ""}`);
  if (account !== store.accountId) {
    throw new AwsFault("AccessDeniedException", "The key belongs to another account, or is not shared with this one.");
  }
  return id;
}

function resourceId(resource: string): string {
  if (resource.startsWith("alias/")) return resource;
  const id = resource.startsWith("key/") ? resource.slice(4) : "";
  return id.startsWith("alias/") ? "" : id;
}
