/** Functions that are one step of a program, whatever operations they are made of: `torch.fx` sees them so. */

/** Sees a call, which `run` makes. */
export type StepWatcher = <R>(name: string, args: readonly unknown[], run: () => R) => R;

/** What sees the calls now; undefined while nobody looks. */
export const steps: { watcher: StepWatcher | undefined } = { watcher: undefined };

/** The same function as one step, with a name in snake_case. */
export function asStep<F extends (...args: never[]) => unknown>(body: F, name: string): F {
  const step = (...args: never[]): unknown =>
    steps.watcher === undefined ? body(...args) : steps.watcher(name, args, () => body(...args));
  return step as F;
}
