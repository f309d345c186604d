/**
 * Equal calls in flight share one request.
 *
 * The first of them starts a flight, the others board it, each with a signal and a deadline of its own:
 * - the answer is copied for each passenger, who owns that copy and wipes it; the original is wiped;
 * - a failure is given to all of them as it is;
 * - a passenger who cancels or whose time is up leaves at once, with the error it would have had alone, except that it
 *   is told `DeadlineExceeded` also where alone it would have been told its last failure without another attempt;
 * - the flight's deadline is that of the passenger who can wait longest, at any moment: boarding may move it on, and the
 *   layers below read it anew. So nobody fails because another had less time;
 * - when the last one leaves, the request is aborted: as cancelled if that one cancelled, else as out of time, which the
 *   breaker must hear. Whoever comes then starts anew; an answer that still arrives is wiped.
 *
 * Priority is part of a flight's key: an interactive call must not wait where a campaign's call waits.
 */
import { abandoned, shareExhausted } from "./attempt-once.ts";
import type { KmsError } from "./errors.ts";
import type { CallLayer, CallPipe, KmsCall, KmsPriority } from "./kms-call.ts";

/** The flights of one kind of call, whose answers are of one type. */
export interface Flights<T> {
  /** Boards the flight under `key`, or starts it. Rejects with KmsError and nothing else. */
  board(key: string, call: KmsCall<T>, next: CallPipe): Promise<T>;
}

export interface FlightsOptions<T> {
  /** An answer that shares no secret memory with the one given. */
  readonly copy: (answer: T) => T;
  /** Told each call that boards another one's flight. */
  readonly onJoin?: () => void;
}

/** Outermost, so that all that follows happens once for a flight. A call without `flight` goes alone. */
export const coalesce: CallLayer = (next) => (call) =>
  call.flight === undefined ? next(call) : call.flight.among.board(call.flight.key, call, next);

export function createFlights<T>({ copy, onJoin }: FlightsOptions<T>): Flights<T> {
  const flights = new Map<string, Flight<T>>();

  function start(key: string, call: KmsCall<T>): Flight<T> {
    const flight = createFlight(call, copy, () => {
      // After the last passenger left, another flight may be under this key already.
      if (flights.get(key) === flight) flights.delete(key);
    });
    flights.set(key, flight);
    return flight;
  }

  return {
    async board(key, call, next) {
      if (call.signal.aborted) throw abandoned(call, 0);
      const known = flights.get(key);
      if (known !== undefined) {
        onJoin?.();
        return await known.board(call);
      }
      const flight = start(key, call);
      const answer = flight.board(call);
      void flight.fly(next);
      return await answer;
    },
  };
}

interface Flight<T> {
  board(call: KmsCall<T>): Promise<T>;
  /** Makes the call, once somebody has boarded. Never rejects: the passengers are told. */
  fly(next: CallPipe): Promise<void>;
}

interface Passenger<T> {
  readonly deadlineAt: number;
  readonly resolve: (answer: T) => void;
  readonly reject: (error: unknown) => void;
}

function createFlight<T>(first: KmsCall<T>, copy: (answer: T) => T, onEnd: () => void): Flight<T> {
  const passengers = new Set<Passenger<T>>();
  const cancelled = new AbortController();
  const left = new AbortController();
  let sent = 0;

  const shared: KmsCall<T> = {
    ...first,
    cancel: cancelled.signal,
    signal: left.signal,
    get deadlineAt() {
      return [...passengers].reduce((latest, { deadlineAt }) => Math.max(latest, deadlineAt), Number.NEGATIVE_INFINITY);
    },
    send(signal) {
      sent += 1;
      return first.send(signal);
    },
  };

  function leaveEmpty({ cancel, signal }: KmsCall<T>): void {
    onEnd();
    if (cancel?.aborted) cancelled.abort(cancel.reason);
    left.abort(signal.reason);
  }

  return {
    async board(call) {
      const { deadlineAt, signal } = call;
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      const passenger = { deadlineAt, resolve, reject };
      const leave = (): void => {
        passengers.delete(passenger);
        reject(leftWith(call, sent));
        if (passengers.size === 0) leaveEmpty(call);
      };
      passengers.add(passenger);
      signal.addEventListener("abort", leave, { once: true });
      try {
        return await promise;
      } finally {
        signal.removeEventListener("abort", leave);
      }
    },
    async fly(next) {
      try {
        const answer = await next(shared);
        try {
          for (const { resolve } of passengers) resolve(copy(answer));
        } finally {
          first.wipe(answer);
        }
      } catch (error) {
        for (const { reject } of passengers) reject(error);
      } finally {
        onEnd();
      }
    },
  };
}

/** Nothing was sent yet: what it waited for was its turn. */
function leftWith<T>(call: KmsCall<T>, sent: number): KmsError {
  return sent === 0 && !call.cancel?.aborted ? shareExhausted(call, 0) : abandoned(call, sent);
}

/**
 * Equal for Decrypts that KMS cannot tell apart and that wait alike, different for all others. Holds key ARN, blob and
 * context, which are no secrets.
 */
export function decryptFlightKey(request: {
  readonly keyArn: string;
  readonly blob: Uint8Array;
  readonly context: Readonly<Record<string, string>>;
  readonly priority: KmsPriority;
}): string {
  const { keyArn, blob, context, priority } = request;
  const entries = Object.entries(context).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([priority, keyArn, Buffer.from(blob).toString("base64"), entries]);
}
