/**
 * The demo detectors: what each one measures in a stream of bytes, and the formula from the measurement to a verdict.
 *
 * Law: a detector sees every byte once, in order, in chunks of any size; its result depends on the bytes alone. Every
 * number it reports was measured. None of them has forensic meaning, and each result says so (`simulated: true`).
 *
 * Left out: telling what a file is (`probe.js`), reading files, threads, progress (`detectors-worker.js`).
 */
import { createHash } from "node:crypto";
import { ContainerStructure } from "./container.js";
import { round4, verdict } from "./verdict.js";

/** Bytes of one entropy window and of one hashed block: a common file system block. */
const WINDOW = 4096;

/** The spread of window entropies (bits) at which a file counts as fully heterogeneous. Window entropy is 0..8 bits. */
const ENTROPY_SPREAD_FULL = 3;

/** Samples of one spectral window; a power of two, as the FFT needs. */
const FFT_SIZE = 1024;

/**
 * The expected spectral flatness of white noise: the geometric over the arithmetic mean of an exponential
 * distribution, e^-γ with Euler's γ.
 */
const WHITE_NOISE_FLATNESS = 0.5615;

/** Cuts a stream into blocks of a fixed size; the last block may be shorter. */
class Blocks {
  /**
   * @param {number} size
   * @param {(block: Buffer) => void} onBlock
   */
  constructor(size, onBlock) {
    this.size = size;
    this.onBlock = onBlock;
    this.rest = Buffer.alloc(0);
  }

  /** @param {Buffer} chunk */
  push(chunk) {
    const data = this.rest.length ? Buffer.concat([this.rest, chunk]) : chunk;
    let at = 0;
    for (; at + this.size <= data.length; at += this.size) this.onBlock(data.subarray(at, at + this.size));
    // A copy: the reader reuses its buffer.
    this.rest = Buffer.from(data.subarray(at));
  }

  flush() {
    if (this.rest.length) this.onBlock(this.rest);
    this.rest = Buffer.alloc(0);
  }
}

/** @param {Uint8Array} bytes @returns {number} Shannon entropy in bits per byte, 0..8 */
export function byteEntropy(bytes) {
  if (!bytes.length) return 0;
  const counts = new Uint32Array(256);
  for (const byte of bytes) counts[byte] += 1;
  let bits = 0;
  for (const count of counts) {
    if (count) bits -= (count / bytes.length) * Math.log2(count / bytes.length);
  }
  return Math.max(0, bits);
}

/** `entropy-windows`: suspicion = standard deviation of the window entropies / 3 bits. */
class EntropyWindows {
  constructor() {
    this.windows = 0;
    this.sum = 0;
    this.squares = 0;
    this.least = Infinity;
    this.most = 0;
    this.blocks = new Blocks(WINDOW, (block) => {
      // A short last window has too few bytes to reach 8 bits; it would pose as a spread. It counts only if it is alone.
      if (block.length < WINDOW && this.windows) return;
      const bits = byteEntropy(block);
      this.windows += 1;
      this.sum += bits;
      this.squares += bits * bits;
      this.least = Math.min(this.least, bits);
      this.most = Math.max(this.most, bits);
    });
  }

  push(chunk) {
    this.blocks.push(chunk);
  }

  finish() {
    this.blocks.flush();
    const n = Math.max(1, this.windows);
    const mean = this.sum / n;
    const spread = Math.sqrt(Math.max(0, this.squares / n - mean * mean));
    return verdict(spread / ENTROPY_SPREAD_FULL, {
      windows: this.windows,
      mean_bits: round4(mean),
      min_bits: this.windows ? round4(this.least) : 0,
      max_bits: round4(this.most),
      spread_bits: round4(spread),
    });
  }
}

/** `duplicate-blocks`: suspicion = 2 × the share of blocks whose content was seen before. */
class DuplicateBlocks {
  constructor() {
    this.total = 0;
    this.repeated = 0;
    // Bound: one entry per 4 KiB of an upload whose size the server limits.
    this.seen = new Set();
    this.blocks = new Blocks(WINDOW, (block) => {
      const digest = createHash("sha1").update(block).digest("latin1");
      this.total += 1;
      if (this.seen.has(digest)) this.repeated += 1;
      else this.seen.add(digest);
    });
  }

  push(chunk) {
    this.blocks.push(chunk);
  }

  finish() {
    this.blocks.flush();
    const share = this.total ? this.repeated / this.total : 0;
    return verdict(2 * share, { blocks: this.total, repeated: this.repeated, repeated_share: round4(share) });
  }
}

/**
 * `spectral-flatness` (WAV): suspicion = mean spectral flatness of the windows / that of white noise.
 * The first channel only; windows of digital silence have no spectrum and do not count.
 */
