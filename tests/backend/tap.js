/**
 * The tap: the one place through which every event of a backend leaves, so that a test can drop, delay, duplicate,
 * reorder and count it there.
 *
 * Law: without rules an event passes at once and unchanged. A rule acts on a stated number of events and is then gone.
 *
 * Left out: which events exist and who may hear them; a backend decides that before the tap.
 */

/** Most event names counted; a test that invents more gets them under "other". */
const MOST_NAMES = 500;

/** How long a reordering rule holds events when too few come to fill its window. */
const REORDER_WAIT_MS = 1000;

const ACTIONS = ["drop", "delay", "duplicate", "reorder"];

export class Tap {
  /**
   * @param {import("socket.io").Server} io
   * @param {(event: string, args: unknown[]) => [string, ...unknown[]][]} vocabulary from the real names to those spoken
   */
  constructor(io, vocabulary) {
    this.io = io;
    this.vocabulary = vocabulary;
    this.rules = [];
    this.nextRule = 1;
    this.timers = new Set();
    this.emitted = {};
    this.dropped = {};
  }

  /** @param {string} room @param {string} event @param {...unknown} args */
  toRoom(room, event, ...args) {
    this.#speak({ room }, event, args);
  }

  /** @param {import("socket.io").Socket} socket the one in the room that is not told */
  toOthers(socket, room, event, ...args) {
    this.#speak({ room, except: socket }, event, args);
  }

  /** @param {import("socket.io").Socket} socket */
  toSocket(socket, event, ...args) {
    this.#speak({ socket }, event, args);
  }

  /** To every socket of the backend, whoever it belongs to. */
  toAll(event, ...args) {
    this.#speak({}, event, args);
  }

  /** An event as it is, whatever the vocabulary: what a test emits. Rules do not apply to it. */
  raw(target, event, args) {
    this.#deliver({ target, event, args });
  }

  /**
   * @param {{event: string, action: string, count?: number, skip?: number, ms?: number, copies?: number,
   *   window?: number, match?: Record<string, unknown>}} rule `event` is a name or a prefix ending in `*`; `match`
   *   compares fields of the first argument or of its `data`
   * @returns {number} the rule's id
   */
  addRule(rule) {
    if (typeof rule.event !== "string") throw new Error("a rule needs an event");
    if (!ACTIONS.includes(rule.action)) throw new Error(`a rule's action is one of ${ACTIONS.join(", ")}`);
    const id = this.nextRule;
    this.nextRule += 1;
    this.rules.push({ count: 1, skip: 0, ms: 500, copies: 1, window: 2, match: {}, ...rule, id, held: [] });
    return id;
  }

  /** Removes all rules; what they hold back leaves now. */
  clearRules() {
    for (const rule of this.rules) this.#release(rule);
    this.rules = [];
  }

  /** Forgets rules, counters and everything still delayed. */
  close() {
    this.rules = [];
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
  }

  resetCounts() {
    this.emitted = {};
    this.dropped = {};
  }

  #speak(target, event, args) {
    for (const [name, ...spoken] of this.vocabulary(event, args)) {
      this.#pass({ target: name === "batch_update" ? {} : target, event: name, args: spoken });
    }
  }

  #pass(emission) {
    const rule = this.rules.find((candidate) => matches(candidate, emission));
    if (!rule) return this.#deliver(emission);
    if (rule.skip > 0) {
      rule.skip -= 1;
      return this.#deliver(emission);
    }
    rule.count -= 1;
    if (rule.action === "drop") count(this.dropped, emission);
    else if (rule.action === "delay") this.#after(rule.ms, () => this.#deliver(emission));
    else if (rule.action === "duplicate") {
      for (let i = 0; i <= rule.copies; i += 1) this.#deliver(emission);
    } else this.#hold(rule, emission);
    if (rule.count <= 0) this.rules = this.rules.filter((other) => other !== rule);
  }

  #hold(rule, emission) {
    if (rule.held.length === 0) this.#after(rule.ms || REORDER_WAIT_MS, () => this.#release(rule));
    rule.held.push(emission);
    if (rule.held.length >= rule.window) this.#release(rule);
  }

  #release(rule) {
    for (const emission of rule.held.splice(0).reverse()) this.#deliver(emission);
  }

  #after(ms, act) {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      act();
    }, ms);
    this.timers.add(timer);
  }

  #deliver(emission) {
    const { target, event, args } = emission;
    count(this.emitted, emission);
    if (target.socket) target.socket.emit(event, ...args);
    else if (target.except) target.except.to(target.room).emit(event, ...args);
    else if (target.room !== undefined) this.io.to(target.room).emit(event, ...args);
    else this.io.emit(event, ...args);
  }
}

function matches(rule, { event, args }) {
  const named = rule.event.endsWith("*") ? event.startsWith(rule.event.slice(0, -1)) : event === rule.event;
  const payload = args[0] ?? {};
  return named && Object.entries(rule.match).every(([key, value]) => (payload[key] ?? payload.data?.[key]) === value);
}

/** Counts an event by name; one with a kind inside (`progress_update`) also as `name/KIND`. */
function count(counts, { event, args }) {
  const kind = args[0]?.event;
  const names = typeof kind === "string" ? [event, `${event}/${kind}`] : [event];
  for (const name of names) {
    const key = name in counts || Object.keys(counts).length < MOST_NAMES ? name : "other";
    counts[key] = (counts[key] ?? 0) + 1;
  }
}
