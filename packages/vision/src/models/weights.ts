/**
 * Published weights: where their files are, and what is known of them. The table is `assets/weights.csv`.
 */
import { readFileSync } from "node:fs";
import torch, { type nn, type Tensor } from "flambeau";
import { describe } from "flambeau/arguments";
import type { AnyImage } from "../transforms/functional/image.js";
import type { InterpolationMode } from "../transforms/interpolation.js";
import type { Transform } from "../transforms/transform.js";
import { ImageClassification, ObjectDetection, type PresetOptions, SemanticSegmentation } from "./presets.js";

const assets = new URL("../../../assets/", import.meta.url);

/** What is known of published weights, under torchvision's keys. */
export interface WeightsMeta {
  /** The names of the classes; null where there are none. */
  readonly categories: readonly string[] | null;
  /** How many parameters the model has. */
  readonly num_params: number;
  /** The height and width of the smallest image that the model takes. */
  readonly min_size: readonly number[];
  /** The page that tells how they were trained. */
  readonly recipe: string;
  /** How good they are, by data set. */
  readonly _metrics: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly license?: string;
}

/**
 * One published file of weights.
 *
 * @see https://pytorch.org/vision/stable/models.html
 */
export class Weights {
  constructor(
    /** The name of its enum, such as `ResNet50_Weights`. */
    readonly enumName: string,
    /** Its name there, such as `IMAGENET1K_V2`. */
    readonly name: string,
  ) {}

  #row(): Row {
    return published().get(String(this)) as Row;
  }

  get url(): string {
    return `https://download.pytorch.org/models/${this.#row().file}`;
  }

  /** The first digits of the file's SHA-256, which its name ends with. */
  get hash(): string {
    return (/-([0-9a-f]+)\.pth$/.exec(this.#row().file) as RegExpExecArray)[1] as string;
  }

  get meta(): WeightsMeta {
    const row = this.#row();
    return {
      categories: row.categories === "" ? null : categoriesOf(row.categories),
      num_params: Number(row.num_params),
      min_size: numbers(row.min_size),
      recipe: row.recipe,
      _metrics: { [row.dataset]: Object.fromEntries(words(row.metrics).map(metric)) },
      ...(row.license === "" ? {} : { license: row.license }),
    };
  }

  /**
   * A transform that makes images ready as those were that the model was trained with.
   *
   * @param options settings that are to be others.
   * @example
   * const ready = models.ResNet50_Weights.DEFAULT.transforms()(Image.open("cat.jpg"));
   * const scores = model(ready.unsqueeze(0));
   */
  transforms(options: PresetOptions = {}): Transform<AnyImage, Tensor> {
    const row = this.#row();
    if (row.kind === "detection") return new ObjectDetection();
    const settings = {
      resizeSize: Number(row.resize_size),
      interpolation: row.interpolation as InterpolationMode,
      ...(row.mean === "" ? {} : { mean: numbers(row.mean), std: numbers(row.std) }),
    };
    if (row.kind === "segmentation") return new SemanticSegmentation({ ...settings, ...options });
    return new ImageClassification({ cropSize: Number(row.crop_size), ...settings, ...options });
  }

  /**
   * The tensors of the file, by name. It is downloaded once, and kept in the folder of `torch.hub`.
   *
   * @param options.progress whether a terminal shows how much has come; true by default.
   * @throws Error if it cannot be fetched, or has another hash.
   */
  getStateDict({ progress = true }: { progress?: boolean } = {}): nn.StateDict {
    return torch.hub.loadStateDictFromUrl<nn.StateDict>(this.url, { progress, checkHash: true });
  }

  toString(): string {
    return `${this.enumName}.${this.name}`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** The published weights of a model. */
export interface AnyWeightsEnum {
  /** The name of the enum. */
  readonly name: string;
  /** The best of them. */
  readonly DEFAULT: Weights;
  [Symbol.iterator](): Iterator<Weights>;
}

/** The published weights of a model: one member for each file, and `DEFAULT`, the best of them. */
export type WeightsEnum<N extends string> = AnyWeightsEnum & { readonly [K in N]: Weights };

/** An enum of published weights, in torchvision's order; the default is the first unless it is told. */
export function weightsEnum<N extends string>(
  name: string,
  members: readonly N[],
  defaultMember: N = members[0] as N,
): WeightsEnum<N> {
  const all = members.map((member) => [member, new Weights(name, member)] as const);
  const entries = Object.fromEntries(all) as { [K in N]: Weights };
  const result = { ...entries, DEFAULT: entries[defaultMember], name };
  Object.defineProperty(result, "name", { enumerable: false });
  Object.defineProperty(result, Symbol.iterator, { value: () => all.map(([, weights]) => weights).values() });
  return result as WeightsEnum<N>;
}

/**
 * The member of an enum that a value is or names.
 *
 * @throws TypeError if it is neither; Error for a name that it does not have.
 */
export function verifyWeights(weights: AnyWeightsEnum, value: unknown): Weights {
  if (value instanceof Weights && value.enumName === weights.name) return value;
  if (typeof value !== "string") {
    const given = value instanceof Weights ? value.enumName : describe(value);
    throw new TypeError(`Invalid Weight class provided; expected ${weights.name} but received ${given}.`);
  }
  const member = value.replace(`${weights.name}.`, "");
  if (!Object.keys(weights).includes(member)) throw new Error(`Invalid value '${member}' for ${weights.name}`);
  return (weights as unknown as Readonly<Record<string, Weights>>)[member] as Weights;
}

/** A line of the table. */
type Row = Readonly<
  Record<
    | "weights"
    | "kind"
    | "file"
    | "num_params"
    | "min_size"
    | "categories"
    | "dataset"
    | "metrics"
    | "crop_size"
    | "resize_size"
    | "interpolation"
    | "mean"
    | "std"
    | "recipe"
    | "license",
    string
  >
>;

let table: ReadonlyMap<string, Row> | undefined;

/** The table by the full names of weights; it is read when somebody asks. */
function published(): ReadonlyMap<string, Row> {
  if (table === undefined) {
    const [header = "", ...lines] = readLines("weights.csv");
    const columns = header.split(",");
    const rows = lines.map((line) => {
      const cells = line.split(",");
      return Object.fromEntries(columns.map((column, i) => [column, cells[i] as string])) as Row;
    });
    table = new Map(rows.map((row) => [row.weights, row]));
  }
  return table;
}

const categories = new Map<string, readonly string[]>();

function categoriesOf(name: string): readonly string[] {
  const known = categories.get(name) ?? readLines(`categories/${name}.txt`);
  categories.set(name, known);
  return known;
}

function readLines(path: string): string[] {
  return readFileSync(new URL(path, assets), "utf8").trimEnd().split("\n");
}

function words(cell: string): string[] {
  return cell.split(" ").filter((word) => word !== "");
}

function numbers(cell: string): number[] {
  return words(cell).map(Number);
}

function metric(word: string): [name: string, value: number] {
  const [name, value] = word.split("=") as [string, string];
  return [name, Number(value)];
}
