/** Regions and boxes of torchvision. */
import torch from "flambeau";
import { upTo } from "../../lists.js";
import { int } from "../builder.js";
import type { Call, Translation, Translations } from "../call.js";
import type { Extent } from "../sizes.js";

const { int64, float32 } = torch;

/** Rows `[image, x1, y1, x2, y2]` as the numbers of the images and the boxes. */
function split(t: Call): { images: string; boxes: string } {
  const rows = t.x("rois");
  const images = t.squeeze(t.slice(rows, 1, 0, 1), 1);
  return { images: t.cast(images, t.value("rois").dtype, int64), boxes: t.slice(rows, 1, 1, 5) };
}

const roiAlign: Translation = (t) => {
  const { images, boxes } = split(t);
  const isAligned = t.arg("aligned") === true;
  if (isAligned && t.opset < 16) return undefined;
  const attributes = {
    mode: "avg",
    output_height: int(t.number("pooledHeight")),
    output_width: int(t.number("pooledWidth")),
    sampling_ratio: int(Math.max(t.number("samplingRatio"), 0)),
    spatial_scale: t.number("spatialScale"),
    coordinate_transformation_mode: t.opset < 16 ? undefined : isAligned ? "half_pixel" : "output_half_pixel",
  };
  return t.opWith(attributes, "RoiAlign", t.x(), boxes, images);
};

/** Each place of a region is seen in channels of its own. */
const positionalRoiAlign: Translation = (t) => {
  if (t.opset < 16) return undefined;
  const { images, boxes } = split(t);
  const [rows, columns] = [t.number("pooledHeight"), t.number("pooledWidth")];
  const attributes = {
    mode: "avg",
    output_height: int(rows),
    output_width: int(columns),
    sampling_ratio: int(Math.max(t.number("samplingRatio"), 0)),
    spatial_scale: t.number("spatialScale"),
    coordinate_transformation_mode: "half_pixel",
  };
  const every = t.opWith(attributes, "RoiAlign", t.x(), boxes, images);
  const [regions, channels] = t.out.sizes as [Extent, Extent];
  const area = rows * columns;
  const all = [regions, t.value().sizes[1] as Extent, rows, columns];
  const flat = t.reshape(every, all, [regions, channels, area * area]);
  const own = upTo(area).map((place) => place * (area + 1));
  return t.toOut(t.opWith({ axis: 2n }, "Gather", flat, t.list(own)), [regions, channels, area]);
};

const roiPool: Translation = (t) => {
  const size = [int(t.number("pooledHeight")), int(t.number("pooledWidth"))];
  const attributes = { pooled_shape: size, spatial_scale: t.number("spatialScale") };
  return t.opWith(attributes, "MaxRoiPool", t.x(), t.x("rois"));
};

const nms: Translation = (t) => {
  const boxes = t.unsqueeze(t.x("dets", float32), 0);
  const scores = t.op("Unsqueeze", t.x("scores", float32), t.list([0, 1]));
  const most = t.literal([Number.MAX_SAFE_INTEGER], int64);
  const found = t.op("NonMaxSuppression", boxes, scores, most, t.literal([t.number("iouThreshold")], float32));
  return t.squeeze(t.slice(found, 1, 2, 3), 1);
};

export const regions: Translations = {
  "torchvision.roiAlign": roiAlign,
  "torchvision.psRoiAlign": positionalRoiAlign,
  "torchvision.roiPool": roiPool,
  "torchvision.nms": nms,
};
