import {
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  KMSClient,
  paginateListAliases,
  ReplicateKeyCommand,
} from "@aws-sdk/client-kms";
import type { LocalAws } from "@dekhand/local-aws";
import { bridgeAlias, type EmbeddedReplicas, embeddedAliases, profileAliases } from "./embedded-config.ts";
import { embeddedCredentials } from "./embedded-credentials.ts";

/** Gives the embedded KMS a key behind each alias that has none yet. */
export async function ensureKeys(
  aws: LocalAws,
  region: string,
  aliases: readonly string[],
  { multiRegion = false }: { readonly multiRegion?: boolean } = {},
): Promise<void> {
  await withKms(aws, region, async (kms) => {
    for (const alias of await withoutKey(kms, aliases)) {
      const input = { Description: `Dekhand, ${alias}`, MultiRegion: multiRegion };
      const { KeyMetadata } = await kms.send(new CreateKeyCommand(input));
      await kms.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: KeyMetadata?.KeyId }));
    }
  });
}

/** The keys of an embedded deployment in its home and replica Regions, as the strategies need them. */
export async function ensureDeploymentKeys(aws: LocalAws, home: string, replicas: EmbeddedReplicas): Promise<void> {
  const strategies = Object.values(replicas);
  if (strategies.includes("multi-region")) await ensureKeys(aws, home, profileAliases, { multiRegion: true });
  if (strategies.includes("bridge")) await ensureKeys(aws, home, [bridgeAlias], { multiRegion: true });
  await ensureKeys(aws, home, embeddedAliases);
  for (const [region, strategy] of Object.entries(replicas)) {
    if (strategy === "multi-region") await replicateKeys(aws, { home, region }, profileAliases);
    else await ensureKeys(aws, region, profileAliases);
    if (strategy === "bridge") await replicateKeys(aws, { home, region }, [bridgeAlias]);
  }
}

/** Gives the Region a replica of each multi-Region key of the home, under the same alias. */
async function replicateKeys(
  aws: LocalAws,
  { home, region }: { readonly home: string; readonly region: string },
  aliases: readonly string[],
): Promise<void> {
  await withKms(aws, home, (atHome) =>
    withKms(aws, region, async (there) => {
      for (const alias of await withoutKey(there, aliases)) {
        const { KeyMetadata } = await atHome.send(new DescribeKeyCommand({ KeyId: alias }));
        const KeyId = KeyMetadata?.KeyId;
        await atHome.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: region, Description: `Dekhand, ${alias}` }));
        await there.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: KeyId }));
      }
    }),
  );
}

async function withoutKey(kms: KMSClient, aliases: readonly string[]): Promise<readonly string[]> {
  const known = new Set<string | undefined>();
  for await (const page of paginateListAliases({ client: kms }, {})) {
    for (const { AliasName } of page.Aliases ?? []) known.add(AliasName);
  }
  return aliases.filter((alias) => !known.has(alias));
}

async function withKms<T>(aws: LocalAws, region: string, use: (kms: KMSClient) => Promise<T>): Promise<T> {
  const endpoint = aws.endpoints[region];
  if (endpoint === undefined) throw new RangeError("the Region is one of the embedded AWS");
  const kms = new KMSClient({ region, endpoint, credentials: embeddedCredentials });
  try {
    return await use(kms);
  } finally {
    kms.destroy();
  }
}
