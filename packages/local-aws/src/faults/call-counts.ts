/** How often each operation was called, and what it was refused with. */
export type ServiceName = "kms" | "sqs" | "dynamodb";
export const SERVICE_NAMES: readonly ServiceName[] = ["kms", "sqs", "dynamodb"];

export interface OperationCounts {
  /** Every call that arrived, the refused ones included. */
  readonly calls: number;
  /** By error name. A call that was answered by a dropped connection counts as `ConnectionDropped`. */
  readonly errors: Readonly<Record<string, number>>;
}

export type RegionCounts = Readonly<Record<ServiceName, Readonly<Record<string, OperationCounts>>>>;

export interface CallCounter {
  called(service: ServiceName, operation: string): void;
  failed(service: ServiceName, operation: string, errorName: string): void;
  /** As of now: it does not change any more. */
  counts(): RegionCounts;
  reset(): void;
}

interface Tally {
  calls: number;
  readonly errors: Map<string, number>;
}

export function createCallCounter(): CallCounter {
  const services: Record<ServiceName, Map<string, Tally>> = { kms: new Map(), sqs: new Map(), dynamodb: new Map() };
  function tallyOf(service: ServiceName, operation: string): Tally {
    const operations = services[service];
    let tally = operations.get(operation);
    if (!tally) {
      tally = { calls: 0, errors: new Map() };
      operations.set(operation, tally);
    }
    return tally;
  }
  const countsOf = (service: ServiceName): Record<string, OperationCounts> =>
    Object.fromEntries(
      [...services[service]].map(([operation, { calls, errors }]) => [
        operation,
        { calls, errors: Object.fromEntries(errors) },
      ]),
    );
  return {
    called(service, operation) {
      tallyOf(service, operation).calls += 1;
    },
    failed(service, operation, errorName) {
      const { errors } = tallyOf(service, operation);
      errors.set(errorName, (errors.get(errorName) ?? 0) + 1);
    },
    counts: () => ({ kms: countsOf("kms"), sqs: countsOf("sqs"), dynamodb: countsOf("dynamodb") }),
    reset() {
      for (const service of SERVICE_NAMES) services[service].clear();
    },
  };
}
