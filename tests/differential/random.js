/**
 * Chance from a seed: the same seed draws the same cases on every machine.
 *
 * Law: no other module here draws anything.
 */
export class Random {
  #state;

  /** @param {number} seed any 32-bit integer */
  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** A number in [0, 1): mulberry32, 32 bits of state. */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let bits = this.#state;
    bits = Math.imul(bits ^ (bits >>> 15), bits | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  }

  /** @param {number} limit an integer in [0, limit) comes out */
  below(limit) {
    return Math.floor(this.next() * limit);
  }

  /** @param {number} share how often it is true, 0 to 1 */
  chance(share) {
    return this.next() < share;
  }

  /** @template T @param {readonly T[]} list @returns {T} */
  pick(list) {
    return list[this.below(list.length)];
  }

  /** @template T @param {number} limit fewer than so many @param {() => T} make @returns {T[]} */
  some(limit, make) {
    return Array.from({ length: this.below(limit) }, make);
  }
}
