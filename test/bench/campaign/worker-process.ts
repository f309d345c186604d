/** One contestant, alone in its process: it works when told to, and reports what that cost. */

import { answer, nextRequest, requests } from "../quota/child-process.ts";
import { createDekhand } from "./dekhand.ts";
import { measureWork } from "./measure-work.ts";
import { createPlainScript } from "./plain-script.ts";
import type { Rewrapper } from "./rewrapper.ts";
import type { Work, WorkerSettings } from "./settings.ts";

const inbox = requests();
const settings = await nextRequest<WorkerSettings>(inbox);
const rewrapper = await create(settings);
answer("ready");
const measured = measureWork(rewrapper);
for (;;) answer(await measured(await nextRequest<Work>(inbox)));

async function create(options: WorkerSettings): Promise<Rewrapper> {
  switch (options.contestant) {
    case "dekhand":
      return await createDekhand(options);
    case "script":
      return createPlainScript(options);
  }
}
