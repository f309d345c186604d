import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Report } from "./benchmark.ts";
import { renderMarkdown } from "./render-markdown.ts";

/** Replaces what docs/benchmarks.md says about this benchmark; returns the file's path. */
export async function writeToDocs(report: Report): Promise<string> {
  const file = join(import.meta.dirname, "../../docs/benchmarks.md");
  const page = await readFile(file, "utf8");
  await writeFile(file, replaceBetweenMarkers(page, report.benchmark, renderMarkdown(report)));
  return "docs/benchmarks.md";
}

/** @throws Error where the page has no place for this benchmark */
export function replaceBetweenMarkers(page: string, name: string, text: string): string {
  const begin = `<!-- bench:${name} -->`;
  const end = `<!-- /bench:${name} -->`;
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`docs/benchmarks.md has no ${begin} … ${end}`);
  return `${page.slice(0, from + begin.length)}\n${text}\n${page.slice(to)}`;
}
