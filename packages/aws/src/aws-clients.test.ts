import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { DescribeKeyCommand } from "@aws-sdk/client-kms";
import { GetServiceQuotaCommand } from "@aws-sdk/client-service-quotas";
import { GetQueueAttributesCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type AwsClients, type AwsClientsOptions, createAwsClients } from "./aws-clients.ts";
import { type Answer, answerJson, type JsonServer, startJsonServer } from "./testing/json-server.ts";

const here = "eu-west-1";
const there = "us-east-1";
const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" };
const ok: Answer = (_request, response) => answerJson(response, 200, {});
let stack = new AsyncDisposableStack();

afterEach(async () => {
  await stack.disposeAsync();
  stack = new AsyncDisposableStack();
  vi.unstubAllEnvs();
});

async function server(answer: Answer = ok): Promise<JsonServer> {
  return stack.use(await startJsonServer(answer));
}

function make(options: Partial<AwsClientsOptions>): AwsClients {
  return stack.adopt(createAwsClients({ regions: [here, there], credentials, ...options }), (clients) =>
    clients.destroy(),
  );
}

const describeKey = new DescribeKeyCommand({ KeyId: "alias/a" });
const listTables = new ListTablesCommand({});
const getQuota = new GetServiceQuotaCommand({ ServiceCode: "kms", QuotaCode: "L-6E3AF000" });

describe("a Region's clients", () => {
  it("talk to that Region's endpoint only and sign for that Region", async () => {
    const [a, b] = [await server(), await server()];
    const clients = make({ endpoints: { [here]: all(a.url), [there]: all(b.url) } });
    await clients.region(here).kms.send(describeKey);
    await clients.region(there).dynamodb.send(listTables);
    await clients.region(there).sqs.send(new GetQueueAttributesCommand({ QueueUrl: `${b.url}/1/q` }));
    await clients.region(there).serviceQuotas.send(getQuota);
    expect(a.seen.map(({ target }) => target)).toEqual(["TrentService.DescribeKey"]);
    expect(b.seen.map(({ target }) => target)).toEqual([
      "DynamoDB_20120810.ListTables",
      "AmazonSQS.GetQueueAttributes",
      "ServiceQuotasV20190624.GetServiceQuota",
    ]);
    expect(a.seen[0]?.authorization).toContain(`/${here}/kms/`);
    expect(b.seen[0]?.authorization).toContain(`/${there}/dynamodb/`);
  });

  it("never follow a queue URL into another Region", async () => {
    const [a, b] = [await server(), await server()];
    const clients = make({ endpoints: { [here]: all(a.url), [there]: all(b.url) } });
    await clients.region(here).sqs.send(new GetQueueAttributesCommand({ QueueUrl: `${b.url}/1/q` }));
    expect([a.seen.length, b.seen.length]).toEqual([1, 0]);
  });

  it("are made once, and only for Regions of the deployment", () => {
    const clients = make({});
    expect(clients.region(here).kms).toBe(clients.region(here).kms);
    expect(clients.region(here).kms).not.toBe(clients.region(there).kms);
    expect(() => clients.region("ap-south-1")).toThrow(expect.objectContaining({ code: "AWS_REGION_NOT_CONFIGURED" }));
    expect(() => clients.region("__proto__")).toThrow(expect.objectContaining({ code: "AWS_REGION_NOT_CONFIGURED" }));
  });

  it("are not to be had after destroy, which closes their connections", async () => {
    const a = await server();
    const clients = make({ endpoints: { [here]: all(a.url) } });
    const { kms, dynamodb, serviceQuotas } = clients.region(here);
    await Promise.all([kms.send(describeKey), dynamodb.send(listTables), serviceQuotas.send(getQuota)]);
    expect(a.connections()).toBe(3);
    clients.destroy();
    await vi.waitFor(() => expect(a.connections()).toBe(0));
    expect(() => clients.region(here)).toThrow(expect.objectContaining({ code: "AWS_CLIENTS_DESTROYED" }));
  });
});

