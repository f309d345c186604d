/** Services, alone in their process: each works when told to, and reports what that cost. */

import { answer, nextRequest, requests } from "../quota/child-process.ts";
import { runServiceTurn } from "./service-turn.ts";
import type { ServiceTurn } from "./settings.ts";

const inbox = requests();
for (;;) answer(await runServiceTurn(await nextRequest<ServiceTurn>(inbox)));
