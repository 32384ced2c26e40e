/** What is thrown where the shape of a result depends on numbers, which may differ from entry to entry. */
export function dynamicShape(name: string): Error {
  return new Error(
    `vmap: We do not support batching operators that can output dynamic shape. Attempted to vmap over ${name}.`,
  );
}
