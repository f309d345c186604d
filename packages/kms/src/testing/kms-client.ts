import type { KMSClient } from "@aws-sdk/client-kms";
import { createAwsClients } from "@dekhand/aws";

/** A client as the services have it, for one endpoint; `stack` closes it. */
export function openKmsClient(stack: AsyncDisposableStack, region: string, endpoint: string): KMSClient {
  const clients = createAwsClients({
    regions: [region],
    endpoints: { [region]: { kms: endpoint } },
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" },
  });
  stack.defer(() => clients.destroy());
  return clients.region(region).kms;
}
