import { CreateAliasCommand, CreateKeyCommand, KMSClient, paginateListAliases } from "@aws-sdk/client-kms";
import type { LocalAws } from "@dekhand/local-aws";
import { embeddedCredentials } from "./embedded-credentials.ts";

/** Gives the embedded KMS a key behind each alias that has none yet. */
export async function ensureKeys(aws: LocalAws, region: string, aliases: readonly string[]): Promise<void> {
  const endpoint = aws.endpoints[region];
  if (endpoint === undefined) throw new RangeError("the Region is one of the embedded AWS");
  const kms = new KMSClient({ region, endpoint, credentials: embeddedCredentials });
  try {
    const known = new Set<string | undefined>();
    for await (const page of paginateListAliases({ client: kms }, {})) {
      for (const { AliasName } of page.Aliases ?? []) known.add(AliasName);
    }
    for (const alias of aliases.filter((each) => !known.has(each))) {
      const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: `Dekhand, ${alias}` }));
      await kms.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: KeyMetadata?.KeyId }));
    }
  } finally {
    kms.destroy();
  }
}
