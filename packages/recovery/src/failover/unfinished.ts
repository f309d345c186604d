/** Failbacks that have moved a home and have not brought over what was written meanwhile: noted in the Region itself. */

import type { CallOptions, StateStore } from "@dekhand/store";

type State = Pick<StateStore, "getScan" | "saveScan">;

/** Throws StoreError, and the signal's reason. */
export async function isUnfinished(state: Pick<State, "getScan">, profile: string, options: CallOptions) {
  const [last] = await state.getScan(nameOf(profile), options);
  return last !== undefined && last.doneAt === undefined;
}

/** Before the home is moved. Throws StoreError, and the signal's reason. */
export async function noteBegun(
  state: State,
  profile: string,
  { at, ...options }: CallOptions & { readonly at: string },
) {
  await write(state, profile, { startedAt: at, ...options });
}

/** Throws StoreError, and the signal's reason. */
export async function noteFinished(
  state: State,
  profile: string,
  { at, ...options }: CallOptions & { readonly at: string },
) {
  await write(state, profile, { startedAt: at, doneAt: at, ...options });
}

async function write(
  state: State,
  profile: string,
  { signal, ...times }: CallOptions & { readonly startedAt: string; readonly doneAt?: string },
): Promise<void> {
  const name = nameOf(profile);
  for (let tries = 0; tries < 3; tries += 1) {
    const [before] = await state.getScan(name, { signal });
    const next = { name, segment: { index: 0, of: 1 }, counts: {}, seq: before?.seq ?? 0, ...times };
    if ((await state.saveScan(next, { signal })).kind === "saved") return;
  }
}

function nameOf(profile: string): string {
  return `failback/${profile}`;
}
