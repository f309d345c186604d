import { CAMPAIGN_STATUSES, type CampaignStatus, isEnded } from "@dekhand/store";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CampaignError } from "./errors.ts";
import {
  allows,
  CAMPAIGN_TRIGGERS,
  type CampaignState,
  type CampaignTrigger,
  type CampaignTriggerKind,
  nextStatus,
} from "./state-machine.ts";

/** The states as issue and design draw them, written down once more: by status, what leads where. */
const drawn: Readonly<Record<CampaignStatus, Partial<Record<CampaignTriggerKind, CampaignStatus | "back">>>> = {
  planned: { start: "preflight", cancel: "cancelled" },
  preflight: { "preflight-passed": "canary", "preflight-refused": "failed", cancel: "cancelled" },
  canary: {
    "canary-passed": "running",
    "canary-failed": "failed",
    pause: "paused",
    "systemic-error": "paused",
    cancel: "cancelled",
  },
  running: { swept: "verifying", pause: "paused", "systemic-error": "paused", cancel: "cancelled" },
  paused: { resume: "back", cancel: "cancelled" },
  verifying: {
    verified: "complete",
    "verification-failed": "failed",
    "remainder-found": "running",
    pause: "paused",
    "systemic-error": "paused",
    cancel: "cancelled",
  },
  complete: {},
  cancelled: {},
  failed: {},
};

const anyTrigger: fc.Arbitrary<CampaignTrigger> = fc.oneof(
  ...CAMPAIGN_TRIGGERS.map((kind) =>
    kind === "verified"
      ? fc.nat({ max: 2 }).map((unresolvedFailures) => ({ kind, unresolvedFailures }))
      : fc.constant({ kind }),
  ),
);

/** What a campaign does with a trigger: its next state, or why not. */
function step(state: CampaignState, trigger: CampaignTrigger): CampaignState | CampaignError {
  try {
    const status = nextStatus(state, trigger);
    return status === "paused" ? { status, pausedFrom: state.status } : { status };
  } catch (error) {
    if (error instanceof CampaignError) return error;
    throw error;
  }
}

describe("the state machine", () => {
  it("follows the drawn states through any sequence of events", () => {
    fc.assert(
      fc.property(fc.array(anyTrigger, { maxLength: 60 }), (triggers) => {
        let state: CampaignState = { status: "planned" };
        let workedAt: CampaignStatus | undefined;
        for (const trigger of triggers) {
          const to = drawn[state.status][trigger.kind];
          const isBlocked = trigger.kind === "verified" && trigger.unresolvedFailures > 0;
          const expected = isBlocked ? undefined : to === "back" ? workedAt : to;
          const next = step(state, trigger);
          if (expected === undefined) {
            expect(next).toMatchObject({ code: "CAMPAIGN_TRANSITION_ILLEGAL", retryable: false });
            continue;
          }
          if (expected === "paused") workedAt = state.status;
          expect(next).toMatchObject({ status: expected });
          if (!(next instanceof Error)) state = next;
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("nothing leaves complete, cancelled or failed", () => {
    for (const status of CAMPAIGN_STATUSES.filter(isEnded)) {
      for (const kind of CAMPAIGN_TRIGGERS) expect(allows({ status }, kind)).toBe(false);
    }
  });

  it("a campaign can be cancelled from any status that is no end", () => {
    for (const status of CAMPAIGN_STATUSES.filter((one) => !isEnded(one))) {
      expect(nextStatus({ status, pausedFrom: "running" }, { kind: "cancel" })).toBe("cancelled");
    }
  });

  it.each(["canary", "running", "verifying"] as const)("a pause from %s goes back there", (status) => {
    for (const kind of ["pause", "systemic-error"] as const) {
      const paused = { status: nextStatus({ status }, { kind }), pausedFrom: status };
      expect(nextStatus(paused, { kind: "resume" })).toBe(status);
    }
  });

  it("every status can be reached, and an end from each", () => {
    const leadsTo = (status: CampaignStatus) => Object.values(drawn[status]).filter((to) => to !== "back");
    const reached = new Set<CampaignStatus>(["planned"]);
    for (const status of reached) for (const to of leadsTo(status)) reached.add(to);
    expect([...reached].sort()).toEqual([...CAMPAIGN_STATUSES].sort());
  });

  it("a refusal says why, in words", () => {
    const refusal = (state: CampaignState, trigger: CampaignTrigger) => {
      const next = step(state, trigger);
      return next instanceof Error ? next.message : undefined;
    };
    expect(refusal({ status: "complete" }, { kind: "pause" })).toBe(
      "a campaign that is complete cannot be paused: only one that is canary, running, verifying",
    );
    expect(refusal({ status: "verifying" }, { kind: "verified", unresolvedFailures: 3 })).toBe(
      "a campaign cannot be completed over unresolved failures: 3",
    );
    expect(refusal({ status: "paused" }, { kind: "resume" })).toContain("does not say what it was paused from");
  });
});
