import { retirementStage } from "@dekhand/campaign";
import { KmsError } from "@dekhand/kms";
import { keyReferenceRegion } from "@dekhand/runtime";
import type { Retirement } from "@dekhand/store";
import { type CommandContext, print, printJson } from "../../command-context.ts";
import type { Connection } from "../../connect.ts";
import { formatTable } from "../../terminal/table.ts";

/** Every retirement, and how it stands. */
export async function listRetirements(
  context: CommandContext,
  connection: Connection,
  { json = false }: { readonly json?: boolean },
): Promise<void> {
  const { signal } = context;
  const { state } = await connection.stores(connection.config.control);
  const retirements = await state.listRetirements({ signal });
  const listed = await Promise.all(
    retirements.map(async (retirement) => ({
      ...retirement,
      ...(await standing(retirement, connection, signal)),
    })),
  );
  if (json) {
    printJson(context, listed);
    return;
  }
  const rows = listed.map(({ keyArn, stage, keyState, soakUntil, disabledAt = "", deletionAt = "" }) => [
    keyArn,
    stage,
    keyState,
    soakUntil,
    disabledAt,
    deletionAt,
  ]);
  const headings = ["key", "retirement", "KMS's state", "soaks until", "disabled at", "deleted at"];
  for (const line of formatTable(headings, rows)) print(context, line);
}

/** A key that KMS does not show is a finding, not the end of the list. */
async function standing(retirement: Retirement, { config, kms }: Connection, signal: AbortSignal) {
  const region = keyReferenceRegion(retirement.keyArn);
  if (region === undefined || !config.regions.includes(region)) return { stage: "unknown", keyState: "not looked up" };
  try {
    const key = await kms(region).describeKey(retirement.keyArn, { signal });
    return { stage: retirementStage(retirement, key, new Date()), keyState: key.state };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof KmsError)) throw error;
    const reason = String(error.context.reason);
    const isGone = reason === "NotFoundException" && retirement.deletionAt !== undefined;
    return { stage: isGone ? "deleted" : "unknown", keyState: reason };
  }
}
