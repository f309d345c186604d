/** What an endpoint answers instead of doing what was asked. */
export class Refusal extends Error {
  /** @param type of the exception, as AWS names it */
  constructor(type: string, message: string) {
    super(message);
    this.name = type;
  }
}

/** Of what the endpoint was not written for: so nothing passes that nobody checked. */
export function notUnderstood(what: string): Refusal {
  return new Refusal("ValidationException", `this endpoint does not understand ${what}`);
}
