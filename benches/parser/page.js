// In the browser: our parser and the reference's, over the same frames, turn by turn.
//
// Law: the two take turns, so that whatever else the machine does meets both. What is told is a ratio of neighbours;
// the times beside it say what kind of machine it was.
//
// Why ours is slower, up to three times: a text is first copied from JavaScript into wasm (the column "border", a sixth
// of decoding, and nothing that theirs needs); keys and short strings are allocated each, where V8 keeps one of a kind;
// and the product is built for size: built for speed, the ratios of decoding fall by a fifth to a quarter, for 13 KB. An
// attachment is copied twice, into wasm and out of the frame that it came in. Why it takes three times the memory: V8
// keeps keys once for all objects of a shape. A page keeps no events, only what they say.
import { decodePacket, encodePacket } from "engine.io-parser";
import { Decoder, Encoder } from "socket.io-parser";
import { shapes } from "./shapes.js";

/** Turns of each, after half as many to warm up. */
const ROUNDS = 41;

/** The reference's way from a frame to a packet and back, as its client goes it. */
class Reference {
  constructor() {
    this.encoder = new Encoder();
    this.decoder = new Decoder();
    this.decoder.on("decoded", (packet) => (this.packet = packet));
  }

  decode(frame) {
    this.packet = undefined;
    this.decoder.add(decodePacket(frame, "arraybuffer").data);
    return this.packet;
  }

  encode(packet) {
    const frames = [];
    for (const data of this.encoder.encode(packet)) {
      encodePacket({ type: "message", data }, true, (frame) => frames.push(frame));
    }
    return frames;
  }
}

/**
 * Microseconds for decoding and encoding each shape, of either side.
 * @param {typeof import("./pkg/telltale_parser_bench.js").Parser} Parser
 */
export function measureTimes(Parser) {
  return shapes().flatMap(({ name, frames, batch }) => {
    const reference = new Reference();
    const packet = frames.map((frame) => reference.decode(frame)).at(-1);
    const ours = new Parser();
    const oursOnce = (text, binary) => {
      for (const frame of frames) typeof frame === "string" ? ours[text](frame) : ours[binary](frame);
    };
    const [text] = reference.encode(packet);
    if (text !== frames[0]) throw new Error(`the reference does not encode ${name} as it was`);
    oursOnce("keep", "keep_binary");
    ours.multiply(2);
    if (ours.encode() !== text) throw new Error(`we do not encode ${name} as it was`);
    const crossing = alternate(
      () => {
        for (let times = batch; times > 0; times--) ours.cross(text);
      },
      () => {},
      batch,
    );
    return [
      {
        name: `decode ${name}`,
        border: crossing.ours,
        ...alternate(
          () => {
            for (let times = batch; times > 0; times--) oursOnce("decode", "decode_binary");
          },
          () => {
            for (let times = batch; times > 0; times--) for (const frame of frames) reference.decode(frame);
          },
          batch,
        ),
      },
      {
        name: `encode ${name}`,
        ...alternate(
          () => {
            // The last one stays, to be multiplied again.
            for (let times = batch; times > 0; times--) ours.encode();
          },
          () => {
            for (let times = batch; times > 0; times--) reference.encode(packet);
          },
          batch,
          () => ours.multiply(batch + 1),
        ),
      },
    ];
  });
}

function alternate(ours, theirs, batch, prepare = () => {}) {
  const rounds = [];
  for (let round = -ROUNDS >> 1; round < ROUNDS; round++) {
    prepare();
    const first = round % 2 === 0 ? ours : theirs;
    const second = first === ours ? theirs : ours;
    const times = new Map([first, second].map((run) => [run, timed(run) / batch]));
    if (round >= 0) rounds.push({ ours: times.get(ours), theirs: times.get(theirs) });
  }
  return {
    ours: median(rounds.map((round) => round.ours)),
    theirs: median(rounds.map((round) => round.theirs)),
    ratio: median(rounds.map((round) => round.ours / round.theirs)),
  };
}

/** Microseconds. */
function timed(run) {
  const begin = performance.now();
  run();
  return (performance.now() - begin) * 1000;
}

function median(numbers) {
  return numbers.toSorted((one, other) => one - other)[numbers.length >> 1];
}

/**
 * Bytes that so many decoded events take, in the linear memory of ours.
 * @param {{memory: WebAssembly.Memory}} wasm
 */
export function measureOurMemory(Parser, wasm, name, count) {
  const { frames } = shapes().find((shape) => shape.name === name);
  const parser = new Parser();
  const before = wasm.memory.buffer.byteLength;
  for (let kept = 0; kept < count; kept++) parser.keep(frames[0]);
  return wasm.memory.buffer.byteLength - before;
}

/** The same in the heap of JavaScript. */
export function measureTheirMemory(name, count) {
  const { frames } = shapes().find((shape) => shape.name === name);
  const reference = new Reference();
  const kept = new Array(count);
  globalThis.gc();
  const before = performance.memory.usedJSHeapSize;
  for (let index = 0; index < count; index++) kept[index] = reference.decode(frames[0]);
  reference.packet = undefined;
  globalThis.gc();
  const bytes = performance.memory.usedJSHeapSize - before;
  if (kept.length !== count) throw new Error("the events were not kept");
  return bytes;
}
