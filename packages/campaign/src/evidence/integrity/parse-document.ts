/** A file that says it is evidence, taken apart as far as its hash can be compared. */

import { z } from "zod";
import { EVIDENCE_FORMAT, EVIDENCE_VERSION } from "../schema/evidence-schema.ts";
import { type Integrity, integrityPart } from "../schema/integrity-part.ts";

export type ParsedDocument =
  | { readonly kind: "document"; readonly document: object; readonly integrity: Integrity }
  | { readonly kind: "unreadable" | "version-unknown"; readonly reason: string };

const head = z.looseObject({ format: z.literal(EVIDENCE_FORMAT), version: z.number(), integrity: z.unknown() });

export function parseDocument(text: string): ParsedDocument {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return unreadable("it is not JSON");
  }
  if (typeof document !== "object" || document === null || !head.safeParse(document).success) {
    return unreadable("it is not a campaign's evidence");
  }
  const { version, integrity } = head.parse(document);
  if (version !== EVIDENCE_VERSION) {
    const reason = `it is of version ${version}; this release reads version ${EVIDENCE_VERSION}`;
    return { kind: "version-unknown", reason };
  }
  // Which of two members of one name a reader sees is up to the reader: a hash would vouch for the other one.
  if (membersWritten(text) !== membersRead(document)) return unreadable("an object in it has two members of one name");
  const parsed = integrityPart.safeParse(integrity);
  if (!parsed.success) return unreadable("what it says about its integrity cannot be read");
  return { kind: "document", document, integrity: parsed.data };
}

/** Of valid JSON: strings that a colon follows. */
function membersWritten(json: string): number {
  let members = 0;
  let inString = false;
  for (const [token, colon] of json.matchAll(/\\.|"([ \t\n\r]*:)?/g)) {
    if (token.startsWith("\\")) continue;
    if (inString && colon !== undefined) members += 1;
    inString = !inString;
  }
  return members;
}

function membersRead(value: unknown): number {
  let members = 0;
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== "object" || next === null) continue;
    const inside: unknown[] = Object.values(next);
    if (!Array.isArray(next)) members += inside.length;
    for (const one of inside) open.push(one);
  }
  return members;
}

function unreadable(reason: string): ParsedDocument {
  return { kind: "unreadable", reason };
}
