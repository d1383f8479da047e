/**
 * The cases: texts, frames and packets, from well-formed to nonsense.
 *
 * Law: whatever stands in a case could come over a WebSocket, so every text is well-formed Unicode; halves of surrogate
 * pairs exist only as JSON escapes. Most cases are nearly right, because nonsense is refused too early to test much.
 */

/** Texts at which parsers have failed: separators, blanks of all kinds, what JavaScript takes for a number. */
const PIECES = [
  "", "a", "x1", "é", "€", "😀", "\u2028", "\u00a0", "\ufeff", "\u001e", "\u0000", "\u007f", "٣", "１", ",", "/", "-",
  "[", "]", "{", "}", '"', "\\", " ", "\t", "\n", "__proto__", "constructor", "toString", "length", "hasOwnProperty",
  "_placeholder", "num", "0", "1", "01", "-1", "4294967294", "4294967295", "connect", "ping", "message",
]; // prettier-ignore

const EVENTS = [
  '"a"', '"progress_update"', '""', '"error"', '"ping"', '"\\u0061"', '"\\ud83d\\ude00"', '"\\ud800"', '"__proto__"',
  '"connect"', '"connect_error"', '"disconnect"', '"disconnecting"', '"newListener"', '"removeListener"', '"Connect"',
  '"\\u0063onnect"', "0", "-0", "5", "1.5", "1e21", "1e-7", "1e400", "null", "true", "[]", "{}", '{"toString":"foo"}',
]; // prettier-ignore

const NUMBERS = [
  "0", "-0", "1", "-1", "65", "65.0", "65.5", "0.1", "1e5", "1E+5", "1e-7", "123456789.125", "5e-324", "2e-324",
  "1.7976931348623157e308", "1.7976931348623159e308", "1e400", "-1e400", "9007199254740991", "9007199254740992",
  "9007199254740993", "18446744073709551615", "18446744073709551616", "123456789012345678901234567890",
  "100000000000000000000", "1000000000000000000000", "0.000001", "0.0000001", "2.2250738585072011e-308",
]; // prettier-ignore
const NO_NUMBERS = ["01", "+1", ".5", "1.", "1e", "-", "0x1", "NaN", "Infinity", "1_0", "--1", "٣"];

const COUNTS = ["1", "1", "1", "2", "2", "3", "9", "10", "11", "01", "0", "00", "", "99999999999999999999"];
const ODD_COUNTS = ["1.0", "1.5", "1e0", "+1", " 1", "1 ", "-1", "0x1", "0b1", "Infinity", "a", "٣", "1a"];
const IDS = [
  "", "", "", "0", "7", "13", "007", "00", "4294967296", "9007199254740991", "9007199254740992", "9007199254740993",
  "18446744073709551615", "18446744073709551616", "99999999999999999999999", "1.5", "1e3", "-1", "+1", " ", "1 ", "٣",
  "0x1", "\u00a0", "\n",
]; // prettier-ignore
const NAMESPACES = [
  "", "", "", "", "/,", "/a,", "/admin,", "/a/b,", "/é€😀,", "/a?token=x,", "/0,", "/1", "/", "/a b,", "/[,", '/{"x":1},',
  "/__proto__,", "//,", "/\u001e,", "a,", ",", "/-,",
]; // prettier-ignore

/** Draws cases of one kind after the other. */
export class Cases {
  /** @param {import("./random.js").Random} random */
  constructor(random) {
    this.random = random;
  }

