/**
 * A receipt handle names one receive of one message from one queue. It stays
 * well-formed for ever, and current until the message is received again.
 */

export interface Receipt {
  readonly queueId: string;
  readonly messageId: string;
  /** Which receive of the message it was, from 1. */
  readonly receive: number;
}

export function encodeReceipt({ queueId, messageId, receive }: Receipt): string {
  return Buffer.from(`${queueId} ${messageId} ${receive}`, "latin1").toString("base64");
}

/** The receipt, or undefined for text that is no receipt handle. */
export function decodeReceipt(handle: string): Receipt | undefined {
  const [queueId, messageId, receive, ...more] = Buffer.from(handle, "base64").toString("latin1").split(" ");
  if (!queueId || !messageId || !receive || more.length > 0 || !/^[1-9]\d{0,9}$/.test(receive)) return undefined;
  return { queueId, messageId, receive: Number(receive) };
}
