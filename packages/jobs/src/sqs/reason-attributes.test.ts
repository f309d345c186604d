import { describe, expect, it } from "vitest";
import {
  attributeBytes,
  carriable,
  MAX_SQS_MESSAGE_BYTES,
  reasonAttributes,
  withoutReason,
} from "./reason-attributes.ts";

const reason = { code: "JOBS_SCHEMA_INVALID", message: "why", jobId: "job", recordId: "record" };
const sourceArn = "arn:aws:sqs:us-east-1:000000000000:jobs";
const text = (value: string) => ({ DataType: "String", StringValue: value });

describe("the attributes of a rejected message", () => {
  it("say why, for which job, and where it came from, beside what it had", () => {
    const attributes = { trace: text("t") };
    const made = reasonAttributes({ body: "{}", attributes, reason, sourceArn });
    expect(made).toEqual({
      ReasonCode: text("JOBS_SCHEMA_INVALID"),
      ReasonMessage: text("why"),
      JobId: text("job"),
      RecordId: text("record"),
      SourceQueue: text(sourceArn),
      trace: text("t"),
    });
    expect(withoutReason(made ?? {})).toEqual(attributes);
  });

  it("are at most ten, the reason first", () => {
    const attributes = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`own${index}`, text("x")]));
    const made = reasonAttributes({ body: "{}", attributes, reason, sourceArn });
    expect(Object.keys(made ?? {})).toHaveLength(10);
    expect(made).toMatchObject({ ReasonCode: text("JOBS_SCHEMA_INVALID"), RecordId: text("record") });
  });

  it("replace an older reason", () => {
    const made = reasonAttributes({ body: "{}", attributes: { ReasonCode: text("OLD") }, reason, sourceArn });
    expect(made).toMatchObject({ ReasonCode: text("JOBS_SCHEMA_INVALID") });
  });

  it("leave out what does not fit beside the body, the code last of all", () => {
    const codeBytes = attributeBytes("ReasonCode", text(reason.code));
    const body = (room: number) => "x".repeat(MAX_SQS_MESSAGE_BYTES - room);
    const names = (room: number) =>
      Object.keys(reasonAttributes({ body: body(room), attributes: {}, reason, sourceArn }) ?? {});
    expect(names(10_000)).toHaveLength(5);
    expect(names(codeBytes)).toEqual(["ReasonCode"]);
    expect(names(codeBytes - 1)).toEqual([]);
  });

  it("hold nothing that SQS refuses", () => {
    const awkward = { ...reason, message: "a\u0000\ud800\uffff", recordId: "r".repeat(10_000), jobId: "" };
    const made = reasonAttributes({ body: "{}", attributes: {}, reason: awkward, sourceArn });
    expect(made?.ReasonMessage).toEqual(text("a\ufffd\ufffd\ufffd"));
    expect(made?.RecordId?.StringValue?.length).toBeLessThanOrEqual(512);
    expect(made).not.toHaveProperty("JobId");
  });
});

it("a body is carriable when SQS's own characters are all that is in it", () => {
  expect(carriable("tab\t line\n 🔑 é")).toBe("tab\t line\n 🔑 é");
  expect(carriable("a\u0001\ud800\ufffe")).toBe("a\ufffd\ufffd\ufffd");
});
