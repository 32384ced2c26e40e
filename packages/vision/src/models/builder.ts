/** Builders of models: functions that make a known model, and the list of them. */
import torch, { type nn } from "flambeau";
import { describe } from "flambeau/arguments";
import { type AnyWeightsEnum, verifyWeights, Weights } from "./weights.js";

/** Weights as they are given to a builder. */
export type WeightsOption = Weights | string | nn.StateDict | null;

export interface BuilderOptions {
  /**
   * The weights that the model begins with: a member of its enum or the name of one; tensors by name, such as
   * another model's state dict; or the path (with a folder or an ending) or address of a file of these, which
   * `torch.load` reads. Random ones by default.
   */
  weights?: WeightsOption;
  /** Whether a bar shows the download of weights; true by default. */
  progress?: boolean;
}

/** A function that makes a model; `weights` are those that are published. */
export interface Builder<M extends nn.Module, O extends object> {
  (options?: O & BuilderOptions): M;
  /** torchvision's name of the model. */
  readonly modelName: string;
  readonly weights: AnyWeightsEnum;
}

type AnyBuilder = Builder<nn.Module, Record<string, unknown>>;

const builders = new Map<string, AnyBuilder>();

/** What a builder does beside making the model. */
interface Extras<M, O> {
  /** Today's key of an entry of older states. */
  rename?(key: string): string;
  /** The options where published weights are loaded, which fix some of them. */
  prepare?(options: O, weights: Weights): O;
  /** What is left to do to a model that has published weights. */
  finish?(model: M, options: O): void;
}

/**
 * A builder, which is listed under torchvision's name.
 *
 * @param build makes the model from the options; it is told whether weights are loaded afterwards.
 */
export function builder<M extends nn.Module, O extends object>(
  modelName: string,
  weights: AnyWeightsEnum,
  build: (options: O, hasWeights: boolean) => M,
  extras: Extras<M, O> = {},
): Builder<M, O> {
  const make = (given: O & BuilderOptions = {} as O) => {
    const { weights: asked = null, progress, ...rest } = readOptions(modelName, given);
    const wanted = typeof asked === "string" ? (fileAt(asked, progress) ?? asked) : asked;
    const options = rest as unknown as O;
    if (wanted === null || isStateDict(wanted)) {
      const model = build(options, wanted !== null);
      if (wanted !== null) loadWeights(model, wanted, extras.rename);
      return model;
    }
    const published = verifyWeights(weights, wanted);
    const categories = published.meta.categories;
    const fixed = categories === null ? options : withFixed(options, { numClasses: categories.length });
    const model = build(extras.prepare?.(fixed, published) ?? fixed, true);
    loadWeights(model, published.getStateDict({ progress: progress ?? true }), extras.rename);
    extras.finish?.(model, options);
    return model;
  };
  const result = Object.assign(make, { modelName, weights });
  builders.set(modelName, result as unknown as AnyBuilder);
  return result;
}

