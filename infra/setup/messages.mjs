/** What the set-up says goes to standard error: standard output belongs to the script, which may print JSON there. */

/** A problem that the reader of its message can solve; anything else is printed with its stack. */
export class SetupError extends Error {}

/** The exit code for a machine that is not as it has to be: the same as the `dekhand` command's. */
const environmentExitCode = 3;

/** @param {string} text */
export function say(text) {
  process.stderr.write(`dekhand: ${text}\n`);
}

/** @param {unknown} error */
export function fail(error) {
  if (error instanceof SetupError) say(error.message);
  else console.error(error);
  process.exitCode = environmentExitCode;
}

const stillEveryMs = 15_000;

/**
 * Says that something long goes on, every now and then that it still does, and how long it took.
 *
 * @template T
 * @param {string} what for example "installing dependencies"
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function telling(what, work) {
  const startedAt = Date.now();
  const seconds = () => `${Math.round((Date.now() - startedAt) / 1000)} s`;
  say(`${what} …`);
  const timer = setInterval(() => say(`still ${what}, ${seconds()}`), stillEveryMs);
  try {
    const result = await work();
    say(`${what}: done in ${seconds()}`);
    return result;
  } finally {
    clearInterval(timer);
  }
}