class SpectralFlatness {
  /** @param {{wav: {bits: number, channels: number, float: boolean, dataOffset: number, dataSize: number}}} probe */
  constructor(probe) {
    const { bits, channels, float, dataOffset, dataSize } = probe.wav;
    this.toSkip = dataOffset;
    this.toRead = dataSize;
    this.windows = 0;
    this.sum = 0;
    const width = bits / 8;
    const sample = sampleReader(bits, float);
    const re = new Float64Array(FFT_SIZE);
    const im = new Float64Array(FFT_SIZE);
    this.blocks = new Blocks(FFT_SIZE * channels * width, (block) => {
      if (block.length < FFT_SIZE * channels * width) return;
      for (let i = 0; i < FFT_SIZE; i += 1) {
        const hann = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / FFT_SIZE);
        re[i] = sample(block, i * channels * width) * hann;
        im[i] = 0;
      }
      fft(re, im);
      const value = flatness(re, im);
      if (value === null) return;
      this.windows += 1;
      this.sum += value;
    });
  }

  push(chunk) {
    const start = Math.min(this.toSkip, chunk.length);
    this.toSkip -= start;
    const samples = chunk.subarray(start, start + Math.min(this.toRead, chunk.length - start));
    this.toRead -= samples.length;
    this.blocks.push(samples);
  }

  finish() {
    const mean = this.windows ? this.sum / this.windows : 0;
    return verdict(mean / WHITE_NOISE_FLATNESS, { windows: this.windows, mean_flatness: round4(mean) });
  }
}

/** @param {number} bits @param {boolean} float */
function sampleReader(bits, float) {
  if (float) {
    return (block, at) => {
      const value = block.readFloatLE(at);
      return Number.isFinite(value) ? value : 0;
    };
  }
  if (bits === 8) return (block, at) => (block[at] - 128) / 128;
  const scale = 2 ** (bits - 1);
  return (block, at) => block.readIntLE(at, bits / 8) / scale;
}

/** In-place radix-2 FFT. @param {Float64Array} re @param {Float64Array} im */
export function fft(re, im) {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i += 1) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j], re[i]];
      [im[i], im[j]] = [im[j], im[i]];
    }
  }
  for (let size = 2; size <= n; size *= 2) {
    const half = size / 2;
    for (let k = 0; k < half; k += 1) {
      const angle = (-2 * Math.PI * k) / size;
      const cos = Math.cos(angle);
      const sin = Math.sin(angle);
      for (let i = k; i < n; i += size) {
        const j = i + half;
        const tr = re[j] * cos - im[j] * sin;
        const ti = re[j] * sin + im[j] * cos;
        re[j] = re[i] - tr;
        im[j] = im[i] - ti;
        re[i] += tr;
        im[i] += ti;
      }
    }
  }
}

/** @returns {number | null} geometric over arithmetic mean of the power spectrum, null for silence */
function flatness(re, im) {
  const bins = re.length / 2 - 1;
  let logs = 0;
  let sum = 0;
  for (let k = 1; k <= bins; k += 1) {
    const power = re[k] * re[k] + im[k] * im[k] + 1e-12;
    logs += Math.log(power);
    sum += power;
  }
  const mean = sum / bins;
  return mean < 1e-9 ? null : Math.exp(logs / bins) / mean;
}

/** The table of detectors, in the order in which they run. */
const DETECTORS = [
  { name: "entropy-windows", applies: () => true, create: () => new EntropyWindows() },
  { name: "duplicate-blocks", applies: () => true, create: () => new DuplicateBlocks() },
  {
    name: "container-structure",
    applies: ContainerStructure.knows,
    create: (probe) => new ContainerStructure(probe),
  },
  { name: "spectral-flatness", applies: (probe) => Boolean(probe.wav), create: (probe) => new SpectralFlatness(probe) },
];

/** Every detector's name. */
export const DETECTOR_NAMES = DETECTORS.map((detector) => detector.name);

/**
 * The detectors that can work on a file of this kind; none on a file that is no medium.
 *
 * @param {import("./probe.js").Kind} kind
 * @returns {string[]}
 */
export function detectorsFor(kind) {
  if (kind.mediaType === "UNKNOWN") return [];
  return DETECTORS.filter((detector) => detector.applies(kind)).map((detector) => detector.name);
}

/**
 * @param {string} name
 * @param {import("./probe.js").Kind} kind
 * @returns {{push(chunk: Buffer): void, finish(): ReturnType<typeof verdict>}}
 */
export function createDetector(name, kind) {
  const detector = DETECTORS.find((candidate) => candidate.name === name);
  if (!detector) throw new Error(`no detector is named ${name}`);
  return detector.create(kind);
}
