/** Layers as arguments: `normLayer`, `activationLayer` and the like are a class of modules, or a function that makes one. */
import { nn } from "flambeau";
import { callable, instanceOf, invalid, nullable, optional, type Param } from "flambeau/arguments";

/** A function that makes a layer. */
export type MakeLayer<A extends readonly unknown[] = [numFeatures: number], M extends nn.Module = nn.Module> = (
  ...args: A
) => M;

/**
 * What makes a layer: a class, or a function.
 *
 * @example new ResNet(BasicBlock, [2, 2, 2, 2], { normLayer: (channels) => new nn.GroupNorm(8, channels) })
 */
export type Layer<A extends readonly unknown[] = [numFeatures: number], M extends nn.Module = nn.Module> =
  | MakeLayer<A, M>
  | (new (
      ...args: A
    ) => M);

/** What makes an activation, which takes whether to work in place. */
export type ActivationLayer = Layer<[options?: { inplace?: boolean }]>;

/** A class as a function that makes its instances; a function is one already. */
export function makerOf<A extends readonly unknown[], M extends nn.Module>(layer: Layer<A, M>): MakeLayer<A, M> {
  if (!(layer.prototype instanceof nn.Module)) return layer as MakeLayer<A, M>;
  return (...args) => new (layer as new (...args: A) => M)(...args);
}

/** A parameter that is a layer, read as the function that makes it. */
export function layerParam<A extends readonly unknown[], M extends nn.Module = nn.Module>(): Param<MakeLayer<A, M>> {
  return {
    ...(callable as unknown as Param<MakeLayer<A, M>>),
    expected: "class of modules or function that makes one",
    read: (value) => (typeof value === "function" ? makerOf(value as Layer<A, M>) : invalid),
  };
}

/** A norm, made from a number of channels. */
export const normParam = layerParam<[numFeatures: number]>();

/** The same, or none (`null`). */
export const normLayer = nullable(normParam);

/** A norm that is a batch norm where none is told. */
export const batchNormByDefault = optional(normParam, makerOf(nn.BatchNorm2d as Layer));

/** An activation. */
export const activationParam = layerParam<[options?: { inplace?: boolean }]>();

/** A module itself. */
export const moduleParam = instanceOf("Module", nn.Module);