/** The state in a file, if that is what a text tells: an address or a path, with a folder or an ending. */
function fileAt(place: string, progress = true): nn.StateDict | undefined {
  if (/^https?:\/\//.test(place)) return torch.hub.loadStateDictFromUrl<nn.StateDict>(place, { progress });
  return /[\\/]|\.(pth|pt)$/.test(place) ? torch.load<nn.StateDict>(place) : undefined;
}

/** Loads a state, whose keys may be older ones. */
function loadWeights(model: nn.Module, state: nn.StateDict, rename: ((key: string) => string) | undefined): void {
  if (rename === undefined) model.loadStateDict(state);
  else model.loadStateDict(Object.fromEntries(Object.entries(state).map(([key, value]) => [rename(key), value])));
}

function readOptions<O extends object>(modelName: string, options: O): O {
  if (typeof options === "object" && options !== null && !Array.isArray(options)) return options;
  throw new TypeError(`${modelName}(): arguments are named: { numClasses: 10 }; got ${describe(options)}`);
}

function isStateDict(value: WeightsOption): value is nn.StateDict {
  return typeof value === "object" && value !== null && !(value instanceof Weights);
}

/**
 * Options with some that weights fix.
 *
 * @throws Error if one was given with another value.
 */
export function withFixed<O extends object>(options: O, fixed: Readonly<Record<string, unknown>>): O {
  const given = options as Readonly<Record<string, unknown>>;
  for (const [name, value] of Object.entries(fixed)) {
    if (given[name] !== undefined && given[name] !== value) {
      throw new Error(`The parameter '${name}' expected value ${value} but got ${given[name]} instead.`);
    }
  }
  return { ...options, ...fixed };
}

/** A pattern of names, in which `*` stands for any letters and `?` for one; or several. */
type Patterns = string | readonly string[];

function matcher(patterns: Patterns): (name: string) => boolean {
  const expressions = [patterns].flat().map((pattern) => {
    const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
    return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`);
  });
  return (name) => expressions.some((expression) => expression.test(name));
}

/**
 * The names of all models, or of those in a namespace such as `models.segmentation`, in alphabetical order.
 *
 * @param options.include patterns of which the names match one.
 * @param options.exclude patterns of which they match none.
 * @example models.listModels(models, { include: "*resnet*", exclude: ["wide*", "*101*"] })
 * @see https://pytorch.org/vision/stable/generated/torchvision.models.list_models.html
 */
export function listModels(
  module?: object | null,
  { include = "*", exclude = [] }: { include?: Patterns; exclude?: Patterns } = {},
): string[] {
  const listed = module === undefined || module === null ? undefined : new Set(Object.values(module));
  const [isWanted, isUnwanted] = [matcher(include), matcher(exclude)];
  return [...builders]
    .filter(([name, make]) => (listed === undefined || listed.has(make)) && isWanted(name) && !isUnwanted(name))
    .map(([name]) => name)
    .sort();
}

/**
 * The builder of a model.
 *
 * @throws Error if there is none of that name.
 * @see https://pytorch.org/vision/stable/generated/torchvision.models.get_model_builder.html
 */
export function getModelBuilder(name: string): AnyBuilder {
  if (typeof name !== "string")
    throw new TypeError(`getModelBuilder(): argument 'name' must be str, not ${describe(name)}`);
  const found = builders.get(name.toLowerCase());
  if (found === undefined) throw new Error(`Unknown model ${name.toLowerCase()}`);
  return found;
}

/**
 * A model by name, with the options of its builder.
 *
 * @example models.getModel("mobilenet_v3_small", { numClasses: 10 })
 * @see https://pytorch.org/vision/stable/generated/torchvision.models.get_model.html
 */
export function getModel(name: string, config: BuilderOptions & Record<string, unknown> = {}): nn.Module {
  return getModelBuilder(name)(config);
}

/**
 * The published weights of a model, which is given by name or as its builder.
 *
 * @example [...models.getModelWeights("resnet50")] // [ResNet50_Weights.IMAGENET1K_V1, ResNet50_Weights.IMAGENET1K_V2]
 * @see https://pytorch.org/vision/stable/generated/torchvision.models.get_model_weights.html
 */
export function getModelWeights(name: string | { readonly weights: AnyWeightsEnum }): AnyWeightsEnum {
  if (typeof name === "string") return getModelBuilder(name).weights;
  if (typeof name === "function" && "weights" in name) return (name as AnyBuilder).weights;
  throw new TypeError(`getModelWeights(): expected the name or the builder of a model, got ${describe(name)}`);
}

/**
 * Published weights by their full name.
 *
 * @example models.getWeight("ResNet50_Weights.IMAGENET1K_V1").url
 * @throws Error if there are none of that name.
 * @see https://pytorch.org/vision/stable/generated/torchvision.models.get_weight.html
 */
export function getWeight(name: string): Weights {
  if (typeof name !== "string") throw new TypeError(`getWeight(): argument 'name' must be str, not ${describe(name)}`);
  const [enumName, member, ...more] = name.split(".");
  if (member === undefined || more.length > 0) throw new Error(`Invalid weight name provided: '${name}'.`);
  for (const { weights } of builders.values()) if (weights.name === enumName) return verifyWeights(weights, member);
  throw new Error(`The weight enum '${enumName}' for the specific method couldn't be retrieved.`);
}
