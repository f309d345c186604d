import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import type { CampaignProgress } from "@dekhand/campaign";
import { describe, expect, it } from "vitest";
import { createCampaignDisplay } from "./campaign-display.ts";

const openStream = (isTTY: boolean) => Object.assign(new PassThrough(), { isTTY });
const written = (stream: PassThrough) => text(stream.end());
const progress = (
  phase: CampaignProgress["phase"],
  items: CampaignProgress["items"],
  segments = { done: 0, all: 4 },
): CampaignProgress => ({ phase, sweep: 1, segments, items, counts: {} });

describe("a campaign's display", () => {
  it("shows each phase as done that others follow, also where it ended between two looks", async () => {
    const stream = openStream(false);
    using display = createCampaignDisplay(stream);
    display.work(progress("preflight", { done: 0 }, { done: 0, all: 2 }));
    display.work(progress("rewrap", { done: 3, all: 9 }));
    display.wait("waiting", 29_400);
    display.work(progress("verify", { done: 1, all: 9 }));
    display.finish();
    expect(await written(stream)).toBe(
      ["preflight: 2 of 2, finished", "rewrap: 9 of 9, finished", "waiting, 30 s", "verify: 9 of 9, finished", ""].join(
        "\n",
      ),
    );
  });

  it("says where the work has stopped when the campaign did not come to its end", async () => {
    const stream = openStream(false);
    {
      using display = createCampaignDisplay(stream);
      display.work(progress("rewrap", { done: 3, all: 9 }));
    }
    expect(await written(stream)).toBe("rewrap: 3 of 9, stopped\n");
  });

  it("counts a wait down: in one line of a terminal, in a line every five seconds elsewhere", async () => {
    for (const isTTY of [true, false]) {
      const stream = openStream(isTTY);
      {
        using display = createCampaignDisplay(stream);
        for (const leftMs of [12_000, 11_900, 11_000, 7_000, 6_000]) display.wait("waiting", leftMs);
      }
      expect(await written(stream)).toBe(
        isTTY
          ? `${[12, 11, 7, 6].map((seconds) => `\rwaiting, ${seconds} s\u001b[K`).join("")}\n`
          : "waiting, 12 s\nwaiting, 7 s\n",
      );
    }
  });
});
