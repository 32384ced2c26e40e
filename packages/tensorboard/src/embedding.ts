/** Vectors with labels and pictures, as the files that TensorBoard's projector reads. */
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import torch, { type Tensor } from "flambeau";
import { encodePixels, gridOf } from "./images.js";

export interface EmbeddingOptions {
  /** A label for each vector, or a row of them. */
  metadata?: readonly unknown[] | null;
  /** A picture for each vector, of shape [n, channels, height, width]. */
  labelImg?: Tensor | null;
  globalStep?: number | null;
  /** The name of the embedding; `"default"` unless given. */
  tag?: string;
  /** What the labels of a row are called. */
  metadataHeader?: readonly string[] | null;
}

function rows(values: readonly (readonly unknown[])[]): string {
  return values.map((row) => `${row.map((value) => String(value).replace(/[\t\n]/g, " ")).join("\t")}\n`).join("");
}

function writeMetadata(path: string, metadata: readonly unknown[], header: readonly string[] | null | undefined): void {
  const labels = metadata.map((label) => (Array.isArray(label) ? label : [label]));
  writeFileSync(path, rows(header ? [header, ...labels] : labels));
}

/** All pictures in one that is square. */
function writeSprite(path: string, pictures: Tensor): void {
  const columns = Math.ceil(Math.sqrt(pictures.size(0)));
  const coloured = pictures.size(1) === 1 ? pictures.expand([-1, 3, -1, -1]) : pictures;
  const grid = gridOf(coloured.detach(), columns);
  const [, height, width] = grid.shape as [number, number, number];
  const side = Math.max(height, width);
  const square = torch.zeros([3, side, side], { dtype: grid.dtype });
  square.narrow(1, 0, height).narrow(2, 0, width).copy_(grid);
  writeFileSync(path, encodePixels(square.permute([1, 2, 0])));
}

/** A tag as a name of a folder. */
function encoded(tag: string): string {
  return encodeURIComponent(tag).replaceAll("%", "%%").replaceAll(".", "%%2E");
}

/** Writes the files into the folder of a run, and tells the projector of them. */
export function writeEmbedding(folder: string, matrix: Tensor, options: EmbeddingOptions): void {
  const { metadata, labelImg, globalStep, tag = "default", metadataHeader } = options;
  if (matrix.ndim !== 2)
    throw new Error(`mat should be 2D, where mat.size(0) is the number of data points; got ${matrix.ndim}D`);
  const count = matrix.size(0);
  if (metadata && metadata.length !== count) throw new Error("#labels should equal with #data points");
  if (labelImg && labelImg.size(0) !== count) throw new Error("#images should equal with #data points");
  const own = `${String(globalStep ?? 0).padStart(5, "0")}/${encoded(tag)}`;
  mkdirSync(join(folder, own), { recursive: true });
  const lines = [
    `tensor_name: "${tag.replaceAll('"', "'")}:${String(globalStep ?? 0).padStart(5, "0")}"`,
    `tensor_path: "${own}/tensors.tsv"`,
  ];
  if (metadata) {
    writeMetadata(join(folder, own, "metadata.tsv"), metadata, metadataHeader);
    lines.push(`metadata_path: "${own}/metadata.tsv"`);
  }
  if (labelImg) {
    writeSprite(join(folder, own, "sprite.png"), labelImg);
    const [height, width] = labelImg.shape.slice(2) as [number, number];
    lines.push(
      `sprite {\n    image_path: "${own}/sprite.png"\n    single_image_dim: ${width}\n    single_image_dim: ${height}\n  }`,
    );
  }
  writeFileSync(join(folder, own, "tensors.tsv"), rows(matrix.detach().tolist() as number[][]));
  appendFileSync(join(folder, "projector_config.pbtxt"), `embeddings {\n  ${lines.join("\n  ")}\n}\n`);
}
