import type { Dek } from "@dekhand/envelope";
import { type BirthDeps, type BirthRequest, bearDek } from "./birth.ts";
import { DeksError } from "./errors.ts";
import type { KeyDirectory } from "./key-directory.ts";

export interface CurrentBirthDeps extends BirthDeps {
  readonly keys: Pick<KeyDirectory, "current">;
}

/** A name that stands for a key which a campaign has left is looked up again, but not for every birth that finds it so. */
const lookAgainMs = 1_000;

/**
 * A durable DEK under the profile's current key in its home Region, and which key that is. Throws as `bearDek` and
 * `KeyDirectory.current`. A worker that was suspended may know an older key than the profile's name stands for now: it asks
 * KMS, and needs nobody.
 */
export async function bearUnderCurrentKey(
  request: Omit<BirthRequest, "keyArn">,
  { keys, ...deps }: CurrentBirthDeps,
): Promise<{ readonly dek: Dek; readonly keyArn: string }> {
  const { signal } = deps;
  const bear = async (keyArn: string) => ({ dek: await bearDek({ ...request, keyArn }, deps), keyArn });
  const { name, home } = request.profile;
  const here = { region: home, standalone: true, signal };
  const { arn } = await keys.current(name, here);
  try {
    return await bear(arn);
  } catch (error) {
    if (!(error instanceof DeksError) || error.code !== "DEKS_KEY_LEFT") throw error;
    const now = await keys.current(name, { ...here, maxAgeMs: lookAgainMs }).catch(() => undefined);
    if (now === undefined || now.arn === arn) throw error;
    return await bear(now.arn);
  }
}
