/**
 * The other side: what `socket.io-parser`, `engine.io-parser` and `JSON` make of a case, in the words of `packets.rs`.
 *
 * Law: nothing here judges; where the originals are odd, the oddity is written down as it is.
 */
import * as engineParser from "engine.io-parser";
import * as socketParser from "socket.io-parser";

const { Decoder, Encoder, PacketType } = socketParser;

/** @param {object} described a case, as `Cases` draws it @returns {unknown} */
export function reference(described) {
  const [[kind, what]] = Object.entries(described);
  return { json, engine, payload, post, socket, encode }[kind](what);
}

function json(text) {
  try {
    return plain(JSON.parse(text));
  } catch (error) {
    return failed(error);
  }
}

function engine(frame) {
  return enginePacket(engineParser.decodePacket(frame, "nodebuffer"));
}

function payload(body) {
  return engineParser.decodePayload(body, "nodebuffer").map(enginePacket);
}

function enginePacket({ type, data = "" }) {
  if (type === "error") return { error: data };
  let encoded;
  engineParser.encodePacket({ type, data }, true, (written) => (encoded = plain(written)));
  return { type, data: plain(data), encoded };
}

function post(messages) {
  const packets = messages.map((message) => ({ type: "message", data: toFrame(message) }));
  let body = "";
  engineParser.encodePayload(packets, (written) => (body = written));
  return body;
}

function socket(frames) {
  let decoder = new Decoder();
  return frames.map((frame) => {
    let outcome = null;
    decoder.on("decoded", (packet) => (outcome = packetDescribed(packet)));
    try {
      // For a message without a text, `engine.io-parser` hands on nothing, which is no text to `socket.io-parser`.
      decoder.add(toFrame(frame) || undefined);
    } catch (error) {
      // The connection would be closed, and the next one begins with a decoder that waits for nothing.
      decoder = new Decoder();
      return failed(error);
    }
    decoder.off("decoded");
    return outcome;
  });
}

function packetDescribed({ type, nsp, id, data }) {
  const isRefusal = type === PacketType.CONNECT_ERROR;
  return {
    type: PacketType[type],
    nsp,
    id: id === undefined ? null : String(id),
    data: isRefusal
      ? refusal(data)
      : type === PacketType.EVENT
        ? event(data)
        : data === undefined && type < 2
          ? null
          : plain(data),
  };
}

/** An event's name is a string, whatever it came as. */
function event(data) {
  return Array.isArray(data) ? [toText(String(data[0])), ...data.slice(1).map(plain)] : plain(data);
}

/** As `socket.io-client` reads it, but without throwing where there is no payload. */
function refusal(data) {
  if (typeof data === "string") return [toText(data), null];
  const message = typeof data?.message === "string" ? toText(data.message) : "";
  return [message, plain(data?.data ?? null)];
}

function encode(packet) {
  const frames = new Encoder().encode({ ...packet, type: PacketType[packet.type] });
  return frames.map((frame) => plain(frame));
}

/** A text, or the bytes of an attachment. */
function toFrame(frame) {
  return typeof frame === "string" ? frame : Buffer.from(frame["@"], "hex");
}

/** A value so that nothing is lost or moved on the way; halves of surrogate pairs become U+FFFD, our one rule. */
export function plain(value) {
  if (value === undefined) return { undefined: true };
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "string") return toText(value);
  if (typeof value === "number") return { "#": bits(value) };
  if (Buffer.isBuffer(value)) return { "@": value.toString("hex") };
  if (Array.isArray(value)) return value.map(plain);
  const members = new Map(Object.entries(value).map(([key, member]) => [toText(key), plain(member)]));
  return { "{": [...members] };
}

/** The count of texts that held half a surrogate pair since the last time this was asked. */
export function takeHalves() {
  const count = halves;
  halves = 0;
  return count;
}

let halves = 0;

function toText(text) {
  if (!text.isWellFormed()) halves += 1;
  return text.toWellFormed();
}

function bits(number) {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(number);
  return bytes.toString("hex");
}

function failed(error) {
  return { error: String(error.message) };
}
