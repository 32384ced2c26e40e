/** Data sets of which one says what a target is to be: one thing, or several in a list. */
import { invalid, optional, type Param, word } from "flambeau/arguments";

/** The argument that says what a target is: a word, or a list of words. */
export function targetTypes<W extends string>(usual: W, ...words: readonly W[]): Param<readonly W[]> {
  const one = word(...words);
  const several: Param<readonly W[]> = {
    ...(one as Param<never>),
    read: (value) => {
      const list = [value].flat().map((item) => one.read(item));
      return list.includes(invalid) ? invalid : (list as W[]);
    },
  };
  return optional(several, [usual]);
}

/** The target of which these are the parts: none, one, or a list. */
export function targetOf(parts: readonly unknown[]): unknown {
  return parts.length === 0 ? null : parts.length === 1 ? parts[0] : parts;
}
