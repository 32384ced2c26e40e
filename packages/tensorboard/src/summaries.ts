/** The messages of what a writer can add. */
import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import type { ValueSchema } from "@bufbuild/protobuf/wkt";
import torch, { type Tensor } from "flambeau";
import {
  DataType,
  HParamsPluginDataSchema,
  HParamType,
  LayoutSchema,
  PrCurvePluginDataSchema,
  SessionEndInfo_Status,
  type Summary,
  SummaryAudioSchema,
  type SummaryMetadata,
  SummaryMetadataSchema,
  SummarySchema,
  type SummaryValueSchema,
  TensorValueSchema,
  TextPluginDataSchema,
} from "./proto/tensorboard_pb.js";

type Content = NonNullable<MessageInitShape<typeof SummaryValueSchema>["value"]>;

/** A summary of one value. */
export function summaryOf(tag: string, value: Content, metadata?: SummaryMetadata): Summary {
  return create(SummarySchema, { value: [{ tag: cleanTag(tag), value, ...(metadata && { metadata }) }] });
}

/** A tag without what paths and pages do not take. */
function cleanTag(tag: string): string {
  return tag.replace(/[^-/\w.]/g, "_").replace(/^\/+/, "");
}

function packed<Desc extends DescMessage>(schema: Desc, content: MessageInitShape<Desc>): Uint8Array {
  return toBinary(schema, create(schema, content));
}

/** What tells TensorBoard which plugin shows a value. */
function pluginOf(pluginName: string, content: Uint8Array = new Uint8Array()): SummaryMetadata {
  return create(SummaryMetadataSchema, { pluginData: { pluginName, content } });
}

export function scalarOf(tag: string, value: number, isDouble: boolean): Summary {
  if (!isDouble) return summaryOf(tag, { case: "simpleValue", value });
  const tensor = create(TensorValueSchema, { dtype: DataType.DT_DOUBLE, tensorShape: {}, doubleVal: [value] });
  return summaryOf(tag, { case: "tensor", value: tensor }, pluginOf("scalars"));
}

export function textOf(tag: string, text: string): Summary {
  const tensor = create(TensorValueSchema, {
    dtype: DataType.DT_STRING,
    tensorShape: { dim: [{ size: 1n }] },
    stringVal: [new TextEncoder().encode(text)],
  });
  const metadata = pluginOf("text", packed(TextPluginDataSchema, { version: 0 }));
  return summaryOf(`${tag}/text_summary`, { case: "tensor", value: tensor }, metadata);
}

/** Sound from -1 to 1 as a WAV file of one channel and 16 bits. */
export function audioOf(tag: string, sound: Tensor, sampleRate: number): Summary {
  const samples = sound.detach().squeeze();
  if (samples.ndim > 1) throw new Error(`audio needs one channel, got a tensor of shape [${sound.shape}]`);
  const values = samples.reshape([-1]).to(torch.float64).clamp(-1, 1).mul(32767).to(torch.int16);
  const frames = values.numel();
  const value = create(SummaryAudioSchema, {
    sampleRate,
    numChannels: 1n,
    lengthFrames: BigInt(frames),
    encodedAudioString: wavOf(values.toTypedArray() as Int16Array, sampleRate),
    contentType: "audio/wav",
  });
  return summaryOf(tag, { case: "audio", value });
}

