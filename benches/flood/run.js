// Floods our page and an equivalent one in turns, and prints what a person would feel of it, and ours beside theirs.
//
//   CHROME=… node benches/flood/run.js DIST [--rounds 3] [--seconds 10] [--rate 5000] [--throttle 1] [--profile FOLDER]
//
// Law: the two take turns in one run, each in a fresh page of one browser, and what counts is the ratio of neighbours:
// the figures beside it say what kind of machine it was. A slow page fails nothing. A page that does not show what was
// sent fails: it may have been fast because it lost something.
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startHidable } from "../../tests/conformance/devtools.js";
import { installProbe, middleOf, shownList, shownModels, signIn } from "./probe.js";
import { EVENTS, filename, MEDIA, OPEN, USER } from "./script.js";
import { startServer } from "./server.js";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url));
const require = createRequire(new URL("../../tests/", import.meta.url));
const { build } = require("esbuild");

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "10" },
    rate: { type: "string", default: "5000" },
    /** How many times slower the browser pretends the processor is. */
    throttle: { type: "string", default: "1" },
    /** Where profiles of the floods go, for the DevTools of a browser; profiling slows both. */
    profile: { type: "string" },
  },
});
const [ROUNDS, SECONDS, RATE, THROTTLE] = ["rounds", "seconds", "rate", "throttle"].map((name) => +options[name]);
if (!(RATE * SECONDS <= EVENTS)) {
  console.error(
    `flood: --rate ${options.rate} for --seconds ${options.seconds} is no flood of at most ${EVENTS} events`,
  );
  process.exit(2);
}

/** Pages that are compared. */
const PAGES = { ours: "/ours/", theirs: "/react/" };

/** A person types or clicks ten times a second, which is as fast as they can. */
const INPUT_EVERY_MS = 100;

/** What is typed into the search, again and again: first it finds everything, then ten, then nothing is in its way. */
const TYPED = [..."clip-04", ...Array(7).fill("Backspace")];

/** Whatever is shorter is not noted by the browser, and told as this. */
const SHORTEST_INPUT_MS = 16;

/** How long a page may take to show all that was sent; then it has lost something. */
const PATIENCE_MS = 60_000;

/** Looking costs the page a moment, too. */
const LOOK_EVERY_MS = 25;

const VIEWS = {
  list: {
    title: "The list, while someone searches it",
    prepare: (page) => page.evaluate(`document.querySelector("input[type=search]").focus()`),
    inputs(page) {
      const count = Math.floor((SECONDS * 1000) / INPUT_EVERY_MS / TYPED.length) * TYPED.length;
      return paced(count, (at) => press(page, TYPED[at % TYPED.length]));
    },
  },
  item: {
    title: "One item and its models, while someone opens and closes the settings",
    async prepare(page) {
      await page.evaluate(
        `[...document.querySelectorAll("ul.media a")].find((link) => link.textContent === "${filename(OPEN)}").click()`,
      );
      await until(() => page.evaluate(`document.querySelectorAll("main ul.models > li").length`));
    },
    async inputs(page) {
      const { x, y } = await page.evaluate(`(${middleOf})("button[aria-label=Settings]")`);
      const how = { x, y, button: "left", clickCount: 1 };
      const count = Math.floor((SECONDS * 1000) / INPUT_EVERY_MS / 2) * 2;
      return paced(count, () => [
        page.send("Input.dispatchMouseEvent", { type: "mousePressed", ...how }),
        page.send("Input.dispatchMouseEvent", { type: "mouseReleased", ...how }),
      ]);
    },
  },
};

const server = await startServer({ dist: positionals[0] ?? join(root, "dist"), files: await reactPage() });
// Not by Playwright, which would have the browser report each frame of each socket.
const browser = await startHidable();
try {
  console.log(`\nA flood of ${RATE} events/s for ${SECONDS} s over ${MEDIA} media, in ${await browser.version()}`);
  console.log("medians of each, and of ours as a multiple of theirs (React 19, socket.io-client, TanStack Query)");
  console.log("wanted of ours: 20 frames/s or more, inputs within 100 ms");
  for (const [name, view] of Object.entries(VIEWS)) await compare(name, view);
} finally {
  await browser.close();
  await server.close();
}

