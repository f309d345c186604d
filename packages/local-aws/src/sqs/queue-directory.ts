/** The queues of one account and Region, by name. */
import { randomUUID } from "node:crypto";
import type { JsonObject } from "../service.ts";
import { createQueue, type Queue, type QueueIdentity } from "./queue.ts";
import {
  changeSettings,
  DEFAULT_SETTINGS,
  fifoUnsupported,
  findDifference,
  type QueueSettings,
} from "./queue-settings.ts";
import { allowsSource, invalidPolicy } from "./redrive-policy.ts";
import {
  invalidAddress,
  invalidParameter,
  queueDeletedRecently,
  queueDoesNotExist,
  queueNameExists,
} from "./sqs-faults.ts";
import { requireText } from "./sqs-input.ts";

export interface QueueDirectory {
  /** A new queue, or the one of that name when none of the given attributes differs. */
  create(name: string, attributes: readonly [string, string][]): { readonly queue: Queue; readonly created: boolean };
  change(queue: Queue, attributes: readonly [string, string][]): void;
  /** Throws QueueDoesNotExist. */
  get(name: string): Queue;
  /** The queue of the request's QueueUrl. Throws MissingParameter, InvalidAddress, QueueDoesNotExist. */
  ofRequest(input: JsonObject): Queue;
  findByArn(arn: string): Queue | undefined;
  delete(queue: Queue): void;
  /** In the order of their names. */
  list(): Queue[];
  /** Queues whose redrive policy names this one. */
  sourcesOf(arn: string): Queue[];
  /** When the queues deleted recently were deleted, by name. */
  deletions(): ReadonlyMap<string, number>;
  restore(identity: QueueIdentity): Queue;
  restoreDeletion(name: string, at: number): void;
}

export interface DirectoryOptions {
  readonly region: string;
  readonly accountId: string;
  readonly now: () => number;
  readonly changed: () => void;
  readonly maxInFlight: number;
  /** How long the name of a deleted queue cannot be taken again. */
  readonly recreateAfterMs: number;
}

export function createQueueDirectory(options: DirectoryOptions): QueueDirectory {
  const { region, accountId, now, changed, recreateAfterMs } = options;
  const queues = new Map<string, Queue>();
  const deletedAt = new Map<string, number>();
  const arnPrefix = `arn:aws:sqs:${region}:${accountId}:`;

  function findByArn(arn: string): Queue | undefined {
    return arn.startsWith(arnPrefix) ? queues.get(arn.slice(arnPrefix.length)) : undefined;
  }

  function add(identity: QueueIdentity): Queue {
    const queue = createQueue(identity, { ...options, findByArn });
    queues.set(queue.name, queue);
    return queue;
  }

  /** Checks what settings say of other queues. */
  function checkRedrive(arn: string, { redrive }: QueueSettings): void {
    if (!redrive) return;
    const target = findByArn(redrive.deadLetterTargetArn);
    if (!target) throw invalidPolicy("the dead-letter queue does not exist");
    if (target.arn === arn) throw invalidPolicy("a queue is not its own dead-letter queue");
    if (!allowsSource(target.settings.redriveAllow, arn)) {
      throw invalidPolicy("the dead-letter queue does not allow this source");
    }
  }

  function get(name: string): Queue {
    const queue = queues.get(name);
    if (!queue) throw queueDoesNotExist();
    return queue;
  }

  function list(): Queue[] {
    return [...queues.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  return {
    create(name, attributes) {
      if (name.endsWith(".fifo")) throw fifoUnsupported();
      if (!/^[\w-]{1,80}$/.test(name)) {
        throw invalidParameter("QueueName", "it must be 1 to 80 letters, digits, hyphens and underscores");
      }
      const existing = queues.get(name);
      if (existing) {
        const difference = findDifference(existing.settings, attributes);
        if (difference !== undefined) throw queueNameExists(difference);
        return { queue: existing, created: false };
      }
      const settings = changeSettings(DEFAULT_SETTINGS, attributes);
      checkRedrive(arnPrefix + name, settings);
      const deleted = deletedAt.get(name);
      if (deleted !== undefined && now() < deleted + recreateAfterMs) {
        throw queueDeletedRecently(recreateAfterMs / 1000);
      }
      deletedAt.delete(name);
      const queue = add({ id: randomUUID(), name, arn: arnPrefix + name, createdAt: now(), settings });
      changed();
      return { queue, created: true };
    },
    change(queue, attributes) {
      const settings = changeSettings(queue.settings, attributes);
      if (attributes.some(([name]) => name === "RedrivePolicy")) checkRedrive(queue.arn, settings);
      queue.settings = settings;
      queue.modifiedAt = now();
      changed();
    },
    get,
    ofRequest(input) {
      const url = requireText(input, "QueueUrl");
      // Host and port are left aside: after a restart the same queue may be at another port.
      const [, account, name] = /^[a-z]+:\/\/[^/]+\/(\d{12})\/([^/]+)$/.exec(url) ?? [];
      if (name === undefined) throw invalidAddress();
      if (account !== accountId) throw queueDoesNotExist();
      return get(name);
    },
    findByArn,
    delete(queue) {
      queues.delete(queue.name);
      for (const [name, at] of deletedAt) if (now() >= at + recreateAfterMs) deletedAt.delete(name);
      deletedAt.set(queue.name, now());
      queue.mailbox.clear();
      queue.mailbox.close(queueDoesNotExist());
      changed();
    },
    list,
    sourcesOf: (arn) => list().filter((queue) => queue.settings.redrive?.deadLetterTargetArn === arn),
    deletions: () => deletedAt,
    restore: add,
    restoreDeletion: (name, at) => void deletedAt.set(name, at),
  };
}
