/** Checks what a user's module is and answers: it was written elsewhere, and nothing has looked at it yet. */

import { StoreError } from "../../errors.ts";
import { readFoundWrap } from "../found-wrap.ts";
import type { WrapRef } from "../wrap-types.ts";
import type { WrapStoreModule } from "./module-types.ts";

/** A wrap of a module: what it is called, and the rest, which may turn out malformed. */
export interface AnsweredWrap {
  readonly id: string;
  readonly blob: unknown;
  /** Throws STORE_ITEM_MALFORMED. */
  read(): WrapRef;
}

export function readModule(module: unknown): WrapStoreModule {
  if (isModule(module)) return module;
  throw moduleInvalid(
    "module",
    "it must export the functions scan, read and swap, segments if any, and labels as booleans",
  );
}

export function readModulePage(page: unknown): { readonly found: readonly AnsweredWrap[]; readonly cursor?: string } {
  if (!isObject(page) || !Array.isArray(page.wraps)) throw moduleInvalid("scan", "it answers no page with wraps");
  const found = page.wraps.map((wrap: unknown) => readModuleWrap(wrap, "scan"));
  const cursor = page.cursor ?? undefined;
  if (cursor === undefined) return { found };
  if (typeof cursor !== "string" || cursor === "") throw moduleInvalid("scan", "its cursor is no text");
  return { found, cursor };
}

/** Throws STORE_MODULE_INVALID where there is no id, since nothing could be said of the wrap. */
export function readModuleWrap(wrap: unknown, name: string): AnsweredWrap {
  if (!isObject(wrap) || typeof wrap.id !== "string" || wrap.id === "") {
    throw moduleInvalid(name, "it answers a wrap without an id");
  }
  const { id, blob, keyArn, material, context, campaign, wrappedAt } = wrap;
  return { id, blob, read: () => readFoundWrap({ id, blob, keyArn, material, context, campaign, wrappedAt }) };
}

export function moduleInvalid(name: string, message: string): StoreError {
  return new StoreError("STORE_MODULE_INVALID", `the wrap store's module, ${name}: ${message}`, {
    context: { function: name },
  });
}

function isModule(module: unknown): module is WrapStoreModule {
  if (!isObject(module)) return false;
  const { scan, read, swap, segments, labels = {} } = module;
  if (![scan, read, swap, segments ?? scan].every((member) => typeof member === "function")) return false;
  return isObject(labels) && Object.values(labels).every((kept) => typeof kept === "boolean");
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
