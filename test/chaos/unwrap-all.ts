/** What wraps hold, asked from KMS without any of Dekhand's code. */

import { embeddedCredentials } from "@dekhand/cli";
import { runThread } from "../stack/run-thread.ts";
import { region, type Stack } from "../stack/start-stack.ts";
import { digestsById } from "./sha256.ts";

export interface WrapToOpen {
  readonly id: string;
  readonly blob: Uint8Array;
  readonly context: Readonly<Record<string, string>>;
  /** The only key that KMS may use; absent: the blob itself says under which one it is. */
  readonly keyArn?: string;
}

export interface WrapsToOpen {
  readonly region: string;
  readonly endpoints: Stack["config"]["endpoints"];
  readonly credentials: typeof embeddedCredentials;
  readonly wraps: readonly WrapToOpen[];
}

/** Wrap id to the SHA-256 of the DEK in it; zeros where KMS refuses the wrap. */
export async function unwrapAll({ config }: Stack, wraps: readonly WrapToOpen[]): Promise<ReadonlyMap<string, Buffer>> {
  const wanted: WrapsToOpen = { region, endpoints: config.endpoints, credentials: embeddedCredentials, wraps };
  const posted = await runThread(new URL("./unwrap-thread.ts", import.meta.url), wanted);
  if (!(posted instanceof Uint8Array)) throw new TypeError("the thread posts digests");
  return digestsById(
    wraps.map(({ id }) => id),
    posted,
  );
}