function wavOf(samples: Int16Array, sampleRate: number): Uint8Array {
  const bytes = new Uint8Array(44 + 2 * samples.length);
  const view = new DataView(bytes.buffer);
  const word = (at: number, text: string) => bytes.set(new TextEncoder().encode(text), at);
  word(0, "RIFF");
  view.setUint32(4, bytes.length - 8, true);
  word(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, 2 * sampleRate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  word(36, "data");
  view.setUint32(40, 2 * samples.length, true);
  samples.forEach((sample, i) => {
    view.setInt16(44 + 2 * i, sample, true);
  });
  return bytes;
}

/** Six rows for as many thresholds: true and false positives, true and false negatives, precision and recall. */
export function prCurveOf(tag: string, rows: readonly (readonly number[])[]): Summary {
  const numThresholds = rows[0]?.length ?? 0;
  const tensor = create(TensorValueSchema, {
    dtype: DataType.DT_FLOAT,
    tensorShape: { dim: [{ size: BigInt(rows.length) }, { size: BigInt(numThresholds) }] },
    floatVal: rows.flat(),
  });
  const metadata = pluginOf("pr_curves", packed(PrCurvePluginDataSchema, { version: 0, numThresholds }));
  return summaryOf(tag, { case: "tensor", value: tensor }, metadata);
}

/** The counts and rates of predictions from 0 to 1 against labels, at thresholds evenly spaced. */
export function prCurve(labels: Tensor, predictions: Tensor, thresholds: number, weights: Tensor | number): number[][] {
  const flat = (tensor: Tensor) => tensor.detach().reshape([-1]).to(torch.float64);
  const truth = flat(labels);
  const places = flat(predictions)
    .mul(thresholds - 1)
    .floor()
    .to(torch.int64);
  if (places.lt(0).logicalOr(places.ge(thresholds)).any().item()) {
    throw new RangeError("predictions of a precision-recall curve must be from 0 to 1");
  }
  const weight = typeof weights === "number" ? torch.fullLike(truth, weights) : flat(weights);
  // From each threshold on.
  const above = (counted: Tensor) => {
    const counts = torch.bincount(places, { weights: counted, minlength: thresholds });
    return counts.flip([0]).cumsum(0).flip([0]);
  };
  const [tp, fp] = [above(truth.mul(weight)), above(truth.neg().add(1).mul(weight))];
  const [tn, fn] = [fp.neg().add(fp.at(0)), tp.neg().add(tp.at(0))];
  const share = (part: Tensor, rest: Tensor) => part.div(part.add(rest).clampMin(1e-7));
  return torch.stack([tp, fp, tn, fn, share(tp, fp), share(tp, fn)]).tolist() as number[][];
}

/** Values that hyperparameters have. */
export type HParam = number | boolean | string;

function hparamValue(value: HParam): MessageInitShape<typeof ValueSchema> {
  if (typeof value === "number") return { kind: { case: "numberValue", value } };
  if (typeof value === "boolean") return { kind: { case: "boolValue", value } };
  return { kind: { case: "stringValue", value } };
}

const hparamTypes = {
  number: HParamType.HPARAM_FLOAT64,
  boolean: HParamType.HPARAM_BOOL,
  string: HParamType.HPARAM_STRING,
};

/** What describes a run by hyperparameters and by the tags of its metrics: the experiment, its begin and its end. */
export function hparamsOf(
  hparams: Readonly<Record<string, HParam>>,
  metrics: readonly string[],
  domains: Readonly<Record<string, readonly HParam[]>>,
): Summary[] {
  for (const [name, value] of Object.entries(hparams)) {
    if (!((typeof value) in hparamTypes)) {
      throw new TypeError(`hyperparameter '${name}' must be a number, boolean or string, not ${typeof value}`);
    }
  }
  const hparamInfos = Object.entries(hparams).map(([name, value]) => ({
    name,
    type: hparamTypes[typeof value as keyof typeof hparamTypes],
    ...(domains[name] && { domainDiscrete: { values: domains[name].map(hparamValue) } }),
  }));
  const metricInfos = metrics.map((tag) => ({ name: { tag } }));
  const values = Object.entries(hparams).map(([name, value]) => [name, hparamValue(value)]);
  type Data = NonNullable<MessageInitShape<typeof HParamsPluginDataSchema>["data"]>;
  const contents: Record<string, Data> = {
    experiment: { case: "experiment", value: { hparamInfos, metricInfos } },
    session_start_info: { case: "sessionStartInfo", value: { hparams: Object.fromEntries(values) } },
    session_end_info: { case: "sessionEndInfo", value: { status: SessionEndInfo_Status.SUCCESS } },
  };
  return Object.entries(contents).map(([name, data]) => {
    const metadata = pluginOf("hparams", packed(HParamsPluginDataSchema, { version: 0, data }));
    return create(SummarySchema, { value: [{ tag: `_hparams_/${name}`, metadata }] });
  });
}

/** Charts by category and title: `["Multiline", tags]`, or `["Margin", [value, lower, upper]]`. */
export type CustomLayout = Readonly<
  Record<string, Readonly<Record<string, readonly ["Multiline" | "Margin", readonly string[]]>>>
>;

export function layoutOf(layout: CustomLayout): Summary {
  const category = Object.entries(layout).map(([title, charts]) => ({
    title,
    chart: Object.entries(charts).map(([name, [kind, tags]]) => {
      const [value = "", lower = "", upper = ""] = tags;
      if (kind === "Margin") {
        if (tags.length !== 3) throw new Error(`a margin chart needs three tags, got ${tags.length}`);
        return { title: name, content: { case: "margin" as const, value: { series: [{ value, lower, upper }] } } };
      }
      return { title: name, content: { case: "multiline" as const, value: { tag: [...tags] } } };
    }),
  }));
  const tensor = create(TensorValueSchema, {
    dtype: DataType.DT_STRING,
    tensorShape: {},
    stringVal: [packed(LayoutSchema, { category })],
  });
  return summaryOf("custom_scalars__config__", { case: "tensor", value: tensor }, pluginOf("custom_scalars"));
}
