/**
 * The account's own KMS quota, as AWS's Service Quotas tells it.
 *
 * It is asked once in a while and never a reason not to work: whatever goes wrong,
 * the answer is undefined and the caller goes on with AWS's published default.
 */
import { GetServiceQuotaCommand, type ServiceQuota, type ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { deadlineIn, type Logger, rateLimited, waitFor } from "@dekhand/runtime";

export interface ServiceQuotasOptions {
  /** From @dekhand/aws: the client of that Region. The role needs servicequotas:GetServiceQuota. */
  readonly clientFor: (region: string) => ServiceQuotasClient;
  readonly logger: Logger;
  /** For one question, all attempts together. Default 5,000 ms. */
  readonly timeoutMs?: number;
}

export interface ServiceQuotas {
  /**
   * Calls a second, all symmetric cryptographic operations together. Undefined where Service Quotas does not tell: not
   * permitted, not reachable, not in that Region. Throws the signal's reason and nothing else.
   */
  cryptoQuota(region: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<number | undefined>;
}

/** "Cryptographic operations (symmetric) request rate". */
const cryptoQuotaCode = { ServiceCode: "kms", QuotaCode: "L-6E3AF000" } as const;
/** What is not permitted stays so until somebody acts. */
const warnEveryMs = 3_600_000;

export function createServiceQuotas({ clientFor, logger, timeoutMs = 5_000 }: ServiceQuotasOptions): ServiceQuotas {
  const limited = rateLimited(logger, { everyMs: warnEveryMs });
  const warn = (region: string, fields: object): void => {
    const message = "Service Quotas does not tell the account's KMS quota: going on with AWS's default";
    limited.log("warn", region, { region, ...fields }, message);
  };

  return {
    async cryptoQuota(region, { signal } = {}) {
      signal?.throwIfAborted();
      using deadline = deadlineIn(timeoutMs, signal);
      try {
        const call = clientFor(region).send(new GetServiceQuotaCommand(cryptoQuotaCode), {
          abortSignal: deadline.signal,
        });
        // The SDK does not hear of the deadline while it looks for credentials.
        const { Quota: quota } = await waitFor(call, deadline.signal);
        const rate = perSecond(quota);
        if (rate === undefined) warn(region, { reason: quota?.ErrorReason?.ErrorCode ?? "not a rate per second" });
        return rate;
      } catch (error) {
        signal?.throwIfAborted();
        warn(region, { err: error });
        return undefined;
      }
    },
  };
}

function perSecond(quota: ServiceQuota | undefined): number | undefined {
  const { PeriodValue = 1, PeriodUnit = "SECOND" } = quota?.Period ?? {};
  const value = quota?.Value;
  if (PeriodValue !== 1 || PeriodUnit !== "SECOND" || value === undefined) return undefined;
  return Number.isFinite(value) && value > 0 ? value : undefined;
}