describe("the endpoint", () => {
  it("is the configuration's, before the service's variable, before the common variable", async () => {
    const [configured, forKms, common] = [await server(), await server(), await server()];
    vi.stubEnv("AWS_ENDPOINT_URL_KMS", forKms.url);
    vi.stubEnv("AWS_ENDPOINT_URL", common.url);
    const clients = make({ endpoints: { [here]: { kms: configured.url } } });
    await clients.region(here).kms.send(describeKey);
    await clients.region(there).kms.send(describeKey);
    await clients.region(here).dynamodb.send(listTables);
    await clients
      .region(here)
      .sqs.send(new GetQueueAttributesCommand({ QueueUrl: "https://sqs.eu-west-1.amazonaws.com/1/q" }));
    expect(configured.seen.map(({ target }) => target)).toEqual(["TrentService.DescribeKey"]);
    expect(forKms.seen.map(({ target }) => target)).toEqual(["TrentService.DescribeKey"]);
    expect(common.seen.map(({ target }) => target)).toEqual([
      "DynamoDB_20120810.ListTables",
      "AmazonSQS.GetQueueAttributes",
    ]);
  });
});

describe("credentials", () => {
  it("come from the named profile of the AWS configuration files", async () => {
    const a = await server();
    const file = join(tmpdir(), `dekhand-aws-config-${process.pid}`);
    stack.defer(() => rm(file, { force: true }));
    await writeFile(file, "[profile other]\naws_access_key_id = AKIDOFPROFILE\naws_secret_access_key = example\n");
    vi.stubEnv("AWS_CONFIG_FILE", file);
    vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", file);
    const clients = createAwsClients({ regions: [here], profile: "other", endpoints: { [here]: all(a.url) } });
    stack.adopt(clients, (made) => made.destroy());
    await clients.region(here).kms.send(describeKey);
    expect(a.seen[0]?.authorization).toContain("AKIDOFPROFILE");
  });

  it("come from the environment where no profile is named", async () => {
    const a = await server();
    vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDOFENVIRONMENT");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "example");
    const clients = createAwsClients({ regions: [here], endpoints: { [here]: all(a.url) } });
    stack.adopt(clients, (made) => made.destroy());
    await clients.region(here).dynamodb.send(listTables);
    expect(a.seen[0]?.authorization).toContain("AKIDOFENVIRONMENT");
  });
});

describe("retries", () => {
  it("of KMS are left to the governor; everything else gets three attempts", async () => {
    const a = await server((_request, response) => answerJson(response, 500, { __type: "InternalServerError" }));
    const { kms, sqs, dynamodb, serviceQuotas } = make({ endpoints: { [here]: all(a.url) } }).region(here);
    const count = async (call: Promise<unknown>): Promise<number> => {
      const before = a.seen.length;
      await expect(call).rejects.toThrow();
      return a.seen.length - before;
    };
    expect(await count(kms.send(describeKey))).toBe(1);
    expect(await count(dynamodb.send(listTables))).toBe(3);
    expect(await count(serviceQuotas.send(getQuota))).toBe(3);
    expect(await count(sqs.send(new ReceiveMessageCommand({ QueueUrl: `${a.url}/1/q` })))).toBe(3);
  });
});

describe("waiting", () => {
  it("for an answer ends with the request timeout", async () => {
    const a = await server(() => {});
    const { kms } = make({ endpoints: { [here]: all(a.url) }, requestTimeoutMs: 50 }).region(here);
    await expect(kms.send(describeKey)).rejects.toMatchObject({ name: "TimeoutError" });
  });

  it("for the rest of an answer ends too", async () => {
    const a = await server((_request, response) => response.writeHead(200, { "content-length": "9" }).write("{"));
    const { kms, dynamodb } = make({ endpoints: { [here]: all(a.url) }, requestTimeoutMs: 50 }).region(here);
    await expect(kms.send(describeKey)).rejects.toMatchObject({ name: "TimeoutError" });
    await expect(dynamodb.send(listTables)).rejects.toThrow();
  });

  it("ends at once when the caller goes away", async () => {
    const caller = new AbortController();
    const a = await server(() => caller.abort());
    const { kms } = make({ endpoints: { [here]: all(a.url) } }).region(here);
    await expect(kms.send(describeKey, { abortSignal: caller.signal })).rejects.toMatchObject({ name: "AbortError" });
    await vi.waitFor(() => expect(a.connections()).toBe(0));
  });
});

function all(url: string) {
  return { kms: url, sqs: url, dynamodb: url, serviceQuotas: url };
}
