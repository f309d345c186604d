import type { WrapRef } from "@dekhand/store";
import { worseStop } from "../page-stop.ts";
import { type PageResult, type RewrapOutcome, type RewrapPageOptions, rewrapPage } from "../rewrap-page.ts";
import type { WrapAccess } from "../wrap-access.ts";
import { followPage } from "./follow-page.ts";
import { followedHome } from "./followed-wraps.ts";
import type { FollowOrder } from "./read-homes.ts";

export interface BringPageDeps extends WrapAccess {
  readonly now: () => Date;
}

/** Brings each wrap to where the campaign wants it: copies follow their home Regions, all others are rewrapped. */
export async function bringPage(
  wraps: readonly WrapRef[],
  order: FollowOrder,
  deps: BringPageDeps,
  options: RewrapPageOptions,
): Promise<PageResult> {
  const placed = wraps.map((wrap, index) => ({ wrap, index, follows: followedHome(wrap, order.target) !== undefined }));
  const own = placed.filter(({ follows }) => !follows);
  const followed = placed.filter(({ follows }) => follows);
  const outcomes: RewrapOutcome[] = wraps.map(() => ({ kind: "left" }));
  const settle = (part: readonly { readonly index: number }[], result: PageResult) => {
    for (const [position, { index }] of part.entries()) outcomes[index] = result.outcomes[position] ?? { kind: "left" };
    return result.stop;
  };
  const rewrapped = await rewrapPage(
    own.map(({ wrap }) => wrap),
    order,
    deps,
    options,
  );
  let stop = settle(own, rewrapped);
  if (followed.length > 0) {
    const wanted = followed.map(({ wrap }) => wrap);
    const stopThere = settle(followed, await followPage(wanted, order, deps, options));
    if (stopThere) stop = worseStop(stop, stopThere);
  }
  return { outcomes, ...(stop === undefined ? {} : { stop }) };
}
