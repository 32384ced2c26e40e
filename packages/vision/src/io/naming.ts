/** Errors that say which file they are about. */

/**
 * Reads from a file.
 *
 * @throws what `read` throws, as an Error with the path before its words, unless they quote it themselves.
 */
export function readingFile<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Error) || error.message.includes(`'${path}'`)) throw error;
    throw new Error(`${path}: ${error.message}`, { cause: error });
  }
}
