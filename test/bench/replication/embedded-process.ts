/** The embedded AWS with all Regions, in a process of its own; what it does is set through its control over HTTP. */

import { startLocalAws } from "@dekhand/local-aws";
import { answer, nextRequest, requests } from "../quota/child-process.ts";

const inbox = requests();
const aws = await startLocalAws({ regions: await nextRequest<readonly string[]>(inbox) });
answer({ endpoints: aws.endpoints, controlUrl: aws.controlUrl });
