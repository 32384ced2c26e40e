/** JPEG files. What they hold beside the pixels is read here; these are the work of a kernel. */
import torch, { type Tensor } from "flambeau";
import { checkPixels } from "./limit.js";

const { image: kernels } = torch.ops;

export interface JpegFile {
  readonly width: number;
  readonly height: number;
  /** 1 for grey, 3 for colours, 4 for inks. */
  readonly components: number;
  /** The EXIF record, from its byte order on. */
  readonly exif: Uint8Array | undefined;
  /** The pixels: uint8 of shape [height, width, channels]; 0 channels for as many as the file has. */
  pixels(channels: 0 | 1 | 3): Tensor;
}

/**
 * Opens a JPEG file.
 *
 * @param data its bytes: uint8 of one dim.
 * @throws Error if it is none, or larger than images may be.
 */
export function openJpeg(data: Tensor): JpegFile {
  const { width, height, components } = kernels.jpegHeader(data);
  checkPixels(width, height);
  return {
    width,
    height,
    components,
    get exif() {
      return findExif(data.toTypedArray() as Uint8Array);
    },
    pixels: (channels) => kernels.decodeJpeg(data, channels),
  };
}

const app1 = 0xe1;
const startOfScan = 0xda;
const signature = "Exif\0\0";

/** Goes through the segments before the first scan. */
function findExif(bytes: Uint8Array): Uint8Array | undefined {
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1] as number;
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === startOfScan) return undefined;
    const end = at + 2 + ((bytes[at + 2] as number) << 8) + (bytes[at + 3] as number);
    const content = bytes.subarray(at + 4, end);
    if (marker === app1 && String.fromCharCode(...content.subarray(0, 6)) === signature) return content.subarray(6);
    at = end;
  }
  return undefined;
}
