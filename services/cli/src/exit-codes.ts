/** What the `dekhand` command's exit codes mean. `dekhand --help` prints them. */
export const exitCodes = {
  ok: 0,
  /** The command ran, and some items failed, differed or were missing. */
  someFailed: 1,
  /** The command line, the configuration or the input cannot be used as it is. */
  usage: 2,
  /** AWS, Redis or the disk did not do what was asked. */
  environment: 3,
  /** Nothing was done because nobody confirmed it. */
  notConfirmed: 4,
  interrupted: 130,
} as const;
