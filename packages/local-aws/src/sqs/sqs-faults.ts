/**
 * SQS's errors. The JSON protocol names them by shape; SDKs then show the code
 * that the older query protocol had, from the x-amzn-query-error header.
 * Messages name members and limits, never values.
 */
import { AwsFault } from "../service.ts";

export function queueDoesNotExist(): AwsFault {
  return fault("QueueDoesNotExist", "There is no such queue.", "AWS.SimpleQueueService.NonExistentQueue");
}

export function queueNameExists(attribute: string): AwsFault {
  const message = `A queue of this name exists with another value of ${attribute}.`;
  return fault("QueueNameExists", message, "QueueAlreadyExists");
}

export function queueDeletedRecently(seconds: number): AwsFault {
  const message = `A queue of this name was deleted in the last ${seconds} seconds.`;
  return fault("QueueDeletedRecently", message, "AWS.SimpleQueueService.QueueDeletedRecently");
}

export function purgeInProgress(seconds: number): AwsFault {
  const message = `This queue was purged in the last ${seconds} seconds.`;
  return fault("PurgeQueueInProgress", message, "AWS.SimpleQueueService.PurgeQueueInProgress", 403);
}

export function unsupported(message: string): AwsFault {
  return fault("UnsupportedOperation", message, "AWS.SimpleQueueService.UnsupportedOperation");
}

export function invalidAddress(): AwsFault {
  return fault("InvalidAddress", "QueueUrl is not the URL of a queue.", "InvalidAddress", 404);
}

export function resourceNotFound(what: string): AwsFault {
  return fault("ResourceNotFoundException", `${what} does not exist.`, "ResourceNotFoundException", 404);
}

export function unknownAttribute(name: string): AwsFault {
  return invalidAttributeName(`Unknown attribute ${name}.`);
}

export function invalidAttributeName(message: string): AwsFault {
  return fault("InvalidAttributeName", message, "InvalidAttributeName");
}

export function invalidAttributeValue(attribute: string, must: string): AwsFault {
  return fault("InvalidAttributeValue", `${attribute} must ${must}.`, "InvalidAttributeValue");
}

export function invalidParameter(parameter: string, reason: string): AwsFault {
  return fault("InvalidParameterValue", `${parameter} is invalid: ${reason}.`, "InvalidParameterValue");
}

export function missingParameter(parameter: string): AwsFault {
  return fault("MissingParameter", `The request must contain ${parameter}.`, "MissingParameter");
}

export function wrongType(parameter: string, expected: string): AwsFault {
  return fault("SerializationException", `${parameter} must be ${expected}.`, "SerializationException");
}

export function invalidMessageContents(): AwsFault {
  const message = "The message has characters other than #x9, #xA, #xD, #x20-#xD7FF, #xE000-#xFFFD, #x10000-#x10FFFF.";
  return fault("InvalidMessageContents", message, "InvalidMessageContents");
}

export function invalidReceiptHandle(): AwsFault {
  const message = "The text is no receipt handle of this queue.";
  return fault("ReceiptHandleIsInvalid", message, "ReceiptHandleIsInvalid", 404);
}

export function messageNotInflight(): AwsFault {
  return fault("MessageNotInflight", "The message is not in flight.", "AWS.SimpleQueueService.MessageNotInflight");
}

export function overLimit(limit: number): AwsFault {
  return fault("OverLimit", `${limit} messages are in flight.`, "OverLimit", 403);
}

export function emptyBatch(): AwsFault {
  return fault("EmptyBatchRequest", "The batch has no entries.", "AWS.SimpleQueueService.EmptyBatchRequest");
}

export function tooManyEntries(max: number): AwsFault {
  const message = `A batch has at most ${max} entries.`;
  return fault("TooManyEntriesInBatchRequest", message, "AWS.SimpleQueueService.TooManyEntriesInBatchRequest");
}

export function invalidBatchEntryId(): AwsFault {
  const message = "An entry's Id must be 1 to 80 letters, digits, hyphens and underscores.";
  return fault("InvalidBatchEntryId", message, "AWS.SimpleQueueService.InvalidBatchEntryId");
}

export function batchIdsNotDistinct(): AwsFault {
  const message = "Two entries of the batch have the same Id.";
  return fault("BatchEntryIdsNotDistinct", message, "AWS.SimpleQueueService.BatchEntryIdsNotDistinct");
}

export function batchTooLong(maxBytes: number): AwsFault {
  const message = `The messages of a batch have at most ${maxBytes} bytes together.`;
  return fault("BatchRequestTooLong", message, "AWS.SimpleQueueService.BatchRequestTooLong");
}

function fault(errorName: string, message: string, queryCode: string, status = 400): AwsFault {
  return new AwsFault(errorName, message, status, {}, queryCode);
}
