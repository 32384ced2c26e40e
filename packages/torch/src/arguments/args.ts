/** The types of argument lists. */

type DropLast<T extends readonly unknown[]> = T extends readonly [...infer Rest, unknown?] ? Rest : never;
type DropLastName<N extends readonly string[]> = N extends readonly [...infer Rest extends string[], string]
  ? Rest
  : never;
type LastName<N extends readonly string[]> = N extends readonly [...string[], infer L extends string] ? L : never;
type LastOf<P extends readonly unknown[]> = Required<P> extends readonly [...unknown[], infer L] ? L : never;

/**
 * The ways to give optional arguments: in their places with the options after them, or from any place on by
 * name. `P` lists the types of the places, `N` their names, `O` what is named only.
 *
 * @example Args<[dim?: number], ["dim"], { keepdim?: boolean }> // (dim?, { keepdim }?) or ({ dim, keepdim }?)
 */
export type Args<P extends readonly unknown[], N extends readonly string[], O = unknown> =
  | (unknown extends O ? P : [...P, options?: O])
  | (N extends readonly [] ? never : Args<DropLast<P>, DropLastName<N>, O & { [K in LastName<N>]?: LastOf<P> }>);
