/**
 * `SummaryWriter`: what happens in a training, as files that TensorBoard and `flambeau board` show.
 *
 * Source: https://pytorch.org/docs/stable/tensorboard.html
 */
import { hostname } from "node:os";
import { join } from "node:path";
import { type nn, Tensor } from "flambeau";
import { type EmbeddingOptions, writeEmbedding } from "./embedding.js";
import { EventFile, type EventFileOptions } from "./eventFile.js";
import { graphOf } from "./graph.js";
import { type Bins, histogramOf } from "./histogram.js";
import { imageOf, imageOfPng } from "./images.js";
import { SessionLog_Status } from "./proto/tensorboard_pb.js";
import {
  audioOf,
  type CustomLayout,
  type HParam,
  hparamsOf,
  layoutOf,
  prCurve,
  prCurveOf,
  scalarOf,
  summaryOf,
  textOf,
} from "./summaries.js";

export interface SummaryWriterOptions extends Partial<EventFileOptions> {
  /** Put behind the name of the folder where none is given. */
  comment?: string;
  /** The step after a crash from which on what was written before does not count. */
  purgeStep?: number | null;
}

/** Where on the axes of steps and of time a value belongs. */
export interface At {
  /** Seconds since 1970; now unless given. */
  walltime?: number | null;
}

/** A number, or a tensor that holds one. */
export type Value = number | Tensor;

/** Something that can be drawn, as a figure of `@flambeau/pyplot`. */
export interface Drawable {
  toPng(): Uint8Array;
}

type Step = number | null;

function numberOf(value: Value): number {
  if (typeof value === "number") return value;
  if (value instanceof Tensor && value.numel() === 1) return value.item() as number;
  throw new TypeError("a scalar must be a number or a tensor with one element");
}

function checkTensor(value: unknown, what: string): asserts value is Tensor {
  if (!(value instanceof Tensor)) throw new TypeError(`${what} must be a Tensor, not ${typeof value}`);
}

/** A folder for a run that says when and where it began. */
function newFolder(comment: string): string {
  const [, month, day, , time] = new Date().toString().split(" ") as [string, string, string, string, string];
  return join("runs", `${month}${day}_${time.replaceAll(":", "-")}_${hostname()}${comment}`);
}

/**
 * Writes what is added into event files in a folder.
 *
 * @example
 * const writer = new SummaryWriter("runs/first");
 * writer.addScalar("loss/train", loss.item(), step);
 * writer.close();
 * @see https://pytorch.org/docs/stable/tensorboard.html#torch.utils.tensorboard.writer.SummaryWriter
 */
export class SummaryWriter {
  readonly #folder: string;
  readonly #options: EventFileOptions;
  /** The file of the folder itself, and those of its parts by name. */
  readonly #files = new Map<string, EventFile>();

  /**
   * @param logDir the folder; `runs/<date>_<time>_<host>` unless given.
   * @param options.maxQueue how many events wait at most before they are written; 10 unless given.
   * @param options.flushSecs after how many seconds what waits is written; 120 unless given. What waits is also written by
   *   `flush`, `close`, and the end of the process.
   */
  constructor(logDir?: string | null, options: SummaryWriterOptions = {}) {
    const { comment = "", purgeStep, maxQueue = 10, flushSecs = 120, filenameSuffix = "" } = options;
    this.#folder = logDir ?? newFolder(comment);
    this.#options = { maxQueue, flushSecs, filenameSuffix };
    const file = this.#fileOf("");
    if (purgeStep === undefined || purgeStep === null) return;
    file.add({ case: "sessionLog", value: { status: SessionLog_Status.START } }, purgeStep);
    file.flush();
  }

  /** The folder that the files are in. */
  get logDir(): string {
    return this.#folder;
  }

  getLogdir(): string {
    return this.#folder;
  }

