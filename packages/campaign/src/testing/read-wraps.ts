import type { KmsGovernor } from "@dekhand/kms";
import type { WrapRef, WrapStore } from "@dekhand/store";

/** Every wrap of a store. */
export async function readWraps(store: Pick<WrapStore, "scan">): Promise<readonly WrapRef[]> {
  const wraps: WrapRef[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.scan(
      { index: 0, of: 1 },
      { consistent: true, ...(cursor === undefined ? {} : { cursor }) },
    );
    wraps.push(...page.wraps);
    ({ cursor } = page);
  } while (cursor !== undefined);
  return wraps;
}

/** Those of the wraps that do not unwrap, under that key, to the DEK that they were born with. */
export async function changedDeks(
  wraps: readonly WrapRef[],
  keyArn: string,
  born: ReadonlyMap<string, Buffer>,
  kms: Pick<KmsGovernor, "decrypt">,
): Promise<readonly string[]> {
  const changed: string[] = [];
  for (const { id, blob, context } of wraps) {
    const { plaintext } = await kms.decrypt({ keyArn, blob, context });
    if (!born.get(id)?.equals(plaintext)) changed.push(id);
  }
  return changed;
}
