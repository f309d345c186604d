import type { Profile } from "@dekhand/runtime";
import type { Rejection } from "../errors.ts";
import type { EncryptJobHeader } from "./encrypt-job.ts";

/** What the job lacks of what its profile asks for, or undefined. */
export function checkAgainstProfile(
  job: Pick<EncryptJobHeader, "profile" | "context">,
  profiles: Readonly<Record<string, Profile>>,
): Pick<Rejection, "code" | "message"> | undefined {
  const profile = Object.hasOwn(profiles, job.profile) ? profiles[job.profile] : undefined;
  if (!profile) return { code: "JOBS_PROFILE_UNKNOWN", message: "the configuration has no such profile" };
  const missing = profile.required.find((key) => !Object.hasOwn(job.context, key));
  if (missing === undefined) return undefined;
  return { code: "JOBS_CONTEXT_MISSING_KEY", message: `the profile requires the context key ${missing}` };
}
