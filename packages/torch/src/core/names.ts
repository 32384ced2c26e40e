/** PyTorch's snake_case and our camelCase, by the translation rule. */

/** An underscore before each capital but the first letter; digits stay where they are: `weightIhL0` is `weight_ih_l0`. */
export function toSnakeCase(name: string): string {
  return name.replace(/(?<=.)[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** No underscores but those at the start and the end: `weight_ih_l0` is `weightIhL0`, `T_0` is `T0`. */
export function toCamelCase(name: string): string {
  return name.replace(/(?<=[^_])_+([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
