import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { environmentLines } from "./environment.ts";
import { startLocalAws } from "./start-local-aws.ts";

async function post(url: string, headers: Record<string, string>, body: string) {
  const response = await fetch(url, { method: "POST", headers, body });
  return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) };
}

describe("startLocalAws", () => {
  it("refuses options that cannot be, before anything runs", async () => {
    const refused = [
      { regions: [] },
      { regions: ["us-east-1", "us-east-1"] },
      { regions: ["../us-east-1"] },
      { regions: ["us-east-1"], accountId: "1" },
      { regions: ["us-east-1"], ports: { "eu-west-1": 1 } },
      { regions: ["us-east-1"], ports: { "us-east-1": 70_000 } },
      { regions: ["us-east-1"], kms: { quotas: { crypto: -1 } } },
      { regions: ["us-east-1"], kms: { quotas: { Decrypt: 1 } } },
    ];
    for (const options of refused) {
      await expect(startLocalAws(options)).rejects.toMatchObject({ code: "LOCAL_AWS_OPTION_INVALID" });
    }
  });

  it("listens on loopback only", async () => {
    for (const host of ["0.0.0.0", "::", "10.0.0.1", "example.com"]) {
      const start = startLocalAws({ regions: ["us-east-1"], host });
      await expect(start).rejects.toMatchObject({ code: "LOCAL_AWS_HOST_NOT_LOOPBACK" });
    }
  });

  it("takes the ports it is given, and says which one is in use", async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, "127.0.0.1", () => resolve(Number(Object(other.address()).port)));
    });
    const options = { regions: ["eu-west-1", "us-east-1"], ports: { "us-east-1": port } };
    await expect(startLocalAws(options)).rejects.toMatchObject({ code: "LOCAL_AWS_PORT_TAKEN", context: { port } });
    await new Promise((resolve) => other.close(resolve));
    await using aws = await startLocalAws(options);
    expect(aws.endpoints["us-east-1"]).toBe(`http://127.0.0.1:${port}`);
  });

  it("can be closed twice, and refuses connections then", async () => {
    const aws = await startLocalAws({ regions: ["us-east-1"] });
    await Promise.all([aws.close(), aws.close()]);
    await expect(fetch(aws.controlUrl)).rejects.toThrow();
  });

  it("leaves no handle open when it is closed, a waiting call included", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "dekhand-local-aws-"));
    const script = fileURLToPath(new URL("testing/start-and-close.ts", import.meta.url));
    try {
      const { stdout } = await promisify(execFile)(process.execPath, [script, dataDir], { timeout: 15_000 });
      expect(stdout).toBe("closed");
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  });

  it("prints what points a shell at a Region", async () => {
    await using aws = await startLocalAws({ regions: ["us-east-1", "eu-west-1"] });
    expect(environmentLines(aws, "eu-west-1")).toContain(`export AWS_ENDPOINT_URL=${aws.endpoints["eu-west-1"]}`);
    expect(environmentLines(aws)).toContain("export AWS_REGION=us-east-1");
  });
});

describe("the HTTP core", () => {
  const kms = (operation: string) => ({
    "x-amz-target": `TrentService.${operation}`,
    "content-type": "application/x-amz-json-1.1",
  });

  it("answers faults in the AWS JSON protocol", async () => {
    await using aws = await startLocalAws({ regions: ["us-east-1"] });
    const url = aws.endpoints["us-east-1"] ?? "";
    const answer = await post(url, kms("DescribeKey"), '{"KeyId":"nothing"}');
    expect(answer).toMatchObject({ status: 400, body: { __type: "NotFoundException", message: "Invalid keyId" } });
    expect(answer.headers.get("content-type")).toBe("application/x-amz-json-1.1");
    expect(answer.headers.get("x-amzn-requestid")).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("knows no other service, operation or body", async () => {
    await using aws = await startLocalAws({ regions: ["us-east-1"] });
    const url = aws.endpoints["us-east-1"] ?? "";
    const types = [
      await post(url, kms("CreateCustomKeyStore"), "{}"),
      await post(url, { "x-amz-target": "AmazonSSM.GetParameter" }, "{}"),
      await post(url, {}, "{}"),
      await post(url, kms("ListKeys"), "not JSON"),
      await post(url, kms("ListKeys"), "[]"),
      await post(url, kms("ListKeys"), '{"Limit":"7"}'),
      await post(url, kms("__proto__"), "{}"),
    ];
    expect(types.map(({ body }) => body.__type)).toEqual([
      "UnknownOperationException",
      "UnknownOperationException",
      "UnknownOperationException",
      "SerializationException",
      "SerializationException",
      "SerializationException",
      "UnknownOperationException",
    ]);
  });

  it("never repeats what it could not read", async () => {
    await using aws = await startLocalAws({ regions: ["us-east-1"] });
    const url = aws.endpoints["us-east-1"] ?? "";
    const answer = await post(url, kms("Encrypt"), '{"KeyId":"canary-4711","Plaintext":"canary-4711"');
    expect(JSON.stringify(answer.body)).not.toContain("canary");
  });

  it("refuses a body over 16 MiB, and goes on", async () => {
    await using aws = await startLocalAws({ regions: ["us-east-1"] });
    const url = aws.endpoints["us-east-1"] ?? "";
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const call = request(url, { method: "POST", headers: kms("ListKeys") }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      call.on("error", reject);
      call.end(Buffer.alloc(17 * 1024 * 1024));
    });
    expect(status).toBe(413);
    expect((await post(url, kms("ListKeys"), "")).status).toBe(200);
  });
});
