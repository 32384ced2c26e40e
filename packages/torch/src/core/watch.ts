/** Watching calls from outside: each watcher is put around those that were there before. */

/** Sees a call: what is called, what runs it, and what it is given; has to call `run`, once, and return what that does. */
export type Watcher<T, R> = (called: T, run: () => R, inputs: readonly unknown[]) => R;

/** A kind of calls that can be watched. */
export class Watch<T, R> {
  /** What sees each call; undefined while nobody looks. */
  watcher: Watcher<T, R> | undefined;

  /** Lets a function see every call, until the result is disposed of. */
  observe(see: Watcher<T, R>): Disposable {
    const before = this.watcher;
    this.watcher =
      before === undefined ? see : (called, run, inputs) => see(called, () => before(called, run, inputs), inputs);
    return {
      [Symbol.dispose]: () => {
        this.watcher = before;
      },
    };
  }
}
