/**
 * Compares our parsers with the reference's, case by case, and fails on any difference that no exception explains.
 *
 *   node tests/differential/run.js [--count N] [--seed S]
 *
 * Cases are drawn here, answered here by the original parsers, and by ours in a process that `cargo run` starts.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { once } from "node:events";
import { parseArgs } from "node:util";
import { Cases } from "./cases.js";
import { EXCEPTIONS } from "./exceptions.js";
import { Random } from "./random.js";
import { plain, reference, takeHalves } from "./reference.js";

/** Differences that are shown in full. */
const SHOWN = 10;
/** Cases that are under way at once; bounds what either side keeps. */
const BATCH = 1000;

const { values } = parseArgs({ options: { count: { type: "string" }, seed: { type: "string" } } });
const count = Number(values.count ?? 100_000);
const seed = Number(values.seed || Date.now() % 2 ** 32);
if (!(count > 0) || !Number.isInteger(seed)) throw new TypeError("--count and --seed are numbers");
console.log(`differential: seed ${seed}`);

const child = spawn("cargo", ["run", "--quiet", "--locked", "--example", "packets"], {
  stdio: ["pipe", "pipe", "inherit"],
});
const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
const cases = new Cases(new Random(seed));
const explained = new Map(EXCEPTIONS.map(({ name }) => [name, 0]));
const unexplained = [];
let halves = 0;
let accepted = 0;

for (let compared = 0; compared < count; compared += BATCH) {
  const batch = Array.from({ length: Math.min(BATCH, count - compared) }, () => cases.next());
  const lines = batch.map((drawn) => JSON.stringify(drawn.encode ? { encode: toSend(drawn.encode) } : drawn) + "\n");
  child.stdin.write(lines.join(""));
  for (const drawn of batch) {
    const { value: line, done } = await answers.next();
    if (done) throw new Error(`our side ended early, at ${JSON.stringify(drawn)}`);
    const theirs = reference(drawn);
    halves += Math.min(1, takeHalves());
    accepted += Number(!JSON.stringify(theirs).includes('{"error":'));
    compare(drawn, theirs, JSON.parse(line));
  }
}
child.stdin.end();
const [code] = await once(child, "exit");
if (code !== 0) throw new Error(`our side ended with ${code}`);

console.log(`${String(accepted).padStart(7)}  cases without anything that the reference refuses`);
const reasons = new Map(EXCEPTIONS.map(({ name, reason }) => [name, reason]));
for (const [name, times] of explained) console.log(`${String(times).padStart(7)}  ${name}: ${reasons.get(name)}`);
console.log(
  `${String(halves).padStart(7)}  half a surrogate pair: U+FFFD, where JavaScript keeps the half; compared so`,
);
for (const { drawn, theirs, ours } of unexplained.slice(0, SHOWN)) {
  console.log(`\n${JSON.stringify(drawn)}\n  reference ${JSON.stringify(theirs)}\n  ours      ${JSON.stringify(ours)}`);
}
console.log(`differential: ${count} compared, ${unexplained.length} unexplained`);
process.exitCode = unexplained.length === 0 ? 0 : 1;

/** Part by part up to the first difference: after it the two may be in different states. */
function compare(drawn, theirs, ours) {
  const [[kind, what]] = Object.entries(drawn);
  if (kind === "payload") {
    const parts = what.split("\u001e");
    const last = Math.max(theirs.length, ours.length);
    for (let index = 0; index < last; index++) {
      if (!judge(drawn, "engine", parts[index] ?? "", theirs[index] ?? null, ours[index] ?? null)) return;
    }
  } else if (kind === "socket") {
    let header = "";
    for (const [index, frame] of what.entries()) {
      // What comes of an attachment depends on the text that announced it.
      if (typeof frame === "string") header = frame;
      if (!judge(drawn, kind, header, theirs[index], ours[index])) return;
    }
  } else {
    judge(drawn, kind, what, theirs, ours);
  }
}

/** Whether both are the same. */
function judge(drawn, kind, input, theirs, ours) {
  if (same(theirs, ours)) return true;
  const exception = EXCEPTIONS.find((one) => one.kind === kind && one.applies(input, theirs, ours));
  if (exception) explained.set(exception.name, explained.get(exception.name) + 1);
  else unexplained.push({ drawn, theirs, ours });
  return false;
}

function same(theirs, ours) {
  const isError = (outcome) => typeof outcome?.error === "string";
  return isError(theirs) ? isError(ours) : JSON.stringify(theirs) === JSON.stringify(ours);
}

function toSend({ type, nsp, id, data }) {
  return { type, nsp, id, data: plain(data) };
}
