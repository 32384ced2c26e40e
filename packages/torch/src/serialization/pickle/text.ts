/** Text as Python pickles it: UTF-8, in which halves of pairs of UTF-16 stand too, each for itself. */

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** @throws TypeError for bytes that are no text. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch (error) {
    const text = decodeWithHalves(bytes);
    if (text === undefined) throw error;
    return text;
  }
}

/** Splits the bytes at each half, which takes three. */
function decodeWithHalves(bytes: Uint8Array): string | undefined {
  const parts: string[] = [];
  let from = 0;
  for (let i = 0; i + 2 < bytes.length; i++) {
    const [first, second, third] = [bytes[i], bytes[i + 1], bytes[i + 2]] as [number, number, number];
    if (first !== 0xed || second < 0xa0 || second > 0xbf) continue;
    parts.push(strict.decode(bytes.subarray(from, i)));
    parts.push(String.fromCharCode(0xd000 | ((second & 0x3f) << 6) | (third & 0x3f)));
    from = i + 3;
    i += 2;
  }
  if (from === 0) return undefined;
  return parts.join("") + strict.decode(bytes.subarray(from));
}

export function encodeText(text: string): Uint8Array {
  // A pair stays together: only a half that stands alone is taken out.
  const pieces = text.split(/((?<![\ud800-\udbff])[\udc00-\udfff]|[\ud800-\udbff](?![\udc00-\udfff]))/);
  if (pieces.length === 1) return encoder.encode(text);
  return Buffer.concat(pieces.map((piece, i) => (i % 2 === 0 ? encoder.encode(piece) : encodeHalf(piece))));
}

function encodeHalf(half: string): Uint8Array {
  const code = half.charCodeAt(0);
  return Uint8Array.of(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
}
