/** The colours of an image of mode `P`. */
import { webPalette } from "./webColours.js";

/** Up to 256 colours with opacity, four bytes each. */
export class Palette {
  /** @param colours red, green, blue and opacity, of each in turn. */
  constructor(readonly colours: Uint8Array) {}

  /** 256 greys, from black to white. */
  static grey(): Palette {
    return Palette.fromRgb(Uint8Array.from({ length: 768 }, (_, i) => Math.floor(i / 3)));
  }

  /** The palette of browsers. */
  static web(): Palette {
    return Palette.fromRgb(webPalette());
  }

  /** A palette of colours of three bytes, and opacities for the first of them. */
  static fromRgb(rgb: Uint8Array, opacities: Uint8Array = new Uint8Array()): Palette {
    const count = Math.floor(rgb.length / 3);
    const colours = new Uint8Array(4 * count);
    for (let i = 0; i < count; i++) {
      colours.set(rgb.subarray(3 * i, 3 * i + 3), 4 * i);
      colours[4 * i + 3] = opacities[i] ?? 255;
    }
    return new Palette(colours);
  }

  copy(): Palette {
    return new Palette(this.colours.slice());
  }

  /** The colours at some places, four bytes each; black where the palette has none. */
  apply(places: Uint8Array): Uint8Array {
    const colours = new Uint32Array(256).fill(new Uint32Array(new Uint8Array([0, 0, 0, 255]).buffer)[0] as number);
    new Uint8Array(colours.buffer).set(this.colours.subarray(0, 1024));
    const result = new Uint32Array(places.length);
    for (let i = 0; i < places.length; i++) result[i] = colours[places[i] as number] as number;
    return new Uint8Array(result.buffer);
  }

  /** Whether it is the palette of greys, each at its own place, so far as it goes. */
  get isGrey(): boolean {
    return this.rgb.every((value, i) => value === Math.floor(i / 3));
  }

  /** The colours of three bytes, as files have them. */
  get rgb(): Uint8Array {
    return this.colours.filter((_, i) => i % 4 !== 3);
  }

  /** The opacities. */
  get opacities(): Uint8Array {
    return this.colours.filter((_, i) => i % 4 === 3);
  }
}
