// What the page and the widget weigh, file by file, against the budgets. Brotli 11, as a server would precompress.
import { readdirSync, readFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const KB = 1000;
const budgets = [
  {
    name: "dist (first load of the page)",
    folder: "dist",
    limit: 100 * KB,
    counts: (file) => /\.(html|js|css|wasm)$/.test(file),
  },
  {
    name: "pkg (the widget)",
    folder: "pkg",
    limit: 90 * KB,
    counts: (file) => /\.(js|css|wasm)$/.test(file) && !file.startsWith("demo."),
  },
];

let isOver = false;
for (const { name, folder, limit, counts } of budgets) {
  const sums = [0, 0, 0];
  console.log(`\n${name}`);
  console.log(row("file", "raw", "gzip", "brotli"));
  for (const file of readdirSync(folder, { recursive: true }).filter(counts).sort()) {
    const bytes = readFileSync(`${folder}/${file}`);
    const sizes = [bytes.length, gzipSync(bytes, { level: 9 }).length, brotli(bytes)];
    sizes.forEach((size, index) => (sums[index] += size));
    console.log(row(file, ...sizes));
  }
  console.log(row("sum", ...sums));
  const verdict = sums[2] <= limit ? "within" : "OVER";
  console.log(`${verdict} the budget of ${limit} bytes brotli`);
  isOver ||= sums[2] > limit;
}
process.exit(isOver ? 1 : 0);

function brotli(bytes) {
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
}

function row(file, ...sizes) {
  return file.padEnd(40) + sizes.map((size) => String(size).padStart(10)).join("");
}
