/** The embedded KMS, alone in its process; what it does is set through its control over HTTP. */

import { startLocalAws } from "@dekhand/local-aws";
import { answer, nextRequest, requests } from "./child-process.ts";
import { goFirst } from "./go-first.ts";
import { region } from "./settings.ts";

const inbox = requests();
await nextRequest(inbox);
const aws = await startLocalAws({ regions: [region] });
answer({ endpoint: aws.endpoints[region], controlUrl: aws.controlUrl, prioritised: goFirst() });
