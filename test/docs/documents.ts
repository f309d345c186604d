/** The repository's documents, and what stands in them. */

import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Document {
  /** Relative to the repository's root. */
  readonly path: string;
  readonly text: string;
}

export async function documents(): Promise<Document[]> {
  return files("{README.md,docs/**/*.md,{packages,services,infra,test}/**/README.md}");
}

/** Source code, without tests. */
export async function sources(): Promise<Document[]> {
  const found = await files("{packages,services}/*/src/**/*.ts");
  return found.filter(({ path }) => !path.endsWith(".test.ts"));
}

/** The fenced blocks of that language, those inside lists without their indentation. */
export function blocks(text: string, language: string): string[] {
  const fenced = new RegExp(`^( *)\`\`\`${language}\\n([\\s\\S]*?)^\\1\`\`\``, "gm");
  return [...text.matchAll(fenced)].map(([, indent = "", code = ""]) =>
    code
      .split("\n")
      .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
      .join("\n"),
  );
}

/** Code inside running text. */
export function spans(text: string): string[] {
  const withoutBlocks = text.replace(/^( *)```[\s\S]*?^\1```/gm, "");
  return [...withoutBlocks.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code.replace(/\s+/g, " "));
}

async function files(pattern: string): Promise<Document[]> {
  const found: Document[] = [];
  const exclude = (path: string) => path.includes("node_modules");
  for await (const path of glob(pattern, { cwd: root, exclude })) {
    found.push({ path, text: await readFile(join(root, path), "utf8") });
  }
  return found;
}
