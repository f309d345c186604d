/** Endpoints with BatchExecuteStatement in front of those of the Regions, in a process of their own. */

import { answer, nextRequest, requests } from "../quota/child-process.ts";
import { startStatementsEndpoint } from "./statements-endpoint.ts";

const inbox = requests();
const regions = Object.entries(await nextRequest<Readonly<Record<string, string>>>(inbox));
const started = regions.map(async ([region, url]) => [region, (await startStatementsEndpoint(url)).url] as const);
answer(Object.fromEntries(await Promise.all(started)));
