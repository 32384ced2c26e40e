/** The types of argument lists. */

type DropLast<T extends readonly unknown[]> = T extends readonly [...infer Rest, unknown?] ? Rest : never;
type DropLastName<N extends readonly string[]> = N extends readonly [...infer Rest extends string[], string]
  ? Rest
  : never;
type LastName<N extends readonly string[]> = N extends readonly [...string[], infer L extends string] ? L : never;
type LastOf<P extends readonly unknown[]> = Required<P> extends readonly [...unknown[], infer L] ? L : never;

/** One object type instead of several that are joined, which a person reads more easily. */
export type Flat<O> = O extends infer T ? { [K in keyof T]: T[K] } : never;

/**
 * The ways to give optional arguments: in their places with the options after them, or from any place on by
 * name. `P` lists the types of the places, `N` their names, `O` what is named only.
 *
 * @example Args<[dim?: number], ["dim"], { keepdim?: boolean }> // (dim?, { keepdim }?) or ({ dim, keepdim }?)
 */
export type Args<P extends readonly unknown[], N extends readonly string[], O = unknown> =
  | (unknown extends O ? P : [...P, options?: Flat<O>])
  | (N extends readonly [] ? never : Args<DropLast<P>, DropLastName<N>, { [K in LastName<N>]?: LastOf<P> } & O>);

/** Whether a list ends with options, all of which may be left out. */
type EndsWithOptions<A> =
  Required<A> extends readonly [...unknown[], infer E] ? (Record<never, never> extends E ? true : false) : false;

/** The lists of arguments of one length that end with options or do not. */
type OfLength<A, L, Named> = A extends readonly unknown[]
  ? [Required<A>["length"], EndsWithOptions<A>] extends [L, Named]
    ? A
    : never
  : never;

type LengthOf<A> = A extends readonly unknown[] ? Required<A>["length"] : never;

/** The lists of any length, or those of a fixed one. */
type Open<A> = A extends readonly unknown[] ? (number extends A["length"] ? A : never) : never;
type Closed<A> = A extends readonly unknown[] ? (number extends A["length"] ? never : A) : never;

type Longest = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
type IfAny<A> = [A] extends [never] ? [] : [A];
type Fewer<N> = N extends readonly [unknown, ...infer Rest] ? Rest : [];

/** The lists with the lengths `L`, from the length of `N` down. */
type Sorted<A, L, N extends readonly unknown[] = Longest> = [L] extends [never]
  ? []
  : N["length"] extends L
    ? [
        ...IfAny<OfLength<A, N["length"], false>>,
        ...IfAny<OfLength<A, N["length"], true>>,
        ...Sorted<A, Exclude<L, N["length"]>, Fewer<N>>,
      ]
    : Sorted<A, L, Fewer<N>>;

/**
 * The members of a union of argument lists of fixed length, the longest first, and of equally long ones those with more
 * places: options alone are the last.
 */
export type Forms<A> = Sorted<Closed<A>, LengthOf<Closed<A>>>;

type Fixed<F, R> = F extends readonly [infer A extends readonly unknown[], ...infer Rest]
  ? ((...args: A) => R) & Fixed<Rest, R>
  : unknown;

/** Overloads in the order of the union. */
type InOrder<A, R> = (A extends readonly unknown[] ? (form: (...args: A) => R) => void : never) extends (
  form: infer All,
) => void
  ? All
  : never;

type IsUnion<A, All = A> = A extends unknown ? ([All] extends [A] ? false : true) : never;

/**
 * A function whose argument lists `A` are the members of a union, as overloads, which editors show with the names of
 * the places. When none fits, the compiler speaks of the last.
 */
export type Overloads<A, R> = true extends IsUnion<A> ? Fixed<Forms<A>, R> & InOrder<Open<A>, R> : InOrder<A, R>;
