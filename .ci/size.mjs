// What the page and the widget weigh, file by file, against the budgets. Brotli 11, as a server would precompress.
//
// Every file is listed; those marked with a dot are what a first load brings, and count. Those with a plus are parts of
// the program that are loaded when somebody does something (`tests/e2e/front.test.js` sees that they are not before).
import { readdirSync, readFileSync, statSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const KB = 1000;
const targets = [
  {
    name: "dist (the page)",
    folder: "dist",
    limit: 100 * KB,
    counts: (file) => /\.(html|js|css|wasm)$/.test(file) && !isLater(file),
    loader: "boot.js",
  },
  {
    name: "pkg (the widget)",
    folder: "pkg",
    limit: 90 * KB,
    counts: (file) => /\.(js|css|wasm)$/.test(file) && !file.startsWith("demo."),
    loader: "index.js",
  },
];
// The hand-written JavaScript that runs before the program is there.
const LOADER_LIMIT = 3 * KB;

/** A part of the program that wasm-split has cut off, or what two of them share. */
const isLater = (file) => /(split|chunk)_\w+\.wasm$/.test(file);

let isOver = false;
for (const { name, folder, limit, counts, loader } of targets) {
  const sums = [0, 0, 0];
  const later = [0, 0, 0];
  const files = readdirSync(folder, { recursive: true }).filter((file) => statSync(`${folder}/${file}`).isFile());
  console.log(`\n${name}`);
  console.log(row("file", "raw", "gzip", "brotli"));
  for (const file of files.sort()) {
    const bytes = readFileSync(`${folder}/${file}`);
    const sizes = [bytes.length, gzipSync(bytes, { level: 9 }).length, brotli(bytes)];
    if (counts(file)) sizes.forEach((size, index) => (sums[index] += size));
    if (isLater(file)) sizes.forEach((size, index) => (later[index] += size));
    console.log(row(`${counts(file) ? "·" : isLater(file) ? "+" : " "} ${file}`, ...sizes));
  }
  console.log(row("  sum of ·", ...sums));
  if (later[0]) console.log(row("  sum of · and +", ...sums.map((sum, index) => sum + later[index])));
  judge("first load", sums[2], limit);
  judge(`loader (${loader})`, brotli(readFileSync(`${folder}/${loader}`)), LOADER_LIMIT);
}
process.exit(isOver ? 1 : 0);

function judge(what, size, limit) {
  isOver ||= size > limit;
  console.log(`${what}: ${size} of ${limit} bytes brotli, ${size <= limit ? "within" : "OVER"} the budget`);
}

function brotli(bytes) {
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
}

function row(file, ...sizes) {
  return file.padEnd(40) + sizes.map((size) => String(size).padStart(10)).join("");
}
