import { parseAst } from "vitest/node";

export interface ImportOf {
  readonly specifier: string;
  /** Erased before anything runs: no circle goes through it. */
  readonly typeOnly: boolean;
  readonly exportsAll: boolean;
}

/** A node of the syntax tree, of which only what is looked at is known. */
interface SyntaxNode {
  readonly type: string;
  readonly [field: string]: unknown;
}

export interface SourceFacts {
  readonly imports: readonly ImportOf[];
  /** What it takes from the global `process`, or from `node:process`. */
  readonly processMembers: readonly string[];
}

/** What a TypeScript source imports, and what it does to its process; by its syntax tree, so that text never misleads. */
export function readSource(source: string): SourceFacts {
  const imports: ImportOf[] = [];
  const processMembers: string[] = [];
  visit(parseAst(source, { lang: "ts" }), (node) => {
    const found = importOf(node);
    if (found !== undefined) imports.push(found);
    const member = processMember(node);
    if (member !== undefined) processMembers.push(member);
  });
  return { imports, processMembers };
}

function importOf(node: SyntaxNode): ImportOf | undefined {
  const required = requiredBy(node);
  if (required !== undefined) return { specifier: required, typeOnly: false, exportsAll: false };
  const specifier = isNode(node.source) ? node.source.value : undefined;
  if (typeof specifier !== "string") return undefined;
  if (!/^(Import|Export)/.test(node.type)) return undefined;
  const kind = node.importKind ?? node.exportKind;
  const typeOnly = kind === "type" || everySpecifierIsType(node.specifiers);
  return { specifier, typeOnly, exportsAll: node.type === "ExportAllDeclaration" };
}

/** What `createRequire` makes is called `require` everywhere. */
function requiredBy(node: SyntaxNode): string | undefined {
  if (node.type !== "CallExpression" || !isNode(node.callee) || node.callee.name !== "require") return undefined;
  const [first]: readonly unknown[] = Array.isArray(node.arguments) ? node.arguments : [];
  return isNode(first) && typeof first.value === "string" ? first.value : undefined;
}

function everySpecifierIsType(specifiers: unknown): boolean {
  if (!Array.isArray(specifiers) || specifiers.length === 0) return false;
  return specifiers.every((each) => isNode(each) && (each.importKind === "type" || each.exportKind === "type"));
}

function processMember(node: SyntaxNode): string | undefined {
  if (node.type === "ImportDeclaration" && isNode(node.source) && node.source.value === "node:process") {
    return node.importKind === "type" ? undefined : "import of node:process";
  }
  if (node.type !== "MemberExpression" || !isNode(node.object) || !isNode(node.property)) return undefined;
  const ofProcess = node.object.type === "Identifier" && node.object.name === "process";
  return ofProcess ? String(node.property.name ?? node.property.value) : undefined;
}

function visit(value: unknown, look: (node: SyntaxNode) => void): void {
  if (Array.isArray(value)) {
    for (const each of value) visit(each, look);
  } else if (isNode(value)) {
    look(value);
    for (const field of Object.values(value)) if (typeof field === "object") visit(field, look);
  }
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}
