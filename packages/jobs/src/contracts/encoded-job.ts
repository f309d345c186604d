/** A job as a message carries it. */

export interface EncodedJob {
  readonly id: string;
  /** The message's text. */
  readonly body: string;
}

/** JSON that SQS carries: the two characters that it refuses and JSON.stringify leaves as they are get escaped. */
export function toText(wire: object): string {
  return JSON.stringify(wire).replace(/[\uFFFE\uFFFF]/g, (character) =>
    character === "\uFFFE" ? "\\ufffe" : "\\uffff",
  );
}
