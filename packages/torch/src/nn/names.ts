/**
 * Names on both sides: attributes are camelCase, keys of a state dict snake_case as in PyTorch, so that files
 * move both ways.
 */

/** The key of an attribute: an underscore before each capital. `inProjWeight` becomes `in_proj_weight`. */
export function keyOf(property: string): string {
  return property[0] + property.slice(1).replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);
}

/** The attribute under which something that is registered by name can be reached: `running_mean` is `runningMean`. */
export function propertyOf(name: string): string {
  return name.replace(/(?<=[^_])_+([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** A name below a prefix: `layers.0`. */
export function joinName(prefix: string, name: string): string {
  return prefix === "" ? name : `${prefix}.${name}`;
}
