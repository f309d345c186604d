import { type CallOptions, type KeyDescription, KmsError } from "@dekhand/kms";
import { keyReferenceRegion } from "@dekhand/runtime";

export interface KeyLookup {
  describeKey(region: string, reference: string, options?: CallOptions): Promise<KeyDescription>;
}

/** Looks keys up by alias, id or ARN, each once a Region. */
export interface Keys {
  /** Undefined where that Region has no such key; an ARN names a key of its own Region only. Throws other KmsErrors. */
  find(region: string, reference: string): Promise<KeyDescription | undefined>;
}

export function createKeys({ describeKey }: KeyLookup, options: CallOptions): Keys {
  const asked = new Map<string, Promise<KeyDescription | undefined>>();
  const ask = async (region: string, reference: string): Promise<KeyDescription | undefined> => {
    if ((keyReferenceRegion(reference) ?? region) !== region) return undefined;
    try {
      return await describeKey(region, reference, options);
    } catch (error) {
      if (error instanceof KmsError && error.context.reason === "NotFoundException") return undefined;
      throw error;
    }
  };
  return {
    find(region, reference) {
      const name = `${region} ${reference}`;
      const answer = asked.get(name) ?? ask(region, reference);
      asked.set(name, answer);
      return answer;
    },
  };
}
