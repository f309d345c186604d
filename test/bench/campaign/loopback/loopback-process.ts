/** The loopback endpoint, alone in its process, with tables full of wraps. */

import { randomUUID } from "node:crypto";
import { answer, nextRequest, requests } from "../../quota/child-process.ts";
import { itemsOfDek, kmsContextOf } from "../wire-items.ts";
import { makeBlob } from "./blobs.ts";
import { keyArnOf, materialOf } from "./kms-answers.ts";
import { startEndpoint } from "./start-endpoint.ts";
import { createWrapTable, type WrapTable } from "./wrap-table.ts";

/** What a table is to be filled with. */
export interface LoopbackTable {
  readonly name: string;
  readonly wraps: number;
}

const inbox = requests();
const wanted = await nextRequest<readonly LoopbackTable[]>(inbox);
const tables = new Map(wanted.map(({ name, wraps }) => [name, filledTable(wraps)]));
const { url } = await startEndpoint(tables);
answer({ endpoint: url, keyArns: [keyArnOf(0), keyArnOf(1), keyArnOf(2)] });

function filledTable(wraps: number): WrapTable {
  const table = createWrapTable();
  for (let at = 0; at < wraps; at++) {
    const dekId = randomUUID();
    const context = kmsContextOf(dekId, at);
    const blob = makeBlob(0, context).toString("base64");
    for (const item of itemsOfDek(dekId, { keyArn: keyArnOf(0), blob, material: materialOf(0), context }))
      table.put(item);
  }
  return table;
}
