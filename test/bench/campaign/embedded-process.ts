/** The embedded KMS and DynamoDB in a process of their own. */

import { startLocalAws } from "@dekhand/local-aws";
import { answer, nextRequest, requests } from "../quota/child-process.ts";
import { region } from "./settings.ts";

const inbox = requests();
await nextRequest(inbox);
const aws = await startLocalAws({ regions: [region] });
answer(aws.endpoints[region]);
