import { startChild } from "./child-process.ts";
import type { ForegroundFigures } from "./figures.ts";
import type { ForegroundSettings, Window } from "./settings.ts";

/** The foreground tenant, calling from its start to its end. */
export interface Foreground {
  /** Of the calls that were due within the window, once they are all answered. */
  figures(window: Window): Promise<ForegroundFigures>;
}

export async function startForeground(stack: AsyncDisposableStack, settings: ForegroundSettings): Promise<Foreground> {
  const child = stack.use(await startChild("./foreground-process.ts"));
  await child.ask(settings);
  return { figures: (window) => child.ask(window) };
}
