import { writeFileSync } from "node:fs";
import { setPriority } from "node:os";

const priority = -10;

/**
 * Lets this process have the CPU before the others, where the system allows it; answers whether it did.
 *
 * KMS and production have machines of their own. Where few cores serve all of them
 * and the workers too, production's latency would tell how busy the cores are.
 */
export function goFirst(): boolean {
  try {
    setPriority(priority);
  } catch {
    return false;
  }
  try {
    // Linux may weigh sessions before it looks at the priorities inside them (sched_autogroup), and each of the
    // benchmark's processes has a session of its own.
    writeFileSync("/proc/self/autogroup", String(priority));
  } catch {
    // No such groups here.
  }
  return true;
}
