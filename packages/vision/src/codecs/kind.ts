/** Kinds of image files, by their first bytes. */

export type ImageKind = "JPEG" | "PNG" | "GIF" | "WEBP" | "BMP" | "PPM";

const signatures: readonly (readonly [ImageKind, RegExp])[] = [
  ["JPEG", /^\xff\xd8\xff/],
  ["PNG", /^\x89PNG/],
  ["GIF", /^GIF8[79]a/],
  ["WEBP", /^RIFF[\s\S]{4}WEBP/],
  ["BMP", /^BM[\s\S]{4}\0{4}/],
  ["PPM", /^P[456]\s/],
];

/** The kind of a file that begins with these bytes; undefined if it is none of them. */
export function kindOf(bytes: Uint8Array): ImageKind | undefined {
  const head = Buffer.from(bytes.subarray(0, 16)).toString("latin1");
  return signatures.find(([, signature]) => signature.test(head))?.[0];
}
