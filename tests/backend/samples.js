/**
 * Files made for tests: small, valid, and the same every time.
 *
 * Law: no chance and no disk; the same arguments give the same bytes.
 */
import { crc32, deflateSync } from "node:zlib";

/** Noise from a 32-bit xorshift generator. @param {number} length @param {number} [seed] not 0 */
export function noise(length, seed = 0x9e3779b9) {
  const bytes = Buffer.allocUnsafe(length);
  let x = seed | 0;
  for (let i = 0; i < length; i += 1) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    bytes[i] = (x >>> 16) & 0xff;
  }
  return bytes;
}

/** A mono 16-bit WAV. @param {(i: number) => number} sample −1..1 @param {number} count @param {number} [rate] Hz */
export function wav(sample, count, rate = 16_000) {
  const file = Buffer.alloc(44 + 2 * count);
  file.write("RIFF", 0, "latin1");
  file.writeUInt32LE(36 + 2 * count, 4);
  file.write("WAVEfmt ", 8, "latin1");
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(2 * rate, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write("data", 36, "latin1");
  file.writeUInt32LE(2 * count, 40);
  for (let i = 0; i < count; i += 1) file.writeInt16LE(Math.round(32_767 * sample(i)), 44 + 2 * i);
  return file;
}

/** A tone of 440 Hz. @param {number} count samples */
export const tone = (count) => wav((i) => 0.8 * Math.sin((2 * Math.PI * 440 * i) / 16_000), count);

/** A greyscale PNG of noise. @param {number} side pixels */
export function png(side) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header[8] = 8;
  const pixels = noise(side * (side + 1));
  for (let row = 0; row < side; row += 1) pixels[row * (side + 1)] = 0;
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(pixels)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** @param {string} type @param {Buffer} body @returns {Buffer} an MP4 box */
export function box(type, body) {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + body.length, 0);
  head.write(type, 4, "latin1");
  return Buffer.concat([head, body]);
}

/** An MP4 with the boxes a player looks for first; the media data is noise. @param {number} dataBytes */
export const mp4 = (dataBytes) =>
  Buffer.concat([
    box("ftyp", Buffer.from("isom\x00\x00\x02\x00isommp41", "latin1")),
    box("moov", box("mvhd", Buffer.alloc(100))),
    box("mdat", noise(dataBytes)),
  ]);

/** A JPEG's segments around entropy-coded data with an escaped 0xff and a restart marker; not decodable. */
export const jpeg = () =>
  Buffer.concat([
    Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]),
    Buffer.from("JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00", "latin1"),
    Buffer.from([0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0]),
    Buffer.from([0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56]),
    Buffer.from([0xff, 0xd9]),
  ]);
