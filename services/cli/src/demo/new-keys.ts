import { CreateKeyCommand, ReplicateKeyCommand } from "@aws-sdk/client-kms";
import type { AwsClients } from "@dekhand/aws";
import type { Profile } from "@dekhand/runtime";
import type { CallOptions } from "@dekhand/store";

/** The profile's Regions whose wraps are made under a key of their own, home first. */
export function regionsWithOwnKey({ home, replicas }: Profile): readonly string[] {
  const own = Object.values(replicas).filter(({ strategy }) => strategy !== "multi-region");
  return [home, ...own.map(({ region }) => region)];
}

/** Those whose key is a replica of home's, and whose wraps are copies. */
export function regionsWithCopies({ replicas }: Profile): readonly string[] {
  const copying = Object.values(replicas).filter(({ strategy }) => strategy === "multi-region");
  return copying.map(({ region }) => region);
}

/** A new key in each of the profile's Regions, related as its strategies need them. ARNs by Region, home first. */
export async function createKeys(
  profile: Profile,
  clients: AwsClients,
  { signal }: CallOptions = {},
): Promise<ReadonlyMap<string, string>> {
  const { home, key } = profile;
  const Description = `Dekhand, ${key}`;
  const call = signal === undefined ? {} : { abortSignal: signal };
  const copies = regionsWithCopies(profile);
  const arns = new Map<string, string>();
  for (const region of regionsWithOwnKey(profile)) {
    const input = { Description, MultiRegion: region === home && copies.length > 0 };
    const { KeyMetadata } = await clients.region(region).kms.send(new CreateKeyCommand(input), call);
    arns.set(region, arnOf(KeyMetadata));
  }
  for (const ReplicaRegion of copies) {
    const input = { KeyId: arns.get(home), ReplicaRegion, Description };
    const { ReplicaKeyMetadata } = await clients.region(home).kms.send(new ReplicateKeyCommand(input), call);
    arns.set(ReplicaRegion, arnOf(ReplicaKeyMetadata));
  }
  return arns;
}

function arnOf(metadata: { readonly Arn?: string | undefined } | undefined): string {
  if (metadata?.Arn === undefined) throw new TypeError("KMS answers with the ARN of the key that it has created");
  return metadata.Arn;
}
