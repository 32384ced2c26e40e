/**
 * Records of TensorFlow: the length of the data, the checksum of that, the data, and the checksum of the data.
 *
 * Source: https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
 */
import crc32c from "crc-32/crc32c.js";

/** Bytes before the data and after it. */
const header = 12;
const footer = 4;

/** The checksum in the form that records have: rotated and moved, so that one of data that holds checksums stays good. */
function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c.buf(bytes) >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** The bytes of a record that holds some data. */
export function recordOf(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(header + data.length + footer);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc(record.subarray(0, 8)), true);
  record.set(data, header);
  view.setUint32(header + data.length, maskedCrc(data), true);
  return record;
}

/** The data of the records that are whole, and how many bytes those take: what follows may still be written. */
export function readRecords(bytes: Uint8Array): { records: Uint8Array[]; length: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records: Uint8Array[] = [];
  let at = 0;
  while (at + header <= bytes.length) {
    if (view.getUint32(at + 8, true) !== maskedCrc(bytes.subarray(at, at + 8))) {
      throw new Error(`the record at byte ${at} has a wrong checksum of its length; the file is damaged`);
    }
    const length = view.getBigUint64(at, true);
    const end = at + header + Number(length);
    if (length > BigInt(bytes.length) || end + footer > bytes.length) break;
    const data = bytes.subarray(at + header, end);
    if (view.getUint32(end, true) !== maskedCrc(data)) {
      throw new Error(`the record at byte ${at} has a wrong checksum; the file is damaged`);
    }
    records.push(data);
    at = end + footer;
  }
  return { records, length: at };
}
