/** The keys that the three strategies need, under the same aliases in each Region. */

import { CreateAliasCommand, CreateKeyCommand, KMSClient, ReplicateKeyCommand } from "@aws-sdk/client-kms";
import { bridgeAlias, credentials, home, keyAlias, regionOf } from "./settings.ts";

/** Answers with the ARN that the home's key has in the Region of the strategy `multi-region`. */
export async function makeKeys(endpoints: Readonly<Record<string, string>>): Promise<string> {
  const clients = new Map(
    Object.entries(endpoints).map(([region, endpoint]) => [region, new KMSClient({ region, endpoint, credentials })]),
  );
  const at = (region: string): KMSClient => {
    const client = clients.get(region);
    if (client === undefined) throw new RangeError(`the embedded AWS has no Region ${region}`);
    return client;
  };
  const create = async (region: string, alias: string, MultiRegion: boolean): Promise<string> => {
    const { KeyMetadata } = await at(region).send(new CreateKeyCommand({ MultiRegion }));
    if (KeyMetadata?.KeyId === undefined) throw new Error("the embedded KMS made no key");
    await at(region).send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: KeyMetadata.KeyId }));
    return KeyMetadata.KeyId;
  };
  const replicate = async (KeyId: string, region: string, alias: string): Promise<string> => {
    const { ReplicaKeyMetadata } = await at(home).send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: region }));
    await at(region).send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: KeyId }));
    return ReplicaKeyMetadata?.Arn ?? "";
  };
  try {
    await create(regionOf.encrypt, keyAlias, false);
    await create(regionOf.bridge, keyAlias, false);
    await replicate(await create(home, bridgeAlias, true), regionOf.bridge, bridgeAlias);
    return await replicate(await create(home, keyAlias, true), regionOf["multi-region"], keyAlias);
  } finally {
    for (const client of clients.values()) client.destroy();
  }
}