async function compare(name, view) {
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) {
    const found = {};
    // Who is first has the quieter machine or the louder one: that changes from round to round.
    const order = Object.keys(PAGES);
    if (round % 2) order.reverse();
    for (const which of order) found[which] = await flood(which, name, view, round);
    rounds.push(found);
  }
  console.log(`\n${row(view.title, "ours", "theirs", "ratio")}`);
  for (const figure of Object.keys(rounds[0].ours)) {
    const of = (read) => median(rounds.map(read));
    const [ours, theirs] = Object.keys(PAGES).map((which) => of((round) => round[which][figure]));
    const ratio = of(({ ours, theirs }) => ours[figure] / theirs[figure]);
    console.log(row(`  ${figure}`, shown(ours), shown(theirs), Number.isFinite(ratio) ? ratio.toFixed(2) : "–"));
  }
}

/** One flood over one fresh page. */
async function flood(which, name, view, round) {
  server.reset();
  const page = await browser.open("about:blank");
  try {
    await page.show();
    await page.send("Page.enable");
    await page.send("Emulation.setFocusEmulationEnabled", { enabled: true });
    await setHeight(page, 900);
    await page.send("Page.addScriptToEvaluateOnNewDocument", { source: `(${installProbe})()` });
    await page.send("Page.navigate", { url: server.url + PAGES[which] });
    await until(() => page.evaluate(`document.querySelector("input[type=password]") !== null`));
    await page.evaluate(`(${signIn})("${USER.email}")`);
    await until(() => page.evaluate(`document.getElementById("conn")?.textContent.trim() === "Live"`));
    await server.queue();
    await shows(page, which, shownList, server.expectedList(), isSomeOf);
    await view.prepare(page);
    await page.send("Emulation.setCPUThrottlingRate", { rate: THROTTLE });
    // Of the processor's time, what other programs take is no part.
    await page.send("Performance.enable", { timeDomain: "threadTicks" });
    const busy = async () => {
      const { metrics } = await page.send("Performance.getMetrics");
      return metrics.find((metric) => metric.name === "TaskDuration").value;
    };
    if (options.profile) {
      await page.send("Profiler.enable");
      await page.send("Profiler.start");
    }

    const busyBefore = await busy();
    const began = await page.evaluate(`window.probe.begin()`);
    const [{ sent, millis }] = await Promise.all([server.run(RATE, SECONDS), view.inputs(page)]);
    if (sent !== RATE * SECONDS) throw new Error(`only ${sent} events were sent: ${which} left`);
    const behind = performance.now();
    if (name === "item") await shows(page, which, shownModels, server.expectedModels(), startsAlike);
    else await shows(page, which, shownList, server.expectedList(), isSomeOf);
    const behindFor = performance.now() - behind;
    const noted = await page.evaluate(`window.probe.end()`);
    const busyFor = (await busy()) - busyBefore;

    if (options.profile) {
      const { profile } = await page.send("Profiler.stop");
      mkdirSync(options.profile, { recursive: true });
      writeFileSync(join(options.profile, `${name}-${which}-${round}.cpuprofile`), JSON.stringify(profile));
    }
    await page.send("HeapProfiler.collectGarbage");
    const { usedSize } = await page.send("Runtime.getHeapUsage");
    const wasm = await page.evaluate(`window.probe.wasmBytes()`);
    // In a window that is high enough for a whole list, whoever has only the rows in sight on the page has all there.
    await setHeight(page, 100 * MEDIA);
    if (name === "item") await page.evaluate(`location.hash = "#/media"`);
    await shows(page, which, shownList, server.expectedList(), areEqual);
    if (noted.faults.length) throw new Error(`${which}: ${noted.faults.join("; ")}`);

    const frames = noted.frames.filter((at) => at - began <= millis);
    const inputs = noted.inputs.filter(({ startTime }) => startTime >= began).map(({ duration }) => duration);
    // What was too short to be noted.
    while (inputs.length < noted.count) inputs.push(SHORTEST_INPUT_MS);
    const longTasks = noted.longTasks.filter(({ startTime }) => startTime >= began);
    return {
      "frames/s": frames.length / (millis / 1000),
      "frames in the slowest second": slowestSecond(frames, began, millis),
      "longest time without a frame, ms": longestGap([began, ...frames]),
      "input to paint, 95th percentile, ms": percentile(inputs, 0.95),
      "input to paint, median, ms": percentile(inputs, 0.5),
      "long tasks": longTasks.length,
      "long tasks, ms in all": longTasks.reduce((sum, { duration }) => sum + duration, 0),
      "main thread, µs of processor an event": (busyFor * 1e6) / sent,
      "until all is shown, ms after the last event": behindFor,
      "JS heap at the end, MB": usedSize / 1e6,
      "wasm memory at the end, MB": wasm / 1e6,
    };
  } finally {
    await page.close();
  }
}

