import type { Profile } from "@dekhand/runtime";
import { expect, it } from "vitest";
import { checkAgainstProfile } from "./check-against-profile.ts";

const profile: Profile = {
  name: "pii",
  home: "us-east-1",
  key: "alias/pii",
  retiring: [],
  required: ["tenant", "constructor"],
  dekScope: ["tenant"],
  reuse: { records: 1, bytes: 1, ageMs: 1 },
  replicas: {},
};
const profiles = { pii: profile };

it("accepts a job that has what its profile asks for", () => {
  const context = { tenant: "acme", constructor: "x" };
  expect(checkAgainstProfile({ profile: "pii", context }, profiles)).toBeUndefined();
});

it.each(["pi", "constructor", "__proto__"])("knows no profile named %s", (name) => {
  expect(checkAgainstProfile({ profile: name, context: {} }, profiles)).toMatchObject({ code: "JOBS_PROFILE_UNKNOWN" });
});

it("takes no inherited property for a required context key", () => {
  const refusal = checkAgainstProfile({ profile: "pii", context: { tenant: "acme" } }, profiles);
  expect(refusal).toMatchObject({ code: "JOBS_CONTEXT_MISSING_KEY" });
});
