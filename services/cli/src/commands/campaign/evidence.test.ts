import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { CreateAliasCommand, CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { createAwsClients } from "@dekhand/aws";
import { type LocalAws, startLocalAws } from "@dekhand/local-aws";
import { createLogger } from "@dekhand/runtime";
import { createTables, openStores, tableNames } from "@dekhand/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { embeddedConfig } from "../../embedded/embedded-config.ts";
import { embeddedCredentials } from "../../embedded/embedded-credentials.ts";
import { SomeFailed } from "../../run-outcome.ts";
import { evidenceCommand } from "./evidence.ts";

const region = "us-east-1";
/** A Region of the embedded AWS that is none of the deployment's. */
const auditRegion = "eu-west-1";
const id = "campaign-1";

describe("dekhand campaign evidence", () => {
  let aws: LocalAws;
  let folder: string;
  let signingKey: string;
  const file = (name: string) => join(folder, name);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "dekhand-evidence-"));
    aws = await startLocalAws({ regions: [region, auditRegion] });
    // The command finds its credentials as the SDK's own chain does.
    const { accessKeyId, secretAccessKey } = embeddedCredentials;
    const auditUrl = aws.endpoints[auditRegion] ?? "";
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      // Of Regions that the configuration does not name.
      AWS_ENDPOINT_URL_KMS: auditUrl,
    });
    const url = aws.endpoints[region] ?? "";
    const yaml = embeddedConfig({ endpoints: { [region]: url }, home: region, prefix: "dekhand" });
    await writeFile(file("dekhand.yaml"), yaml);

    const kms = new KMSClient({ region: auditRegion, endpoint: auditUrl, credentials: embeddedCredentials });
    const made = await kms.send(new CreateKeyCommand({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" }));
    signingKey = made.KeyMetadata?.Arn ?? "";
    await kms.send(new CreateAliasCommand({ AliasName: "alias/auditor", TargetKeyId: signingKey }));
    kms.destroy();

    const endpoints = { [region]: { kms: url, sqs: url, dynamodb: url } };
    const clients = createAwsClients({ regions: [region], endpoints, credentials: embeddedCredentials });
    const { dynamodb: client } = clients.region(region);
    await createTables(client, tableNames("dekhand"), { pollMs: 10 });
    const logger = createLogger({ service: "test", level: "silent" });
    const { campaigns } = openStores({ client, prefix: "dekhand", logger });
    const target = { store: "dekhand", region, sources: ["arn:old"], keyArn: "arn:new" };
    const act = { at: "2026-11-02T08:00:00.000Z", actor: "ada", reason: "yearly" };
    await campaigns.create({ id, kind: "key", targets: [target], ...act }, []);
    clients.destroy();
  });
  afterAll(async () => {
    await aws.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** What the command printed, and what it ended with. */
  const run = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const [stdout, stderr] = [collector(), collector()];
    const command = evidenceCommand({
      env: { DEKHAND_CONFIG: file("dekhand.yaml"), ...env },
      stdin: Readable.from([]),
      stdout: stdout.stream,
      stderr: stderr.stream,
      signal: new AbortController().signal,
    });
    command.exitOverride().configureOutput({ writeErr: () => undefined });
    const error: unknown = await command.parseAsync(args, { from: "user" }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    return { stdout: stdout.text(), stderr: stderr.text(), error };
  };

  it("prints the document, and says that it is not signed; it is verified with neither configuration nor AWS", async () => {
    const { stdout, stderr, error } = await run([id]);
    expect(error).toBeUndefined();
    expect(JSON.parse(stdout)).toMatchObject({ campaign: { id, status: "planned" }, software: { name: "dekhand" } });
    expect(stderr).toContain("The campaign is NOT complete.");
    expect(stderr).toContain("NOT signed");
    await writeFile(file("printed.json"), stdout);
    const checked = await run(["--check", file("printed.json")], { DEKHAND_CONFIG: file("nowhere.yaml") });
    expect(checked.error).toBeUndefined();
    expect(checked.stdout).toContain("it matches its hash, and is NOT signed");
    expect(checked.stdout).toContain(`campaign ${id}: The campaign is NOT complete.`);
  });

  it("writes document and page to new files only", async () => {
    const files = ["--out", file("a.json"), "--html", file("a.html")];
    expect(await run([id, ...files])).toMatchObject({ error: undefined, stdout: "" });
    expect(await readFile(file("a.html"), "utf8")).toContain(`Evidence of campaign ${id}`);
    const before = await readFile(file("a.json"), "utf8");
    expect((await run([id, ...files])).error).toMatchObject({ code: "CLI_USAGE" });
    expect(await readFile(file("a.json"), "utf8")).toBe(before);
  });

  it("refuses a changed document with 1, and says what is wrong", async () => {
    const { stdout } = await run([id]);
    await writeFile(file("changed.json"), stdout.replace('"yearly"', '"never"'));
    const { error, stderr } = await run(["--check", file("changed.json")]);
    expect(error).toBeInstanceOf(SomeFailed);
    expect(stderr).toContain("REFUSED: it was changed after it had been written");
    await writeFile(file("bytes.json"), Buffer.from([0x7b, 0xff]));
    expect((await run(["--check", file("bytes.json")])).stderr).toContain("REFUSED: it is not text in UTF-8");
  });

  it("signs by a key of a Region that is none of the deployment's, and has KMS verify it there", async () => {
    const signing = ["--sign-with", "alias/auditor", "--region", auditRegion];
    expect((await run([id, "--out", file("signed.json"), ...signing])).stderr).toContain(
      `ECDSA_SHA_256 by ${signingKey}`,
    );
    const checked = await run(["--check", file("signed.json"), "--signed-by", signingKey]);
    expect(checked.error).toBeUndefined();
    expect(checked.stdout).toContain(`it matches its hash and its signature: ECDSA_SHA_256 by ${signingKey}`);

    const text = await readFile(file("signed.json"), "utf8");
    await writeFile(file("later.json"), text.replace(/"signedAt": "20/, '"signedAt": "19'));
    const refused = await run(["--check", file("later.json")]);
    expect(refused.error).toBeInstanceOf(SomeFailed);
    expect(refused.stderr).toContain("signature was not made for it by the key");
  });

  it("leaves KMS alone when told --offline, and says that the signature was not checked", async () => {
    await run([id, "--out", file("offline.json"), "--sign-with", signingKey]);
    const nowhere = { DEKHAND_CONFIG: file("nowhere.yaml") };
    const { stdout, error } = await run(["--check", file("offline.json"), "--offline"], nowhere);
    expect(error).toBeUndefined();
    expect(stdout).toContain("was NOT checked (--offline)");
    expect((await run(["--check", file("offline.json")], nowhere)).error).toMatchObject({ code: "CLI_CONFIG_MISSING" });
  });

  it("with --signed-by refuses a document that nobody, or another key, has signed", async () => {
    await run([id, "--out", file("by-key.json"), "--sign-with", signingKey]);
    const other = signingKey.replace(/[^/]*$/, "other");
    const byOther = await run(["--check", file("by-key.json"), "--signed-by", other]);
    expect(byOther.error).toBeInstanceOf(SomeFailed);
    expect(byOther.stderr).toContain(`it is signed by ${signingKey}, not by ${other}`);
    await run([id, "--out", file("unsigned.json")]);
    const byNobody = await run(["--check", file("unsigned.json"), "--signed-by", signingKey]);
    expect(byNobody.error).toBeInstanceOf(SomeFailed);
    expect(byNobody.stderr).toContain("it is not signed");
  });

  it.each([
    [[], "CLI_USAGE"],
    [[id, "--check", "file.json"], "CLI_USAGE"],
    [["--check", "file.json", "--offline", "--signed-by", "arn"], "CLI_USAGE"],
    [["--check", "file.json", "--out", "out.json"], "commander.conflictingOption"],
    [["--check", "/nowhere/file.json"], "CLI_INPUT_UNREADABLE"],
    [["nobody"], "STORE_CAMPAIGN_NOT_FOUND"],
  ])("refuses %j by %s", async (args, code) => {
    expect((await run(args)).error).toMatchObject({ code });
  });
});

function collector() {
  const chunks: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, written) {
      chunks.push(chunk.toString());
      written();
    },
  });
  return { stream, text: () => chunks.join("") };
}