/** Waits until the page shows this; whoever does not has lost something. */
async function shows(page, which, read, expected, is) {
  let found;
  const isShown = async () => {
    found = await page.evaluate(`(${read})()`);
    return is(found, expected);
  };
  try {
    await until(isShown);
  } catch {
    const wrong = found.filter((line) => !expected.includes(line));
    throw new Error(
      `${which} does not show what was sent: ${found.length} rows for ${expected.length}, ${wrong.length} of them ` +
        `wrong, such as ${JSON.stringify(wrong[0])} where ${JSON.stringify(expected[found.indexOf(wrong[0])])} was sent`,
    );
  }
}

/** Looks until it is so, for a bounded time. */
async function until(isSo) {
  const end = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`not within ${PATIENCE_MS} ms: ${isSo}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

function setHeight(page, height) {
  const how = { width: 1280, height, deviceScaleFactor: 1, mobile: false };
  return page.send("Emulation.setDeviceMetricsOverride", how);
}

/** All rows, in their order. */
function areEqual(found, expected) {
  return found.length === expected.length && found.every((line, at) => line === expected[at]);
}

/** The rows that are on the page: each begins with its own name. */
function isSomeOf(found, expected) {
  return found.length > 0 && found.every((line) => expected.includes(line));
}

/** Behind what was sent a page may say what it reckons, such as how long it will take. */
function startsAlike(found, expected) {
  const starts = (line, at) => line === expected[at] || line.startsWith(`${expected[at]} · `);
  return found.length === expected.length && found.every(starts);
}

/** Does something so often, on time whether or not the page has answered. */
async function paced(count, act) {
  const begin = performance.now();
  const answers = [];
  for (let at = 0; at < count; at++) {
    const wait = begin + at * INPUT_EVERY_MS - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    answers.push(...act(at));
  }
  await Promise.all(answers);
}

function press(page, key) {
  const isText = key.length === 1;
  const code = isText ? undefined : key;
  const how = { key, code, windowsVirtualKeyCode: isText ? key.toUpperCase().charCodeAt(0) : 8 };
  return [
    page.send("Input.dispatchKeyEvent", {
      type: isText ? "keyDown" : "rawKeyDown",
      text: isText ? key : undefined,
      ...how,
    }),
    page.send("Input.dispatchKeyEvent", { type: "keyUp", ...how }),
  ];
}

/** The other page, with the stylesheet of ours. */
async function reactPage() {
  const bundle = await build({
    entryPoints: [join(here, "react/main.jsx")],
    nodePaths: [fileURLToPath(new URL("../../tests/node_modules", import.meta.url))],
    bundle: true,
    format: "esm",
    jsx: "automatic",
    minify: true,
    define: { "process.env.NODE_ENV": '"production"' },
    write: false,
  });
  const style = await build({ entryPoints: [join(root, "www/style.css")], minify: true, write: false });
  return {
    "/react/index.html":
      '<!doctype html><html lang="en" dir="ltr"><meta charset="utf-8"><meta name="color-scheme" content="light dark">' +
      '<title>Telltale</title><link rel="stylesheet" href="page.css"><script type="module" src="page.js"></script>' +
      '<body><div id="app"></div>',
    "/react/page.css": style.outputFiles[0].contents,
    "/react/page.js": bundle.outputFiles[0].contents,
  };
}

function slowestSecond(frames, began, millis) {
  const seconds = Array(Math.floor(millis / 1000)).fill(0);
  for (const at of frames) {
    const second = Math.floor((at - began) / 1000);
    if (second in seconds) seconds[second]++;
  }
  return Math.min(...seconds);
}

function longestGap(times) {
  return Math.max(...times.slice(1).map((at, index) => at - times[index]));
}

function percentile(numbers, share) {
  if (numbers.length === 0) return NaN;
  return numbers.toSorted((one, other) => one - other)[Math.ceil(share * numbers.length) - 1];
}

function median(numbers) {
  return percentile(numbers, 0.5);
}

function shown(number) {
  return number.toFixed(number < 10 ? 1 : 0);
}

function row(name, ...columns) {
  return name.padEnd(72) + columns.map((column) => column.padStart(9)).join("");
}
