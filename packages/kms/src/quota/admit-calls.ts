import type { Clock } from "@dekhand/runtime";
import { abandoned, shareExhausted } from "../attempt-once.ts";
import { KmsError } from "../errors.ts";
import type { CallLayer, KmsCall, KmsPriority } from "../kms-call.ts";
import type { QuotaClass } from "./account-quotas.ts";
import type { QuotaClasses } from "./quota-classes.ts";
import type { QuotaMeter } from "./quota-meter.ts";

export interface AdmitSettings {
  readonly meter: (quotaClass: QuotaClass) => QuotaMeter;
  /** The quotas that a call counts against. */
  readonly quotaClassesOf: QuotaClasses["of"];
  readonly clock: Pick<Clock, "monotonic">;
  /** How long a call waited for its turn, in milliseconds. */
  readonly onWait: (priority: KmsPriority, ms: number, meter: QuotaMeter) => void;
}

/**
 * Lets an HTTP attempt go when its turn in the deployment's share has come, and
 * slows the fleet down when KMS throttles it. A call whose time is up before its
 * turn fails as `throttled`, with reason `ShareExhausted`: nothing was sent.
 */
export function admitCalls({ meter, quotaClassesOf, clock, onWait }: AdmitSettings): CallLayer {
  return (next) => async (call) => {
    const meters = quotaClassesOf(call).map(meter);
    for (const each of meters) await takeTurn(each, call);
    try {
      return await next(call);
    } catch (error) {
      if (error instanceof KmsError && error.failureClass === "throttled") for (const each of meters) each.throttled();
      throw error;
    }
  };

  async function takeTurn<T>(each: QuotaMeter, call: KmsCall<T>): Promise<void> {
    const askedAt = clock.monotonic();
    try {
      await each.admit(call.priority, call.signal);
    } catch {
      throw call.cancel?.aborted ? abandoned(call, call.attempt - 1) : shareExhausted(call, call.attempt - 1);
    } finally {
      onWait(call.priority, clock.monotonic() - askedAt, each);
    }
  }
}
