import { describe, expect, it } from "vitest";
import { redactUrl } from "./redact-url.ts";

describe("redactUrl", () => {
  it.each([
    ["redis://user:canary@host:6379/2", "redis://***@host:6379/2"],
    ["redis://:canary@host", "redis://***@host"],
    ["rediss://host:6380/0?password=canary#canary", "rediss://host:6380/0"],
    ["canary", "[not a URL]"],
    ["", "[not a URL]"],
  ])("keeps place and nothing secret of a URL (%#)", (url, redacted) => {
    expect(redactUrl(url)).toBe(redacted);
  });
});
