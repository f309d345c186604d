import { DecryptCommand, DescribeKeyCommand, ListKeyRotationsCommand, ListKeysCommand } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { REGION, REPLICA, type StartedForTest, startForTest } from "./testing/local-clients.ts";

function controlOf({ aws }: StartedForTest) {
  const call = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${aws.controlUrl}/${path}`, {
      method,
      ...(body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
    const answer: Record<string, unknown> = JSON.parse(await response.text());
    return { status: response.status, body: answer };
  };
  return {
    get: (path: string) => call("GET", path),
    post: (path: string, body: object) => call("POST", path, body),
    delete: (path: string) => call("DELETE", path),
  };
}

describe("the control over HTTP", () => {
  it("tells the endpoints", async () => {
    await using local = await startForTest();
    expect((await controlOf(local).get("")).body).toEqual({ endpoints: local.aws.endpoints });
  });

  it("does what the control in code does", async () => {
    await using local = await startForTest();
    const control = controlOf(local);
    const list = () => local.errorOf(local.kms().send(new ListKeysCommand({})));

    await control.post(`regions/${REGION}/cut-off`, { on: true });
    expect(await list()).toBe("ECONNRESET");
    await control.post(`regions/${REGION}/cut-off`, { on: false });
    expect(await list()).toBe("none");

    await control.post(`regions/${REGION}/errors`, { errorName: "AccessDeniedException", count: 1 });
    expect(await list()).toBe("AccessDeniedException");
    await control.post(`regions/${REGION}/quota`, { quota: "ListKeys", perSecond: 0 });
    expect(await list()).toBe("ThrottlingException");
    await control.post(`regions/${REGION}/latency`, { ms: 1, service: "kms" });
    expect((await control.get("faults")).body).toMatchObject({
      [REGION]: { cut: null, latencies: [{ ms: 1, service: "kms" }], quotas: { ListKeys: 0 }, errors: [] },
      [REPLICA]: { quotas: {} },
    });
    await control.delete("faults");
    expect(await list()).toBe("none");

    expect((await control.get("counts")).body).toMatchObject({
      [REGION]: { kms: { ListKeys: { calls: 4, errors: { AccessDeniedException: 1, ThrottlingException: 1 } } } },
    });
    await control.delete("counts");
    expect((await control.get("counts")).body).toMatchObject({ [REGION]: { kms: {} } });
  });

  it("answers what it cannot do with a code, and changes nothing", async () => {
    await using local = await startForTest();
    const control = controlOf(local);
    const refused = [
      await control.post("regions/mars-1/cut-off", { on: true }),
      await control.post(`regions/${REGION}/cut-off`, { of: true }),
      await control.post(`regions/${REGION}/latency`, { ms: "long" }),
      await control.post(`regions/${REGION}/errors`, { rate: 2, errorName: "X" }),
      await control.post(`regions/${REGION}/errors`, { rate: 1 }),
      await control.post(`regions/${REGION}/quota`, { quota: "Decript", perSecond: 1 }),
      await control.post(`regions/${REGION}/errors`, { errorName: "X", service: "s3" }),
    ];
    expect(refused.map(({ status, body }) => [status, body.error])).toEqual([
      [400, "LOCAL_AWS_REGION_UNKNOWN"],
      ...Array.from({ length: 6 }, () => [400, "LOCAL_AWS_OPTION_INVALID"]),
    ]);
    expect((await control.get("nothing")).status).toBe(404);
    expect(local.aws.control.faults()[REGION]).toEqual({ cut: null, latencies: [], quotas: {}, errors: [] });
  });

  it("takes no body that a web page could send to it unasked", async () => {
    await using local = await startForTest();
    const url = `${local.aws.controlUrl}/regions/${REGION}/cut-off`;
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "text/plain" },
      body: '{"on":true}',
    });
    expect(response.status).toBe(400);
    expect(await local.errorOf(local.kms().send(new ListKeysCommand({})))).toBe("none");
  });
});

describe("direct helpers", () => {
  it("rotate as a schedule would, and delete without waiting", async () => {
    await using local = await startForTest();
    const arn = await local.createKey();
    const blob = await local.dataKey(arn);
    await local.aws.control.rotateKey(REGION, arn);
    const { Rotations: rotations } = await local.kms().send(new ListKeyRotationsCommand({ KeyId: arn }));
    expect(rotations).toMatchObject([{ RotationType: "AUTOMATIC", KeyMaterialState: "CURRENT" }]);
    await local.aws.control.deleteKeyNow(REGION, arn);
    expect(await local.errorOf(local.kms().send(new DescribeKeyCommand({ KeyId: arn })))).toBe("NotFoundException");
    const decrypt = local.kms().send(new DecryptCommand({ CiphertextBlob: blob }));
    expect(await local.errorOf(decrypt)).toBe("AccessDeniedException");
    await expect(local.aws.control.rotateKey(REGION, arn)).rejects.toMatchObject({ code: "LOCAL_AWS_KEY_UNKNOWN" });
  });
});
