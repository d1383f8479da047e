// Bundles the page, serves it on a free port of this machine, and prints what a headless browser measures.
//
//   CHROME=… node benches/parser/run.js FOLDER     where FOLDER holds wasm-bindgen's output
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const tests = new URL("../../tests/", import.meta.url);
const require = createRequire(tests);
const { build } = require("esbuild");
const { chromium } = require("playwright-core");

const EVENTS = 10_000;
const folder = process.argv[2];
const page = await build({
  entryPoints: [join(here, "page.js")],
  nodePaths: [fileURLToPath(new URL("node_modules", tests))],
  bundle: true,
  format: "esm",
  minify: true,
  write: false,
});
const files = {
  "/": ["text/html", "<!doctype html><title>bench</title>"],
  "/page.js": ["text/javascript", page.outputFiles[0].contents],
  "/ours.js": ["text/javascript", await readFile(join(folder, "telltale_parser_bench.js"))],
  "/ours.wasm": ["application/wasm", await readFile(join(folder, "telltale_parser_bench_bg.wasm"))],
};
const server = createServer((request, response) => {
  const [type, content] = files[request.url] ?? [];
  if (!type) return response.writeHead(404).end();
  // An isolated page has a clock of five microseconds instead of a hundred.
  response.writeHead(200, {
    "Content-Type": type,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
  });
  response.end(content);
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const browser = await chromium.launch({
  executablePath: process.env.CHROME,
  args: [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--enable-precise-memory-info",
    "--js-flags=--expose-gc",
  ],
});
try {
  console.log(
    `\nA frame into a packet and back, in Chromium ${browser.version()}: µs, and ours as a multiple of socket.io-parser`,
  );
  console.log(row("", "ours", "theirs", "ratio", "border"));
  for (const { name, ours, theirs, ratio, border } of await inPage(({ measureTimes }, { Parser }) =>
    measureTimes(Parser),
  )) {
    console.log(row(name, ours.toFixed(2), theirs.toFixed(2), ratio.toFixed(2), border?.toFixed(2) ?? ""));
  }
  console.log(
    "border: of ours, what the text takes from JavaScript into wasm; see benches/parser/page.js for the rest",
  );
  console.log(`\nMemory of ${EVENTS} decoded events: MB`);
  console.log(row("", "ours", "theirs", "ratio"));
  for (const name of ["200 B", "1.2 KB"]) {
    const ours = await inPage(
      ({ measureOurMemory }, { Parser }, wasm, [shape, count]) => measureOurMemory(Parser, wasm, shape, count),
      [name, EVENTS],
    );
    const theirs = await inPage(
      ({ measureTheirMemory }, _ours, _wasm, [shape, count]) => measureTheirMemory(shape, count),
      [name, EVENTS],
    );
    console.log(row(name, (ours / 1e6).toFixed(1), (theirs / 1e6).toFixed(1), (ours / theirs).toFixed(2)));
  }
} finally {
  await browser.close();
  server.close();
}

/** Runs a function in a fresh page, with what the two scripts export and our instance's exports. */
async function inPage(run, ...more) {
  const tab = await browser.newPage();
  await tab.goto(`http://127.0.0.1:${server.address().port}/`);
  const source = `(async (more) => {
    const [page, ours] = await Promise.all([import("/page.js"), import("/ours.js")]);
    const wasm = await ours.default({ module_or_path: "/ours.wasm" });
    return (${run})(page, ours, wasm, ...more);
  })(${JSON.stringify(more)})`;
  const result = await tab.evaluate(source);
  await tab.close();
  return result;
}

function row(name, ...columns) {
  return name.padEnd(24) + columns.map((column) => column.padStart(10)).join("");
}
