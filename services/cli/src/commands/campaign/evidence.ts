import { collectEvidence, type Evidence, renderEvidence, signEvidence } from "@dekhand/campaign";
import { type DeploymentConfig, keyReferenceRegion } from "@dekhand/runtime";
import { Command, Option } from "commander";
import { type CommandContext, note, printJson } from "../../command-context.ts";
import { connect } from "../../connect.ts";
import { CliError } from "../../errors.ts";
import { loadConfig } from "../../load-config.ts";
import { escapeControl } from "../../terminal/escape-control.ts";
import { VERSION } from "../../version.ts";
import { type CheckOptions, checkEvidenceFile } from "./evidence-check.ts";
import { writeNewFile } from "./write-new-file.ts";

interface WriteOptions {
  readonly out?: string;
  readonly html?: string;
  readonly signWith?: string;
  readonly region?: string;
}

type EvidenceOptions = WriteOptions & CheckOptions & { readonly check?: string };

export function evidenceCommand(context: CommandContext): Command {
  return new Command("evidence")
    .description("Write what a campaign did, hashed and perhaps signed, for an auditor; or check such a document")
    .argument("[id]", "the campaign")
    .option("--out <file>", "write the JSON document to this new file (default: standard output)")
    .option("--html <file>", "write a page for people to this new file, too")
    .option("--sign-with <key>", "sign the document with this KMS key: its ARN, id or alias")
    .option("--region <region>", "the Region of that key (default: that of its ARN, else the control Region)")
    .addOption(
      new Option("--check <file>", "check a document instead: refuse one that was changed").conflicts([
        "out",
        "html",
        "signWith",
        "region",
      ]),
    )
    .option("--signed-by <arn>", "with --check: refuse a document that the key of this ARN has not signed")
    .option("--offline", "with --check: do not ask KMS about the signature")
    .action(async (id: string | undefined, options: EvidenceOptions, command: Command) => {
      if ((id === undefined) === (options.check === undefined)) {
        throw new CliError("CLI_USAGE", "name a campaign, or a document with --check");
      }
      if (options.check !== undefined) await checkEvidenceFile(options.check, options, { context, command });
      else await writeEvidence(id ?? "", options, { context, command });
    });
}

async function writeEvidence(
  id: string,
  { out, html, ...signing }: WriteOptions,
  { context, command }: { readonly context: CommandContext; readonly command: Command },
): Promise<void> {
  const { config } = await loadConfig(context, command);
  const evidence = await collect(id, config, context, signing);
  if (out === undefined) printJson(context, evidence);
  else await writeNewFile(out, `${JSON.stringify(evidence, null, 2)}\n`);
  if (html !== undefined) await writeNewFile(html, renderEvidence(evidence));

  for (const file of [out, html]) if (file !== undefined) note(context, `${file} written`);
  for (const line of evidence.statement) note(context, escapeControl(line));
  note(context, `SHA-256 ${evidence.integrity.sha256}${signatureNote(evidence)}`);
}

async function collect(
  id: string,
  config: DeploymentConfig,
  context: CommandContext,
  { signWith: key, region }: Pick<WriteOptions, "signWith" | "region">,
): Promise<Evidence> {
  const { signal } = context;
  const keyRegion = region ?? keyReferenceRegion(key ?? "") ?? config.control;
  // A key for evidence need not live in a Region of the deployment.
  await using connection = connect({ ...config, regions: [...new Set([...config.regions, keyRegion])] }, context);
  const { campaigns } = await connection.stores(config.control);
  const now = () => new Date().toISOString();
  const software = { name: "dekhand", version: VERSION };
  const evidence = await collectEvidence(campaigns, id, { software, at: now(), signal });
  return key === undefined
    ? evidence
    : await signEvidence(evidence, connection.kms(keyRegion), { key, at: now(), signal });
}

function signatureNote({ integrity: { signature } }: Evidence): string {
  if (!signature)
    return ", NOT signed: whoever changes the document can hash it again. Keep the hash elsewhere, or sign";
  return `, ${signature.algorithm} by ${signature.keyArn}`;
}
