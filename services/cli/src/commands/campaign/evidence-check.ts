import { open } from "node:fs/promises";
import { type CheckedEvidence, checkEvidence, kmsVerifier, type VerifySignature } from "@dekhand/campaign";
import { keyReferenceRegion } from "@dekhand/runtime";
import type { Command } from "commander";
import { type CommandContext, note, print } from "../../command-context.ts";
import { connect } from "../../connect.ts";
import { CliError } from "../../errors.ts";
import { loadConfig } from "../../load-config.ts";
import { SomeFailed } from "../../run-outcome.ts";
import { escapeControl } from "../../terminal/escape-control.ts";

export interface CheckOptions {
  readonly signedBy?: string;
  readonly offline?: boolean;
}

interface Invocation {
  readonly context: CommandContext;
  readonly command: Command;
}

/** Says what the document is worth; ends with 1 where it is refused. */
export async function checkEvidenceFile(file: string, options: CheckOptions, invocation: Invocation): Promise<void> {
  const { context } = invocation;
  const { signedBy, offline = false } = options;
  if (signedBy !== undefined && offline) {
    throw new CliError("CLI_USAGE", "--signed-by cannot be told --offline: only KMS knows whether the signature fits");
  }
  const text = await readDocument(file);
  const checked: CheckedEvidence =
    text === undefined
      ? { kind: "unreadable", reason: "it is not text in UTF-8" }
      : await checkEvidence(text, offline ? {} : { verify: verifier(invocation) });
  const refusal = refusalOf(checked, signedBy);
  if (refusal !== undefined) {
    note(context, `${file}: REFUSED: ${escapeControl(refusal)}`);
    throw new SomeFailed();
  }
  if (checked.kind !== "verified") return;
  print(context, `${file}: ${worth(checked, options)}`);
  print(
    context,
    `campaign ${escapeControl(checked.evidence.campaign.id)}: ${escapeControl(checked.evidence.statement[0] ?? "")}`,
  );
}

function refusalOf(checked: CheckedEvidence, signedBy: string | undefined): string | undefined {
  if (checked.kind !== "verified") return checked.reason;
  if (signedBy === undefined) return undefined;
  if (!checked.signed) return `it is not signed, by ${signedBy} or anybody`;
  return checked.signature.keyArn === signedBy
    ? undefined
    : `it is signed by ${checked.signature.keyArn}, not by ${signedBy}`;
}

function worth(checked: Extract<CheckedEvidence, { kind: "verified" }>, { signedBy }: CheckOptions): string {
  if (!checked.signed) {
    return "it matches its hash, and is NOT signed: that shows accidental change only, whoever changes it can hash it again";
  }
  const { keyArn, algorithm, mac, signedAt } = checked.signature;
  const what = mac ? "MAC" : "signature";
  if (!checked.signatureChecked) return `it matches its hash; its ${what} by ${keyArn} was NOT checked (--offline)`;
  const said = `it matches its hash and its ${what}: ${algorithm} by ${keyArn}, at ${signedAt} by the clock of who signed`;
  return signedBy === undefined ? `${said}. Whether that key is to be trusted is yours to say: see --signed-by` : said;
}

/** The configuration is read, and KMS reached, for a signature only. */
function verifier({ context, command }: Invocation): VerifySignature {
  return async (signature, digest) => {
    const { config } = await loadConfig(context, command);
    const region = keyReferenceRegion(signature.keyArn) ?? config.control;
    await using connection = connect({ ...config, regions: [...new Set([...config.regions, region])] }, context);
    return await kmsVerifier(connection.kms, { signal: context.signal })(signature, digest);
  };
}

const maxDocumentBytes = 64 * 1024 * 1024;

/** Undefined for what is no text. Throws CLI_INPUT_UNREADABLE. */
async function readDocument(path: string): Promise<string | undefined> {
  const bytes = await readBytes(path);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    if (size <= maxDocumentBytes) return await file.readFile();
  } catch (cause) {
    throw new CliError("CLI_INPUT_UNREADABLE", `cannot read ${path}`, { cause });
  }
  throw new CliError("CLI_INPUT_UNREADABLE", `cannot read ${path}: it is larger than 64 MiB`);
}
