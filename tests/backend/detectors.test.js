import assert from "node:assert/strict";
import { test } from "node:test";
import { byteEntropy, createDetector, detectorsFor, fft } from "./detectors.js";
import { probe } from "./probe.js";
import { box, jpeg, mp4, noise, png, tone, wav } from "./samples.js";

for (const [name, bytes, least, most] of [
  ["all zeros", Buffer.alloc(4096), 0, 0],
  ["two values in equal shares", Buffer.from(Array.from({ length: 4096 }, (_, i) => i % 2)), 1, 1],
  ["every value once", Buffer.from(Array.from({ length: 256 }, (_, i) => i)), 8, 8],
  ["noise", noise(65_536), 7.98, 8],
  ["nothing", Buffer.alloc(0), 0, 0],
]) {
  test(`the entropy of ${name} lies in ${least}..${most} bits`, () => {
    const bits = byteEntropy(bytes);
    assert.ok(bits >= least - 1e-9 && bits <= most + 1e-9, `found ${bits}`);
  });
}

test("a uniform file has no entropy spread and a mixed one is suspicious", () => {
  assert.equal(measure("entropy-windows", noise(40_960)).prediction, "REAL");
  const mixed = measure("entropy-windows", Buffer.concat([Buffer.alloc(20_480), noise(20_480)]));
  assert.equal(mixed.prediction, "FAKE");
  assert.equal(mixed.measures.min_bits, 0);
  assert.ok(mixed.measures.max_bits > 7.9);
});

test("duplicate blocks are the share of blocks seen before", () => {
  const block = noise(4096);
  const { measures } = measure("duplicate-blocks", Buffer.concat([block, noise(4096, 7), block, block]));
  assert.deepEqual(measures, { blocks: 4, repeated: 2, repeated_share: 0.5 });
  assert.equal(measure("duplicate-blocks", noise(65_536)).measures.repeated, 0);
});

for (const [name, bytes, wellFormed] of [
  ["a wav", tone(2000), true],
  ["a png", png(16), true],
  ["an mp4", mp4(5000), true],
  ["a jpeg", jpeg(), true],
  ["an mp4 whose last box runs to the end", openEnded(), true],
  ["a truncated wav", tone(2000).subarray(0, 1000), false],
  ["a truncated png", png(16).subarray(0, 60), false],
  ["a truncated mp4", mp4(5000).subarray(0, 3000), false],
  ["a truncated jpeg", jpeg().subarray(0, -2), false],
  ["a png with a flipped bit", flipped(png(16), 45), false],
  ["an mp4 without moov", Buffer.concat([box("ftyp", Buffer.from("isom")), box("mdat", noise(10))]), false],
  ["an mp4 with a box of size 3", Buffer.concat([mp4(10), Buffer.from([0, 0, 0, 3, 65, 65, 65, 65])]), false],
]) {
  test(`${name} is ${wellFormed ? "well formed" : "malformed"} however it is cut`, () => {
    for (const step of [1, 7, 4096]) {
      const { measures, prediction } = measure("container-structure", bytes, step);
      assert.equal(measures.well_formed, wellFormed, `step ${step}: ${measures.problems.join("; ")}`);
      assert.equal(prediction, wellFormed ? "REAL" : "FAKE");
    }
  });
}

test("a tone is not flat and noise is as flat as white noise", () => {
  assert.ok(measure("spectral-flatness", tone(16_000)).measures.mean_flatness < 0.05);
  const random = noise(32_000);
  const { mean_flatness: flat } = measure(
    "spectral-flatness",
    wav((i) => random.readInt16LE(2 * i) / 32_768, 16_000),
  ).measures;
  assert.ok(Math.abs(flat - 0.56) < 0.05, `found ${flat}`);
});

test("digital silence has no spectrum to judge", () => {
  const { measures, prediction } = measure(
    "spectral-flatness",
    wav(() => 0, 16_000),
  );
  assert.deepEqual(measures, { windows: 0, mean_flatness: 0 });
  assert.equal(prediction, "REAL");
});

test("the transform of a whole cycle has its power in one bin", () => {
  const re = Float64Array.from({ length: 64 }, (_, i) => Math.cos((2 * Math.PI * 5 * i) / 64));
  const im = new Float64Array(64);
  fft(re, im);
  const power = Array.from({ length: 32 }, (_, k) => re[k] ** 2 + im[k] ** 2);
  assert.ok(Math.abs(power[5] - 1024) < 1e-6);
  assert.ok(power.every((value, k) => k === 5 || value < 1e-6));
});

for (const [name, bytes, mediaType, detectors] of [
  ["a wav", tone(100), "AUDIO", ["entropy-windows", "duplicate-blocks", "container-structure", "spectral-flatness"]],
  ["a png", png(4), "IMAGE", ["entropy-windows", "duplicate-blocks", "container-structure"]],
  ["an mp4", mp4(10), "VIDEO", ["entropy-windows", "duplicate-blocks", "container-structure"]],
  ["an mp3", Buffer.from("ID3\x04 etc"), "AUDIO", ["entropy-windows", "duplicate-blocks"]],
  ["a text", Buffer.from("hello"), "UNKNOWN", []],
  [
    "a wav cut in its header",
    tone(100).subarray(0, 20),
    "AUDIO",
    ["entropy-windows", "duplicate-blocks", "container-structure"],
  ],
]) {
  test(`${name} is ${mediaType} and gets the detectors that can read it`, () => {
    const kind = probe(bytes, bytes.length);
    assert.equal(kind.mediaType, mediaType);
    assert.deepEqual(detectorsFor(kind), detectors);
  });
}

test("every result says that it is a demo and stays within its ranges", () => {
  const bytes = tone(5000);
  for (const name of detectorsFor(probe(bytes, bytes.length))) {
    const result = measure(name, bytes);
    assert.equal(result.detector, "demo detector");
    assert.equal(result.simulated, true);
    assert.match(result.prediction, /^(REAL|FAKE)$/);
    assert.ok(result.confidence >= 0.5 && result.confidence <= 1);
  }
});

function measure(name, bytes, step = 1000) {
  const detector = createDetector(name, probe(bytes, bytes.length));
  for (let at = 0; at < bytes.length; at += step) detector.push(bytes.subarray(at, at + step));
  return detector.finish();
}

function openEnded() {
  const file = mp4(100);
  file.writeUInt32BE(0, file.length - 108);
  return file;
}

function flipped(bytes, at) {
  bytes[at] ^= 1;
  return bytes;
}
