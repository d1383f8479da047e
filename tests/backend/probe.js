/**
 * What a file is, told from its first bytes; never from its name or from what the sender says.
 */

/**
 * @typedef {{container: string | null, mediaType: "VIDEO" | "AUDIO" | "IMAGE" | "UNKNOWN", mimetype: string | null,
 *   size: number, wav: object | null}} Kind `size` in bytes; `wav` is the format of plain PCM samples and where they lie
 */

/** First bytes of each kind of file that is recognised. */
const MAGIC = [
  { container: "png", mediaType: "IMAGE", mimetype: "image/png", at: 0, bytes: "\x89PNG\r\n\x1a\n" },
  { container: "jpeg", mediaType: "IMAGE", mimetype: "image/jpeg", at: 0, bytes: "\xff\xd8\xff" },
  { container: "gif", mediaType: "IMAGE", mimetype: "image/gif", at: 0, bytes: "GIF8" },
  // The real system reports an MP4 as application/mp4 too: clients must go by the media type.
  { container: "mp4", mediaType: "VIDEO", mimetype: "application/mp4", at: 4, bytes: "ftyp" },
  { container: "webm", mediaType: "VIDEO", mimetype: "video/webm", at: 0, bytes: "\x1a\x45\xdf\xa3" },
  { container: "ogg", mediaType: "AUDIO", mimetype: "audio/ogg", at: 0, bytes: "OggS" },
  { container: "mp3", mediaType: "AUDIO", mimetype: "audio/mpeg", at: 0, bytes: "ID3" },
  { container: "mp3", mediaType: "AUDIO", mimetype: "audio/mpeg", at: 0, bytes: "\xff\xfb" },
];

/**
 * What the first bytes say about a file.
 *
 * @param {Buffer} head up to the first 64 KiB
 * @param {number} size of the whole file in bytes
 */
export function probe(head, size) {
  const text = head.toString("latin1", 0, 16);
  if (text.startsWith("RIFF") && text.slice(8, 12) === "WAVE") {
    return { container: "wav", mediaType: "AUDIO", mimetype: "audio/wav", size, wav: wavFormat(head, size) };
  }
  if (text.startsWith("RIFF") && text.slice(8, 12) === "AVI ") {
    return { container: "avi", mediaType: "VIDEO", mimetype: "video/x-msvideo", size, wav: null };
  }
  const known = MAGIC.find(({ at, bytes }) => text.startsWith(bytes, at));
  if (!known) return { container: null, mediaType: "UNKNOWN", mimetype: null, size, wav: null };
  const { container, mediaType, mimetype } = known;
  return { container, mediaType, mimetype, size, wav: null };
}

/** @param {Buffer} head @param {number} size @returns format of the samples, or null if they are not plain PCM */
function wavFormat(head, size) {
  let format = null;
  for (let at = 12; at + 8 <= head.length;) {
    const name = head.toString("latin1", at, at + 4);
    const length = head.readUInt32LE(at + 4);
    if (name === "fmt " && at + 24 <= head.length) {
      const code = head.readUInt16LE(at + 8);
      const channels = head.readUInt16LE(at + 10);
      const bits = head.readUInt16LE(at + 22);
      const float = code === 3;
      const plain = float ? bits === 32 : code === 1 && [8, 16, 24, 32].includes(bits);
      if (plain && channels >= 1 && channels <= 32) {
        format = { bits, channels, float, sampleRate: head.readUInt32LE(at + 12) };
      }
    } else if (name === "data") {
      return format && { ...format, dataOffset: at + 8, dataSize: Math.min(length, size - at - 8) };
    }
    at += 8 + length + (length & 1);
  }
  return null;
}
