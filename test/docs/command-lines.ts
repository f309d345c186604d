/** The `dekhand` command lines of a document, as a shell would hand them to the command. */

import { blocks, spans } from "./documents.ts";

export interface CommandLine {
  /** As it stands in the document. */
  readonly line: string;
  readonly args: readonly string[];
  /** Inside running text: it may leave out what a command that is run needs. */
  readonly isMention: boolean;
}

export function commandLines(text: string): CommandLine[] {
  const shell = [...blocks(text, "sh"), ...blocks(text, "shell"), ...blocks(text, "bash")];
  const lines = shell.flatMap((block) => block.replace(/\\\n/g, " ").split("\n"));
  return [
    ...lines.flatMap((line) => commandsIn(line).map((args) => ({ line, args, isMention: false }))),
    ...spans(text).flatMap((line) => {
      const isCommand = line.startsWith("dekhand ");
      return isCommand ? commandsIn(line).map((args) => ({ line, args, isMention: true })) : [];
    }),
  ];
}

const through = ["npm", "run", "--silent", "dekhand", "--"];

function commandsIn(line: string): string[][] {
  return simpleCommands(line).flatMap((words) => {
    if (words[0] === "dekhand") return [words.slice(1)];
    return through.every((word, at) => words[at] === word) ? [words.slice(through.length)] : [];
  });
}

/**
 * Splits a line into commands and these into words. Knows quotes, comments, pipes, lists, redirections and
 * `$(…)`; a variable stands for some text. What else a shell knows has no place in these documents.
 */
function simpleCommands(line: string): string[][] {
  const commands: string[][] = [[]];
  const inner: string[][] = [];
  const token =
    /\s*(?:(?<comment>(?<=^|\s)#.*$)|(?<end>&&|\|\|?|;)|(?<redirect>\d?>>?\s*\S+)|(?<word>(?:"(?:\$\([^)]*\)|[^"])*"|'[^']*'|\$\([^)]*\)|<[a-zA-Z .-]+>|[^\s"';|&>])+))/y;
  for (let match = token.exec(line); match?.groups; match = token.exec(line)) {
    const { end, word } = match.groups;
    if (end !== undefined) commands.push([]);
    if (word === undefined) continue;
    for (const [, substituted = ""] of word.matchAll(/\$\(([^)]*)\)/g)) inner.push(...simpleCommands(substituted));
    commands.at(-1)?.push(plain(word));
  }
  return [...commands, ...inner].filter((words) => words.length > 0).map(withoutAssignments);
}

/** `X=$(dekhand …)` and `X=1 dekhand …` begin with what is no word of the command. */
function withoutAssignments(words: readonly string[]): string[] {
  const first = words.findIndex((word) => !/^[A-Z_]+=/.test(word));
  return first === -1 ? [] : words.slice(first);
}

function plain(word: string): string {
  return word
    .replace(/\$\([^)]*\)/g, "sample")
    .replace(/\$\{?[A-Za-z_]+\}?/g, "sample")
    .replace(/["']/g, "");
}
