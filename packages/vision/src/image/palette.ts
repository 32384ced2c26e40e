/** The colours of an image of mode `P`. */
import torch, { type Tensor } from "flambeau";

/** How many steps each of red, green and blue has in the palette of browsers, how large they are, and where they begin. */
const [webSteps, webStep, firstWebPlace] = [6, 51, 10];

/** Up to 256 colours with opacity, four bytes each. */
export class Palette {
  /** @param colours red, green, blue and opacity, of each in turn. */
  constructor(readonly colours: Uint8Array) {}

  /** 256 greys, from black to white. */
  static grey(): Palette {
    return Palette.fromRgb(Uint8Array.from({ length: 768 }, (_, i) => Math.floor(i / 3)));
  }

  /** The palette of browsers: six steps of red, green and blue, in places 10 to 225, and black around them. */
  static web(): Palette {
    const rgb = new Uint8Array(768);
    for (let i = 0; i < webSteps ** 3; i++)
      for (let c = 0; c < 3; c++)
        rgb[3 * (firstWebPlace + i) + c] = webStep * (Math.floor(i / webSteps ** c) % webSteps);
    return Palette.fromRgb(rgb);
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

  /** The colours `[height, width, 4]` at places `[height, width, 1]`; black where the palette has none. */
  apply(places: Tensor): Tensor {
    const table = new Uint8Array(1024);
    for (let i = 3; i < table.length; i += 4) table[i] = 255;
    table.set(this.colours.subarray(0, 1024));
    const [height, width] = places.shape as [number, number];
    if (places.numel() === 0) return torch.zeros(height, width, 4, { dtype: torch.uint8 });
    // The four bytes of a colour are moved as one number.
    const colours = torch.tensor(table).view(torch.int32).view(1, 256);
    return torch.ops.torchvision.lookup(places, colours, places.numel()).view(torch.uint8);
  }

  /** The places `[height, width, 1]` of those colours that are nearest to pixels `[height, width, 3]`. */
  nearest(pixels: Tensor, dither: boolean): Tensor {
    return torch.ops.torchvision.nearestColours(pixels, torch.tensor(this.colours).view(-1, 4), { dither });
  }

  /** Makes the colours transparent that are the given one. */
  hide([red, green, blue]: readonly number[]): void {
    const { colours } = this;
    for (let i = 0; i < colours.length; i += 4)
      if (colours[i] === red && colours[i + 1] === green && colours[i + 2] === blue) colours[i + 3] = 0;
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
