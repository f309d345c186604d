import { isKeyTrouble, type ListedKeys } from "@dekhand/deks";
import { DekhandError } from "@dekhand/errors";
import type { CallOptions } from "@dekhand/store";
import { type AdmitWrap, admitForeignWraps } from "../admit-wraps.ts";

/** Admits a wrap, with the context that its store tells, where all its keys are listed ones. */
export function admitListedKeys(keys: Pick<ListedKeys, "allows">): AdmitWrap {
  return async (wrap, keyArns, options) => {
    const allowed: string[] = [];
    for (const keyArn of keyArns) {
      if (await allows(keys, keyArn, options)) allowed.push(keyArn);
    }
    return admitForeignWraps(allowed)(wrap, keyArns, options);
  };
}

/** A name of the list that is no key any more must not hold up the wraps of a stranger's: nothing will come of waiting. */
async function allows(keys: Pick<ListedKeys, "allows">, keyArn: string, options: CallOptions): Promise<boolean> {
  try {
    return await keys.allows(keyArn, options);
  } catch (error) {
    if (error instanceof DekhandError && isKeyTrouble(error)) return false;
    throw error;
  }
}
