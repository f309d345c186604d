import type { StateStore, TransitKey } from "@dekhand/store";

/** What producers are configured with to seal payloads for BullMQ. */
export interface PublicTransitKey {
  readonly keyId: string;
  /** Base64. */
  readonly publicKey: string;
}

/** The active transit keys' public halves, newest first. */
export async function publicTransitKeys(
  state: Pick<StateStore, "listTransitKeys">,
  signal: AbortSignal,
): Promise<readonly PublicTransitKey[]> {
  const keys = await state.listTransitKeys({ signal });
  return keys
    .filter(({ status }) => status === "active")
    .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))
    .map(toPublic);
}

function toPublic({ id, publicKey }: TransitKey): PublicTransitKey {
  return { keyId: id, publicKey: Buffer.from(publicKey).toString("base64") };
}
