/** What Python's `NotImplementedError` is: an error that says that there is nothing rather than that something is wrong. */
export class NotImplementedError extends Error {
  override readonly name = "NotImplementedError";
}

/** Whether an error has that name, be it of this class or not. */
export function isNotImplemented(error: unknown): boolean {
  return error instanceof Error && error.name === "NotImplementedError";
}
