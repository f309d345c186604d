/** The ways to name a KMS key in a configuration: `alias/…`, a key id, or the ARN of either. */

import { fields } from "./fields.ts";

const keyId = "(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|mrk-[0-9a-f]{32})";
const alias = "alias/(?!aws/)[A-Za-z0-9/_-]{1,250}";
const arn = /^arn:aws[a-z-]*:kms:([a-z0-9-]+):[0-9]{12}:/;

export const keyReference = fields.text(
  "a KMS key: alias/<name> (not alias/aws/…), a key id, or the ARN of either",
  new RegExp(`^(?:arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:(?:key/${keyId}|${alias})|${keyId}|${alias})$`),
);

/** A multi-Region key, named in a way that holds in each of its Regions. */
export const bridgeReference = fields.text(
  "a multi-Region key: alias/<name> or a key id mrk-…, which name it in each of its Regions",
  new RegExp(`^(?:mrk-[0-9a-f]{32}|${alias})$`),
);

const keyArn = new RegExp(`^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/${keyId}$`);

/** Whether a reference is the ARN of a key: such a one names the same key for ever, and needs no look-up. */
export function isKeyArn(reference: string): boolean {
  return keyArn.test(reference);
}

/** The Region that an ARN names; undefined for an alias or key id, which mean the Region where they are used. */
export function keyReferenceRegion(reference: string): string | undefined {
  return arn.exec(reference)?.[1];
}

/** The key id in a reference; undefined for an alias, and for what is no reference. */
export function keyIdOf(reference: unknown): string | undefined {
  return typeof reference === "string" ? idInReference.exec(reference)?.[1] : undefined;
}

const idInReference = new RegExp(`^(?:arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/)?(${keyId})$`);
