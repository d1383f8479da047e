import assert from "node:assert/strict";
import { test } from "node:test";
import { Tap } from "./tap.js";
import { real } from "./vocabulary.js";

test("without rules an event passes once and is counted by name and kind", () => {
  const { tap, left } = tapped();
  tap.toRoom("r", "progress_update", { event: "X" });
  assert.deepEqual(left, ["X"]);
  assert.deepEqual(tap.emitted, { progress_update: 1, "progress_update/X": 1 });
});

for (const [name, rule, sent, heard, dropped] of [
  ["drops the stated number", { action: "drop", count: 2 }, "AAA", "A", 2],
  ["skips before it acts", { action: "drop", skip: 1 }, "ABC", "AC", 1],
  ["doubles", { action: "duplicate" }, "AB", "AAB", 0],
  ["makes the stated copies", { action: "duplicate", copies: 3 }, "A", "AAAA", 0],
  ["turns its window round", { action: "reorder", count: 3, window: 3 }, "ABCD", "CBAD", 0],
  ["acts on matching events alone", { action: "drop", count: 9, match: { event: "B" } }, "ABAB", "AA", 2],
]) {
  test(`a rule ${name}`, () => {
    const { tap, left } = tapped();
    tap.addRule({ event: "progress_*", ...rule });
    for (const event of sent) tap.toRoom("r", "progress_update", { event });
    assert.equal(left.join(""), heard);
    assert.equal(tap.dropped.progress_update ?? 0, dropped);
  });
}

test("a rule delays by its time", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { tap, left } = tapped();
  tap.addRule({ event: "progress_update", action: "delay", ms: 100 });
  for (const event of "AB") tap.toRoom("r", "progress_update", { event });
  assert.equal(left.join(""), "B");
  t.mock.timers.tick(99);
  assert.equal(left.join(""), "B");
  t.mock.timers.tick(1);
  assert.equal(left.join(""), "BA");
});

test("held events leave when the rules are cleared", () => {
  const { tap, left } = tapped();
  tap.addRule({ event: "*", action: "reorder", count: 5, window: 5 });
  for (const event of "AB") tap.toRoom("r", "progress_update", { event });
  assert.deepEqual(left, []);
  tap.clearRules();
  assert.deepEqual(left, ["B", "A"]);
  tap.close();
});

test("an unknown action is refused", () => {
  assert.throws(() => tapped().tap.addRule({ event: "x", action: "explode" }), /one of drop/);
});

function tapped() {
  const left = [];
  const io = { to: () => ({ emit: (_event, payload) => left.push(payload.event) }) };
  return { tap: new Tap(io, real), left };
}
