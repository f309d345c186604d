import type { ErrorInjection, LocalAwsControl } from "@dekhand/local-aws";

export interface Faults {
  /** All of these are in force for that long, beside those that are already. */
  during(injections: readonly ErrorInjection[], ms: number): Promise<void>;
  /** Whether nothing gets through to KMS. */
  isCutOff(): boolean;
}

/** Errors that come and go by themselves, several at a time: the control itself only clears all of them. */
export function createFaults(control: LocalAwsControl, region: string): Faults {
  const inForce = new Set<readonly ErrorInjection[]>();
  const apply = () => {
    control.clearFaults(region);
    for (const injection of [...inForce].flat()) control.injectErrors(region, injection);
  };
  return {
    async during(injections, ms) {
      inForce.add(injections);
      apply();
      // Not a wait for anything: how long a fault lasts is what the schedule decides.
      await new Promise((resolve) => setTimeout(resolve, ms));
      inForce.delete(injections);
      apply();
    },
    isCutOff: () =>
      [...inForce].flat().some(({ service, drop, rate = 1 }) => service === "kms" && drop === true && rate === 1),
  };
}
