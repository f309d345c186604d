import { getEventListeners } from "node:events";
import { createAwsClients } from "@dekhand/aws";
import { createLogger, createMetrics, toDeploymentConfig } from "@dekhand/runtime";
import { eventually } from "@dekhand/testing";
import { afterEach, describe, expect, it } from "vitest";
import { type KmsAnswer, type KmsServer, startKmsServer } from "../testing/kms-server.ts";
import type { QuotaClass } from "./account-quotas.ts";
import { createKmsQuota } from "./kms-quota.ts";
import { createServiceQuotas, type ServiceQuotas } from "./service-quotas.ts";

const region = "eu-west-1";
const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" };
let stack = new AsyncDisposableStack();

afterEach(async () => {
  await stack.disposeAsync();
  stack = new AsyncDisposableStack();
});

/** The same protocol as KMS's, under another target. */
async function serve(...answers: KmsAnswer[]): Promise<KmsServer> {
  return stack.use(await startKmsServer(...answers));
}

function quota(fields: object): KmsAnswer {
  return { output: { Quota: { ServiceCode: "kms", QuotaCode: "L-6E3AF000", ...fields } } };
}

function ask(server: KmsServer, { timeoutMs = 5_000 } = {}) {
  const lines: string[] = [];
  const logger = createLogger({ service: "test", destination: { write: (line) => lines.push(line) } });
  const clients = createAwsClients({
    regions: [region],
    endpoints: { [region]: { serviceQuotas: server.url } },
    credentials,
  });
  stack.defer(() => clients.destroy());
  const serviceQuotas = createServiceQuotas({
    clientFor: (name) => clients.region(name).serviceQuotas,
    logger,
    timeoutMs,
  });
  return { serviceQuotas, lines };
}

describe("Service Quotas", () => {
  it("is asked for the rate of symmetric cryptographic operations, and its number is taken as calls a second", async () => {
    const server = await serve(quota({ Value: 123_456, Period: { PeriodValue: 1, PeriodUnit: "SECOND" } }));
    const { serviceQuotas, lines } = ask(server);
    expect(await serviceQuotas.cryptoQuota(region)).toBe(123_456);
    expect(server.requests).toEqual([
      {
        operation: "ServiceQuotasV20190624.GetServiceQuota",
        input: { ServiceCode: "kms", QuotaCode: "L-6E3AF000" },
      },
    ]);
    expect(lines).toEqual([]);
  });

  it.each<[string, KmsAnswer]>([
    ["no quota", { output: {} }],
    ["a quota without its value", quota({ ErrorReason: { ErrorCode: "SERVICE_QUOTA_NOT_AVAILABLE_ERROR" } })],
    ["a rate of nothing", quota({ Value: 0 })],
    ["a rate for another period", quota({ Value: 10, Period: { PeriodValue: 1, PeriodUnit: "MINUTE" } })],
    ["not permitted", { error: "AccessDeniedException" }],
    ["not known in this Region", { error: "NoSuchResourceException" }],
    ["trouble of its own", { error: "ServiceException", status: 500 }],
    ["a cut connection", { cut: true }],
  ])("may answer %s: then there is no number, and one warning", async (_what, answer) => {
    const { serviceQuotas, lines } = ask(await serve(answer));
    expect(await serviceQuotas.cryptoQuota(region)).toBeUndefined();
    expect(await serviceQuotas.cryptoQuota(region)).toBeUndefined();
    expect(lines.map((line) => JSON.parse(line))).toEqual([expect.objectContaining({ level: "warn", region })]);
    expect(lines.join()).not.toContain("canary");
  });

  it("keeps nobody waiting when it does not answer", async () => {
    const server = await serve({ hang: true });
    const { serviceQuotas, lines } = ask(server, { timeoutMs: 50 });
    expect(await serviceQuotas.cryptoQuota(region)).toBeUndefined();
    // On a busy machine the time may be up before anything was sent.
    await eventually(() => expect(server.givenUp()).toBe(server.requests.length));
    expect(lines).toHaveLength(1);
  });

  it("is left at once when the caller goes away, which is no reason for a warning", async () => {
    const server = await serve({ hang: true });
    const { serviceQuotas, lines } = ask(server);
    const caller = new AbortController();
    const reason = new Error("gone");
    const asked = serviceQuotas.cryptoQuota(region, { signal: caller.signal });
    await eventually(() => expect(server.requests).toHaveLength(1));
    caller.abort(reason);
    await expect(asked).rejects.toBe(reason);
    await expect(serviceQuotas.cryptoQuota(region, { signal: caller.signal })).rejects.toBe(reason);
    await eventually(() => expect(server.givenUp()).toBe(1));
    expect(getEventListeners(caller.signal, "abort")).toEqual([]);
    expect(lines).toEqual([]);
  });

  it("tells nothing of a Region that the deployment does not list", async () => {
    const server = await serve(quota({ Value: 1 }));
    const { serviceQuotas, lines } = ask(server);
    expect(await serviceQuotas.cryptoQuota("ap-south-1")).toBeUndefined();
    expect(server.requests).toEqual([]);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ err: { code: "AWS_REGION_NOT_CONFIGURED" } });
  });
});

describe("the share of a deployment", () => {
  function shareWith(written: object, serviceQuotas: ServiceQuotas) {
    const profiles = { pii: { home: region, key: "alias/pii" } };
    const { quota } = toDeploymentConfig({ prefix: "dekhand", regions: [region], profiles, quota: written }, "test");
    const logger = createLogger({ service: "test", level: "silent" });
    const metrics = createMetrics({ service: "test" });
    const made = createKmsQuota({ config: quota, prefix: "test", serviceQuotas, metrics, logger });
    stack.defer(() => made.close());
    return (quotaClass: QuotaClass) => made.meter(region, quotaClass).status().share;
  }

  it("follows what Service Quotas tells where the configuration says to ask it", async () => {
    const server = await serve(quota({ Value: 123_456 }));
    const share = shareWith({ source: "service-quotas", share: 0.5 }, ask(server).serviceQuotas);
    await eventually(() => expect(share("crypto")).toBe(61_728));
  });

  it("is of AWS's default until Service Quotas tells, and where it does not", async () => {
    const server = await serve({ error: "AccessDeniedException" });
    const { serviceQuotas, lines } = ask(server);
    const share = shareWith({ source: "service-quotas" }, serviceQuotas);
    expect(share("crypto")).toBe(50_000);
    await eventually(() => expect(lines).toHaveLength(1));
    expect(share("crypto")).toBe(50_000);
  });

  it("asks nobody where the quota is named, or not to be asked for, nor for anything but cryptographic calls", async () => {
    const server = await serve(quota({ Value: 123_456 }));
    const { serviceQuotas } = ask(server);
    const named = shareWith({ source: "service-quotas", regions: { [region]: 70 } }, serviceQuotas);
    expect([named("crypto"), named("key-store:cks-1")]).toEqual([35, 900]);
    expect(shareWith({}, serviceQuotas)("crypto")).toBe(50_000);
    expect(server.requests).toEqual([]);
  });
});