  #fileOf(part: string): EventFile {
    let file = this.#files.get(part);
    if (file === undefined) this.#files.set(part, (file = new EventFile(join(this.#folder, part), this.#options)));
    return file;
  }

  #add(summary: ReturnType<typeof summaryOf>, step: Step | undefined, { walltime }: At = {}): void {
    this.#fileOf("").addSummary(summary, step ?? 0, walltime ?? undefined);
  }

  /** Adds a number. */
  addScalar(tag: string, value: Value, globalStep?: Step, options: At & { doublePrecision?: boolean } = {}): void {
    this.#add(scalarOf(tag, numberOf(value), options.doublePrecision ?? false), globalStep, options);
  }

  /** Adds numbers that belong into one chart; each has a run of its own below this one. */
  addScalars(mainTag: string, values: Readonly<Record<string, Value>>, globalStep?: Step, options: At = {}): void {
    for (const [name, value] of Object.entries(values)) {
      const file = this.#fileOf(`${mainTag.replaceAll("/", "_")}_${name.replaceAll("/", "_")}`);
      file.addSummary(scalarOf(mainTag, numberOf(value), false), globalStep ?? 0, options.walltime ?? undefined);
    }
  }

  /**
   * Adds how values are distributed.
   *
   * @param options.bins how buckets are chosen: `"tensorflow"` unless given, a rule of NumPy's, a number, or limits.
   */
  addHistogram(tag: string, values: Tensor, globalStep?: Step, options: At & { bins?: Bins } = {}): void {
    checkTensor(values, "the values of a histogram");
    const value = histogramOf(values, options.bins ?? "tensorflow");
    this.#add(summaryOf(tag, { case: "histo", value }), globalStep, options);
  }

  /**
   * Adds an image: bytes, or numbers from 0 to 1.
   *
   * @param options.dataformats the axes: `"CHW"` unless given, or `"HWC"`, `"HW"`.
   */
  addImage(tag: string, image: Tensor, globalStep?: Step, options: At & { dataformats?: string } = {}): void {
    checkTensor(image, "an image");
    const value = imageOf(image, options.dataformats ?? "CHW");
    this.#add(summaryOf(tag, { case: "image", value }), globalStep, options);
  }

  /** Adds images as a grid; their axes are `"NCHW"` unless told otherwise. */
  addImages(tag: string, images: Tensor, globalStep?: Step, options: At & { dataformats?: string } = {}): void {
    this.addImage(tag, images, globalStep, { ...options, dataformats: options.dataformats ?? "NCHW" });
  }

  /** Adds a figure of `@flambeau/pyplot`. */
  addFigure(tag: string, figure: Drawable, globalStep?: Step, options: At = {}): void {
    this.#add(summaryOf(tag, { case: "image", value: imageOfPng(figure.toPng()) }), globalStep, options);
  }

  /**
   * Adds sound of one channel, from -1 to 1.
   *
   * @param options.sampleRate samples a second; 44100 unless given.
   */
  addAudio(tag: string, sound: Tensor, globalStep?: Step, options: At & { sampleRate?: number } = {}): void {
    checkTensor(sound, "sound");
    this.#add(audioOf(tag, sound, options.sampleRate ?? 44100), globalStep, options);
  }

  /** Adds text, which may be Markdown. */
  addText(tag: string, text: string, globalStep?: Step, options: At = {}): void {
    this.#add(textOf(tag, text), globalStep, options);
  }

  /** Adds the graph of the operations of a model on an input, or several. */
  addGraph(model: nn.Module, inputToModel: Tensor | readonly Tensor[]): void {
    const inputs = inputToModel instanceof Tensor ? [inputToModel] : inputToModel;
    this.#fileOf("").add({ case: "graphDef", value: graphOf(model, inputs) });
  }

  /**
   * Adds how precision and recall depend on the threshold of predictions, which are from 0 to 1.
   *
   * @param options.numThresholds how many thresholds; 127 at most, and unless given.
   */
  addPrCurve(
    tag: string,
    labels: Tensor,
    predictions: Tensor,
    globalStep?: Step,
    options: At & { numThresholds?: number; weights?: Tensor | null } = {},
  ): void {
    checkTensor(labels, "labels");
    checkTensor(predictions, "predictions");
    const thresholds = Math.min(options.numThresholds ?? 127, 127);
    const rows = prCurve(labels, predictions, thresholds, options.weights ?? 1);
    this.#add(prCurveOf(tag, rows), globalStep, options);
  }

  /** Adds the vectors of an embedding, for the projector. */
  addEmbedding(matrix: Tensor, options: EmbeddingOptions = {}): void {
    checkTensor(matrix, "an embedding");
    writeEmbedding(this.#folder, matrix, options);
  }

  /** Says which scalars belong into which charts. */
  addCustomScalars(layout: CustomLayout): void {
    this.#add(layoutOf(layout), 0);
  }

  /**
   * Adds hyperparameters and what came of them, as a run of its own.
   *
   * @param options.hparamDomainDiscrete the values that a hyperparameter may have.
   * @param options.runName the name of the run below this one; the time unless given.
   */
  addHparams(
    hparamDict: Readonly<Record<string, HParam>>,
    metricDict: Readonly<Record<string, Value>>,
    options: {
      hparamDomainDiscrete?: Readonly<Record<string, readonly HParam[]>>;
      runName?: string;
      globalStep?: Step;
    } = {},
  ): void {
    const { hparamDomainDiscrete = {}, runName = String(Date.now() / 1000), globalStep } = options;
    const summaries = hparamsOf(hparamDict, Object.keys(metricDict), hparamDomainDiscrete);
    const writer = new SummaryWriter(join(this.#folder, runName), this.#options);
    for (const summary of summaries) writer.#add(summary, 0);
    for (const [tag, value] of Object.entries(metricDict)) writer.addScalar(tag, value, globalStep);
    writer.close();
  }

  /** Writes what waits. */
  flush(): void {
    for (const file of this.#files.values()) file.flush();
  }

  /** Writes what waits, and closes the files; what is added later goes into new ones. */
  close(): void {
    for (const file of this.#files.values()) file.close();
    this.#files.clear();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
