/**
 * The detector `container-structure`: walks the parts of an MP4, WAV, PNG or JPEG and tells where the structure breaks.
 *
 * Law: every length in the file is a claim; none of them is used to allocate. A hostile file costs one pass over its
 * bytes and a bounded list of problems.
 */
import { crc32 } from "node:zlib";
import { verdict } from "./verdict.js";

/**
 * A cursor over a stream for formats made of headers and bodies: `take(n)` waits for n bytes, `skip(n)` passes n bytes
 * to an observer without keeping them. A grammar is a generator that yields such wishes, so a chunk boundary may fall
 * anywhere.
 */
class Walker {
  /** @param {() => Generator<object, void, Buffer>} grammar */
  constructor(grammar) {
    this.run = grammar();
    this.held = Buffer.alloc(0);
    this.step(undefined);
  }

  /** @param {Buffer | undefined} answer */
  step(answer) {
    const { value, done } = this.run.next(answer);
    this.wish = done ? null : value;
    this.left = this.wish?.skip ?? 0;
  }

  /** @param {Buffer} chunk */
  push(chunk) {
    let at = 0;
    while (this.wish) {
      const rest = chunk.length - at;
      if (this.wish.take !== undefined) {
        const missing = this.wish.take - this.held.length;
        if (rest < missing) {
          this.held = Buffer.concat([this.held, chunk.subarray(at)]);
          return;
        }
        const bytes = Buffer.concat([this.held, chunk.subarray(at, at + missing)]);
        at += missing;
        this.held = Buffer.alloc(0);
        this.step(bytes);
      } else if (this.wish.scan) {
        const used = this.wish.scan(chunk.subarray(at));
        if (used === null) return;
        at += used;
        this.step(undefined);
      } else {
        const passed = Math.min(rest, this.left);
        this.wish.each?.(chunk.subarray(at, at + passed));
        at += passed;
        this.left -= passed;
        if (this.left > 0) return;
        this.step(undefined);
      }
    }
    this.trailing = (this.trailing ?? 0) + chunk.length - at;
  }

  /** @returns {"end" | "between" | "inside"} where the stream stopped */
  place() {
    if (!this.wish) return "end";
    if (this.wish.take !== undefined && this.held.length === 0 && this.wish.boundary) return "between";
    return "inside";
  }
}

/** `container-structure`: walks the parts of the file; suspicion 0.05 if well formed, else 0.5 + 0.15 per problem. */
export class ContainerStructure {
  /** @param {import("./probe.js").Kind} kind @returns {boolean} whether there is a grammar for it */
  static knows = (kind) => Object.hasOwn(REQUIRED_PARTS, kind.container ?? "");

  /** @param {{container: string, size: number}} probe */
  constructor(probe) {
    this.container = probe.container;
    this.size = probe.size;
    this.parts = 0;
    this.problems = [];
    this.names = new Set();
    this.walker = new Walker(() => this[probe.container]());
  }

  /** Keeps the first ten problems: enough to tell a person, bounded for a hostile file. */
  problem(text) {
    if (this.problems.length < 10) this.problems.push(text);
  }

  /** @param {string} name */
  part(name) {
    this.parts += 1;
    // Bound: the names serve only the tests for required parts; a hostile file may invent millions.
    if (this.names.size < 64) this.names.add(name);
  }

  *mp4() {
    for (let at = 0; ;) {
      const head = yield { take: 8, boundary: true };
      let size = head.readUInt32BE(0);
      const type = head.toString("latin1", 4, 8);
      let headSize = 8;
      if (at === 0 && type !== "ftyp") this.problem("the first box is not ftyp");
      if (size === 1) {
        const wide = (yield { take: 8 }).readBigUInt64BE(0);
        headSize = 16;
        size = wide > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(wide);
      } else if (size === 0) {
        size = this.size - at;
      }
      this.part(type);
      if (size < headSize) {
        this.problem(`box ${printable(type)} at ${at} has size ${size}`);
        return;
      }
      yield { skip: size - headSize };
      at += size;
    }
  }

