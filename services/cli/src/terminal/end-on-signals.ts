/** What of the process is needed to hear of signals, and to end it. */
export interface Interruptible {
  on(name: "SIGINT" | "SIGTERM", listener: () => void): unknown;
  exit(code: number): void;
}

/**
 * One Ctrl-C, or one signal to a whole process group, may arrive several times: from the terminal, and passed on by
 * npm and by the set-up that runs this command.
 */
const oneRequestMs = 1_000;

/** The first SIGINT or SIGTERM asks the command to end, by `ending`; a later one does not ask. */
export function endOnSignals(
  process: Interruptible,
  ending: AbortController,
  { now = () => performance.now() }: { readonly now?: () => number } = {},
): void {
  let askedAt: number | undefined;
  const onSignal = () => {
    if (askedAt === undefined) {
      askedAt = now();
      ending.abort();
    } else if (now() - askedAt >= oneRequestMs) {
      process.exit(130);
    }
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
}
