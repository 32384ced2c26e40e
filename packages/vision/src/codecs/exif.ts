/** EXIF records: which way up a camera was held. */
import type { Tensor } from "flambeau";
import { ByteReader } from "./reader.js";

const orientationTag = 0x0112;
const short = 3;

/**
 * The orientation that an EXIF record tells of, from 1 to 8; undefined where it tells none, or is broken.
 *
 * @param exif the record from its byte order on: `II*\0…` or `MM\0*…`.
 */
export function orientationOf(exif: Uint8Array): number | undefined {
  const reader = new ByteReader(exif, "exif");
  try {
    const littleEndian = reader.text(2) === "II";
    if (reader.uint16(littleEndian) !== 42) return undefined;
    reader.at = reader.uint32(littleEndian);
    const count = reader.uint16(littleEndian);
    for (let i = 0; i < count; i++) {
      const [tag, type] = [reader.uint16(littleEndian), reader.uint16(littleEndian)];
      reader.at += 4;
      const value = reader.uint16(littleEndian);
      reader.at += 2;
      if (tag === orientationTag) return type === short && value >= 1 && value <= 8 ? value : undefined;
    }
  } catch {
    // A record that ends too early tells nothing.
  }
  return undefined;
}

/** The image `[…, height, width]` as it was seen, from what a camera stored. */
export function orient(image: Tensor, orientation: number | undefined): Tensor {
  switch (orientation) {
    case 2:
      return image.flip(-1);
    case 3:
      return image.flip(-2, -1);
    case 4:
      return image.flip(-2);
    case 5:
      return image.transpose(-1, -2);
    case 6:
      return image.transpose(-1, -2).flip(-1);
    case 7:
      return image.transpose(-1, -2).flip(-2, -1);
    case 8:
      return image.transpose(-1, -2).flip(-2);
    default:
      return image;
  }
}