  *wav() {
    const riff = yield { take: 12 };
    const declared = riff.readUInt32LE(4) + 8;
    if (declared !== this.size) this.problem(`the header declares ${declared} bytes, the file has ${this.size}`);
    if (riff.toString("latin1", 8, 12) !== "WAVE") this.problem("the form is not WAVE");
    for (;;) {
      const head = yield { take: 8, boundary: true };
      const size = head.readUInt32LE(4);
      this.part(head.toString("latin1", 0, 4));
      // Chunks are padded to even length.
      yield { skip: size + (size & 1) };
    }
  }

  *png() {
    yield { take: 8 };
    for (;;) {
      const head = yield { take: 8, boundary: true };
      const type = head.toString("latin1", 4, 8);
      if (this.parts === 0 && type !== "IHDR") this.problem("the first chunk is not IHDR");
      this.part(type);
      let sum = crc32(head.subarray(4, 8));
      yield { skip: head.readUInt32BE(0), each: (bytes) => (sum = crc32(bytes, sum)) };
      const stored = (yield { take: 4 }).readUInt32BE(0);
      if (stored !== sum >>> 0) this.problem(`chunk ${printable(type)} has a wrong checksum`);
      if (type === "IEND") return;
    }
  }

  *jpeg() {
    yield { take: 2 };
    for (;;) {
      const head = yield { take: 2, boundary: true };
      if (head[0] !== 0xff) {
        this.problem("a segment does not start with 0xff");
        return;
      }
      let marker = head[1];
      this.part(marker.toString(16));
      if (marker === 0xd9) return;
      if (marker === 0xff || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) continue;
      yield* this.jpegSegment(marker);
      // A progressive image has several scans, with or without tables between them.
      while (marker === 0xda) {
        const next = { marker: 0 };
        yield { scan: entropyCodedData(next) };
        marker = next.marker;
        this.part(marker.toString(16));
        if (marker === 0xd9) return;
        yield* this.jpegSegment(marker);
      }
    }
  }

  *jpegSegment(marker) {
    const size = (yield { take: 2 }).readUInt16BE(0);
    if (size < 2) this.problem(`segment ${marker.toString(16)} has size ${size}`);
    yield { skip: Math.max(0, size - 2) };
  }

  push(chunk) {
    this.walker.push(chunk);
  }

  finish() {
    const place = this.walker.place();
    const endless = this.container === "mp4" || this.container === "wav";
    const whole = place === "end" || (endless && place === "between");
    if (!whole && !this.problems.length) this.problem("the file ends inside a part");
    else if (!whole) this.problem("the structure breaks off before its end");
    for (const name of REQUIRED_PARTS[this.container]) {
      if (!this.names.has(name)) this.problem(`part ${name.trim()} is missing`);
    }
    const wellFormed = this.problems.length === 0;
    return verdict(wellFormed ? 0.05 : 0.5 + 0.15 * this.problems.length, {
      container: this.container,
      well_formed: wellFormed,
      parts: this.parts,
      problems: this.problems,
      trailing_bytes: this.walker.trailing ?? 0,
    });
  }
}

/** What a file of each kind must contain to be playable or visible at all. */
const REQUIRED_PARTS = { mp4: ["moov"], wav: ["fmt ", "data"], png: ["IHDR", "IDAT", "IEND"], jpeg: ["da"] };

/** @param {string} name a four character code, which a hostile file may fill with control characters */
const printable = (name) => name.replace(/[^\x20-\x7e]/g, "?");

/**
 * Scans a JPEG scan for the marker that ends it: 0xff followed by anything but 0x00, 0xff or a restart marker.
 *
 * @param {{marker: number}} found
 * @returns {(bytes: Buffer) => number | null} bytes used, or null when the marker has not come yet
 */
function entropyCodedData(found) {
  let escaped = false;
  return (bytes) => {
    for (let i = 0; i < bytes.length; i += 1) {
      const byte = bytes[i];
      if (escaped && byte !== 0 && byte !== 0xff && !(byte >= 0xd0 && byte <= 0xd7)) {
        found.marker = byte;
        return i + 1;
      }
      escaped = byte === 0xff;
    }
    return null;
  };
}