  /** @returns {object} one member: the kind of case, and the case */
  next() {
    const { random } = this;
    const kind = random.below(22);
    if (kind < 4) return { json: this.#perhapsBroken(this.json(4)) };
    if (kind < 6) return { engine: this.#perhapsBroken(this.engine()) };
    if (kind < 10) return { socket: [this.#perhapsBroken(this.packet().text)] };
    if (kind < 16) return { socket: this.sequence() };
    if (kind < 20) return { encode: this.outgoing() };
    if (kind < 21) return { payload: this.#perhapsBroken(this.payload()) };
    return { post: [this.packet().text.toWellFormed(), ...random.some(6, () => this.#message())] };
  }

  // ── JSON, as a text ─────────────────────────────────────────────────────────────────────────────────────────────

  /** @param {number} depth levels of arrays and objects at the most */
  json(depth, attachments = 0) {
    const { random } = this;
    const blank = () => (random.chance(0.05) ? random.pick([" ", "\n", "\t", "\r", "  ", "\u00a0"]) : "");
    const kind = random.below(depth > 0 ? 12 : 7);
    if (attachments > 0 && random.chance(0.3)) return this.placeholder(attachments);
    switch (kind) {
      case 0:
        return random.pick(["null", "true", "false"]);
      case 1:
      case 2:
        return this.number();
      case 3:
      case 4:
      case 5:
      case 6:
        return this.string();
      case 7:
      case 8:
        return `[${random.some(5, () => blank() + this.json(depth - 1, attachments) + blank()).join(",")}]`;
      case 9:
        return random.chance(0.02) ? this.#deep() : this.placeholder(attachments);
      default: {
        const member = () => blank() + this.string() + blank() + ":" + blank() + this.json(depth - 1, attachments);
        return `{${random.some(random.chance(0.02) ? 40 : 5, member).join(",")}}`;
      }
    }
  }

  number() {
    const { random } = this;
    if (random.chance(0.02)) return random.pick(NO_NUMBERS);
    if (random.chance(0.6)) return random.pick(NUMBERS);
    if (random.chance(0.5)) return String((random.next() - 0.5) * 10 ** random.below(40));
    const digits = (limit) => Array.from({ length: 1 + random.below(limit) }, () => random.below(10)).join("");
    const exponent = random.chance(0.3) ? `e${random.pick(["", "+", "-"])}${random.below(330)}` : "";
    return `${random.pick(["", "-"])}${1 + random.below(9)}${digits(25)}.${digits(25)}${exponent}`;
  }

  string() {
    const { random } = this;
    const escape = () =>
      random.pick(["\\n", "\\t", "\\b", "\\f", "\\r", "\\/", "\\\\", '\\"', "\\u0000", "\\u001e", "\\u2028"]) +
      (random.chance(0.3)
        ? random.pick(["\\ud800", "\\udc00", "\\ud83d\\ude00", "\\uD83D\\uDE00", "\\udbff\\udfff"])
        : "");
    const broken = () => random.pick(["\\x", "\\u12", "\\u12g4", "\u0001", "\n", '"', "\\u{1}", "\\ud800\\u", "\\'"]);
    const part = () => {
      if (random.chance(0.005)) return broken();
      if (random.chance(0.2)) return escape();
      return JSON.stringify(random.pick(PIECES)).slice(1, -1);
    };
    return `"${random.some(4, part).join("")}"`;
  }

  /** What stands for an attachment, right or wrong. */
  placeholder(attachments) {
    const { random } = this;
    const right = String(random.below(Math.max(1, attachments)));
    const number = random.chance(0.9)
      ? right
      : random.pick(["-1", "-0", "0.5", String(attachments), "1e400", "null", "true", '"0"', '"splice"', "[]", "{}"]);
    const flag = random.chance(0.95) ? "true" : random.pick(["false", "1", '"true"', "null", "[]"]);
    const members = [`"_placeholder":${flag}`, `"num":${number}`];
    if (random.chance(0.03))
      members.push(random.pick(['"num":0', '"_placeholder":true', '"_placeholder":false', '"x":1']));
    if (random.chance(0.03)) members.shift();
    if (random.chance(0.1)) members.reverse();
    return `{${members.join(",")}}`;
  }

  #deep() {
    const { random } = this;
    const depth = 500 + random.below(30);
    const [open, close] = random.pick([["[", "]"], ['{"a":', "}"]]); // prettier-ignore
    return open.repeat(depth) + "0" + close.repeat(depth);
  }

  // ── frames ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** An Engine.IO frame. */
  engine() {
    const { random } = this;
    if (random.chance(0.4)) return "b" + this.#base64();
    const type = random.chance(0.9)
      ? String(random.below(7))
      : random.pick(["7", "9", "a", "B", "é", "😀", "", "-", " "]);
    return (
      type +
      random.pick(["", "", "probe", this.json(2), this.packet().text, ...random.some(3, () => random.pick(PIECES))])
    );
  }

  /** A body of the polling transport. */
  payload() {
    const { random } = this;
    return [this.engine(), ...random.some(6, () => this.engine())].join(
      random.chance(0.95) ? "\u001e" : "\u001e\u001e",
    );
  }

  #message() {
    const { random } = this;
    if (random.chance(0.5)) return this.#attachment();
    return (random.chance(0.1) ? random.pick(PIECES) : this.packet().text).toWellFormed();
  }

  #attachment() {
    const { random } = this;
    return { "@": Buffer.from(random.some(9, () => random.below(256))).toString("hex") };
  }

  #base64() {
    const { random } = this;
    const good = Buffer.from(random.some(12, () => random.below(256))).toString("base64");
    if (random.chance(0.7)) return good;
    if (random.chance(0.3)) return good.replace(/=+$/, "");
    return this.#broken(good) + random.pick(["", "=", "==", "===", " ", "-_", "A"]);
  }

  /** A Socket.IO packet in text, and how many attachments it announces. */
  packet() {
    const { random } = this;
    let type = random.pick(["0", "1", "2", "2", "2", "3", "3", "4", "5", "5", "5", "6", "6"]);
    if (random.chance(0.02)) type = random.pick(["7", "8", "9", "a", " ", "", "é", "-", "٣", "\n"]);
    const isBinary = type === "5" || type === "6";
    const count = isBinary ? random.pick(random.chance(0.9) ? COUNTS.slice(0, 8) : [...COUNTS, ...ODD_COUNTS]) : "";
    const attachments = Number.isInteger(Number(count)) ? Number(count) : 0;
    const dash = isBinary !== random.chance(0.01) ? "-" : "";
    const namespace = random.chance(0.7) ? random.pick(NAMESPACES) : "";
    const id = random.chance(0.7) ? random.pick(IDS.slice(0, 8)) : random.pick(IDS);
    const text = type + count + dash + namespace + id + this.#payload(random.chance(0.95) ? type : "2", attachments);
    return { text, attachments: isBinary ? attachments : 0 };
  }

  #payload(type, attachments) {
    const { random } = this;
    if (random.chance(0.03)) return this.json(3, attachments);
    if (random.chance(0.03)) return "";
    const values = () => random.some(4, () => this.json(3, attachments));
    switch (type) {
      case "0":
        return random.pick(["", '{"sid":"x"}', this.json(2)]);
      case "1":
        return "";
      case "3":
      case "6":
        return `[${values().join(",")}]`;
      case "4":
        return random.pick(['{"message":"no","data":{"code":1}}', '{"message":7}', '"plain"', "", this.json(2)]);
      default:
        return `[${[random.pick(random.chance(0.8) ? EVENTS.slice(0, 9) : EVENTS), ...values()].join(",")}]`;
    }
  }

  /** Frames as a connection brings them: packets with their attachments, and now and then something in between. */
  sequence() {
    const { random } = this;
    const frames = [];
    for (let packets = 1 + random.below(4); packets > 0; packets--) {
      const { text, attachments } = this.packet();
      frames.push(random.chance(0.1) ? this.#broken(text) : text);
      for (let missing = Math.min(attachments, 12); missing > 0; missing--) frames.push(this.#attachment());
      if (random.chance(0.05)) frames.pop();
      if (random.chance(0.05)) frames.push(this.#attachment());
    }
    if (random.chance(0.05)) frames.splice(random.below(frames.length), 0, this.packet().text);
    if (random.chance(0.05)) frames.splice(random.below(frames.length), 1);
    return frames.map((frame) => (typeof frame === "string" ? frame.toWellFormed() : frame));
  }

  #perhapsBroken(text) {
    return (this.random.chance(0.25) ? this.#broken(text) : text).toWellFormed();
  }

  /** A text with one or two small accidents. */
  #broken(text) {
    const { random } = this;
    for (let accidents = 1 + random.below(2); accidents > 0; accidents--) {
      const at = random.below(text.length + 1);
      const to = Math.min(text.length, at + random.below(4));
      const replaced = random.pick(["", "", random.pick(PIECES), text.slice(at, to) + text.slice(at, to)]);
      text = random.chance(0.2) ? text.slice(0, at) : text.slice(0, at) + replaced + text.slice(to);
    }
    return text;
  }

  // ── packets to be sent ──────────────────────────────────────────────────────────────────────────────────────────

  /** A packet as an application makes it; its data is JavaScript's own, with Buffers. */
  outgoing() {
    const { random } = this;
    const type = random.pick(["CONNECT", "DISCONNECT", "EVENT", "EVENT", "EVENT", "EVENT", "ACK", "ACK"]);
    const attachments = () => Array.from({ length: 9 + random.below(4) }, () => Buffer.from([random.below(256)]));
    const values = () => (random.chance(0.02) ? attachments() : random.some(4, () => this.#value(4)));
    const event = random.pick(PIECES);
    const data = {
      CONNECT: () => random.pick([null, {}, { token: random.pick(PIECES) }]),
      DISCONNECT: () => null,
      EVENT: () => [event, ...values()],
      ACK: values,
    }[type]();
    const isAnswered = type === "ACK" || (type === "EVENT" && random.chance(0.5));
    const id = isAnswered ? random.pick([0, 1, 13, 2 ** 32, Number.MAX_SAFE_INTEGER]) : null;
    return { type, nsp: random.pick(["/", "/", "/a", "/é😀", "/a/b"]), id, data };
  }

  #value(depth) {
    const { random } = this;
    switch (random.below(depth > 0 ? 8 : 5)) {
      case 0:
        return random.pick([null, true, false]);
      case 1:
        return random.pick([
          0,
          -0,
          1,
          -1,
          65.5,
          1e21,
          1e20,
          1e-6,
          1e-7,
          123456789012345680000,
          0.1,
          5e-324,
          NaN,
          Infinity,
          2 ** 53,
        ]);
      case 2:
        return (random.next() - 0.5) * 10 ** (random.below(60) - 30);
      case 3:
        return random.some(4, () => random.pick(PIECES)).join("");
      case 4:
        if (random.chance(0.02)) return { _placeholder: random.pick([true, false, 1]), num: 0 };
        return random.chance(0.4) ? Buffer.from(random.some(6, () => random.below(256))) : random.pick(PIECES);
      case 5:
      case 6:
        return random.some(4, () => this.#value(depth - 1));
      default: {
        const object = {};
        for (let members = random.below(4); members > 0; members--) {
          const key = random.some(3, () => random.pick(PIECES)).join("");
          // An assignment to `__proto__` would set the prototype.
          Object.defineProperty(object, key, {
            value: this.#value(depth - 1),
            enumerable: true,
            configurable: true,
            writable: true,
          });
        }
        return object;
      }
    }
  }
}
