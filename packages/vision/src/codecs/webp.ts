/** WebP files: unpacked by libwebp, compiled to WebAssembly. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import decoder from "@jsquash/webp/codec/dec/webp_dec.js";
import { checkPixels } from "./limit.js";
import { ByteReader } from "./reader.js";

export interface WebpFile {
  readonly width: number;
  readonly height: number;
  readonly hasAlpha: boolean;
  /** Red, green, blue and opacity of each pixel. */
  rgba(): Uint8Array;
}

interface Decoder {
  decode(data: Uint8Array): { readonly data: Uint8ClampedArray } | null;
}

/** What is used of WebAssembly: there are no types of it without those of a browser. */
const { Module, Instance } = (globalThis as unknown as { readonly WebAssembly: WebAssembly }).WebAssembly;

interface WebAssembly {
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
}

let loaded: Decoder | undefined;

/** The decoder, which is compiled when it is first wanted, and at once: nothing here waits. */
function load(): Decoder {
  if (loaded !== undefined) return loaded;
  const path = fileURLToPath(import.meta.resolve("@jsquash/webp/codec/dec/webp_dec.wasm"));
  const code = new Module(readFileSync(path));
  const options = {
    noInitialRun: true,
    instantiateWasm(imports: object, done: (instance: object) => void) {
      const instance = new Instance(code, imports);
      done(instance);
      return instance.exports;
    },
  };
  // What it promises has happened when it returns, since the code is there.
  void (decoder as unknown as (options: object) => Promise<unknown>)(options);
  return (loaded = options as unknown as Decoder);
}

/**
 * Opens a WebP file.
 *
 * @throws Error if it is none, or is broken, or larger than images may be, or an animation.
 */
export function openWebp(bytes: Uint8Array): WebpFile {
  const { width, height, hasAlpha } = readHeader(bytes);
  checkPixels(width, height);
  return {
    width,
    height,
    hasAlpha,
    rgba() {
      const image = load().decode(bytes);
      if (image === null || image.data.length !== 4 * width * height)
        throw new Error("decode_webp: the image is broken or truncated");
      return new Uint8Array(image.data.buffer, image.data.byteOffset, image.data.length);
    },
  };
}

interface Header {
  readonly width: number;
  readonly height: number;
  readonly hasAlpha: boolean;
}

/** Reads the first chunk, which is the image, or tells of what comes. */
function readHeader(bytes: Uint8Array): Header {
  const reader = new ByteReader(bytes, "decode_webp");
  if (bytes.length < 12 || reader.text(4) !== "RIFF") throw new Error("decode_webp: Content is not webp!");
  reader.at = 8;
  if (reader.text(4) !== "WEBP") throw new Error("decode_webp: Content is not webp!");
  const kind = reader.text(4);
  reader.at += 4;
  if (kind === "VP8X") {
    const flags = reader.byte();
    if (flags & 2) throw new Error("decode_webp: animations cannot be read");
    reader.at += 3;
    const size = (): number => reader.uint16(true) + (reader.byte() << 16) + 1;
    return { width: size(), height: size(), hasAlpha: (flags & 0x10) !== 0 };
  }
  if (kind === "VP8L") {
    reader.at += 1;
    const bits = reader.uint32(true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1, hasAlpha: ((bits >>> 28) & 1) === 1 };
  }
  if (kind !== "VP8 ") throw new Error(`decode_webp: unknown chunk ${JSON.stringify(kind)}`);
  reader.at += 6;
  return { width: reader.uint16(true) & 0x3fff, height: reader.uint16(true) & 0x3fff, hasAlpha: false };
}
