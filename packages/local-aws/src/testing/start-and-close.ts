/** Run as a process of its own: uses everything, closes, and must then end by itself. */
import { startLocalAws } from "../start-local-aws.ts";

const [dataDir] = process.argv.slice(2);
const aws = await startLocalAws({ regions: ["us-east-1", "eu-west-1"], dataDir });
const url = aws.endpoints["us-east-1"] ?? "";
const call = (target: string, body: object): Promise<Response> =>
  fetch(url, { method: "POST", headers: { "x-amz-target": target }, body: JSON.stringify(body) });

await (await call("TrentService.CreateKey", {})).arrayBuffer();
await (await call("DynamoDB_20120810.ListTables", {})).arrayBuffer();
await (await fetch(aws.controlUrl)).arrayBuffer();
aws.control.setLatency("us-east-1", 60_000);
const pending = call("TrentService.ListKeys", {}).catch(() => undefined);
while (aws.control.callCounts()["us-east-1"]?.kms.ListKeys === undefined) {
  await new Promise((resolve) => setImmediate(resolve));
}
await aws.close();
await pending;
process.stdout.write("closed");
