/** An answer without what it must have. It is classified as transient: the endpoint has stumbled. */
export function malformedAnswer(): Error {
  const error = new Error("the answer lacks what it must have");
  error.name = "MalformedAnswer";
  return error;
}
