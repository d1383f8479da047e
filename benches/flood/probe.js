// In either page: what a person feels of it, and what it shows.
//
// Law: the same code in both pages, from before their own, and cheap: an entry for each frame, each input event and each
// long task.

/** Begins to note. Runs in the page before anything else does. */
export function installProbe() {
  const noted = { frames: [], inputs: [], longTasks: [], count: 0, faults: [] };
  addEventListener("error", ({ message }) => noted.faults.push(message));
  addEventListener("unhandledrejection", ({ reason }) => noted.faults.push(String(reason)));
  const frame = (at) => {
    noted.frames.push(at);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  // From when the browser got the event until what came of it was painted: the Event Timing API, which rounds to 8 ms
  // and leaves out what took less than 16.
  const isInput = new Set(["keydown", "pointerdown"]);
  new PerformanceObserver((list) => {
    for (const { name, startTime, duration } of list.getEntries()) {
      if (isInput.has(name)) noted.inputs.push({ startTime, duration });
    }
  }).observe({ type: "event", durationThreshold: 16 });
  for (const type of isInput) addEventListener(type, ({ isTrusted }) => isTrusted && noted.count++, { capture: true });
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) noted.longTasks.push({ startTime, duration });
  }).observe({ type: "longtask" });
  // What wasm keeps is in no JavaScript heap.
  const memories = new Set();
  for (const name of ["instantiate", "instantiateStreaming"]) {
    const instantiate = WebAssembly[name];
    WebAssembly[name] = async (...args) => {
      const result = await instantiate(...args);
      for (const made of Object.values((result.instance ?? result).exports)) {
        if (made instanceof WebAssembly.Memory) memories.add(made);
      }
      return result;
    };
  }
  window.probe = {
    begin() {
      for (const list of [noted.frames, noted.inputs, noted.longTasks]) list.length = 0;
      noted.count = 0;
      return performance.now();
    },
    end: () => structuredClone(noted),
    wasmBytes: () => [...memories].reduce((sum, { buffer }) => sum + buffer.byteLength, 0),
  };
}

/** The rows of the list, as a person reads them. Runs in the page. */
export function shownList() {
  const text = (row, of) => row.querySelector(of)?.textContent.trim() ?? "";
  return [...document.querySelectorAll("ul.media > li")].map((row) =>
    `${text(row, "a")} | ${text(row, ".line")} | ${text(row, ".pill")}`.replace("|  |", "| |"),
  );
}

/** The rows of the models on a media's page. Runs in the page. */
export function shownModels() {
  const text = (row, of) => row.querySelector(of)?.textContent.trim() ?? "";
  return [...document.querySelectorAll("main ul.models > li")].map(
    (row) => `${text(row, ".name")} | ${text(row, ".figure")} | ${text(row, ".meta")}`,
  );
}

/** Fills in the form and sends it. Runs in the page. */
export function signIn(name) {
  const password = document.querySelector("input[type=password]");
  const { form } = password;
  form.querySelector("input").value = name;
  password.value = "flood";
  form.requestSubmit();
}

/** Where to press an element. Runs in the page. */
export function middleOf(selector) {
  const { x, y, width, height } = document.querySelector(selector).getBoundingClientRect();
  return { x: x + width / 2, y: y + height / 2 };
}
