/** PyTorch's snake_case and our camelCase, by the translation rule. */

/** An underscore before each capital; digits stay where they are: `weightIhL0` is `weight_ih_l0`. */
export function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

export function toCamelCase(name: string): string {
  return name.replace(/(?<=.)_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
