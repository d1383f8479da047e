// What looks at a page whose servers mean harm: everything here runs in the page, because thousands of visits cannot
// each cost a way through the browser's protocol.

/**
 * Runs in the page before anything else: what would leave it is kept, and a page that is asked to notify may. A frame is
 * a task: nobody looks, and thousands of visits cannot each wait for the screen.
 */
export function watchExits() {
  const frames = new Map();
  let newest = 0;
  window.requestAnimationFrame = (draw) => {
    newest += 1;
    const number = newest;
    frames.set(number, draw);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      const draw = frames.get(number);
      frames.delete(number);
      draw?.(performance.now());
    };
    port2.postMessage(null);
    return number;
  };
  window.cancelAnimationFrame = (number) => frames.delete(number);
  window.files = [];
  URL.createObjectURL = (blob) => {
    window.files.push({ blob });
    return "#";
  };
  HTMLAnchorElement.prototype.click = function () {
    window.files.at(-1).name = this.download;
  };
  window.notified = [];
  window.Notification = class extends EventTarget {
    static permission = "granted";
    constructor(title, options) {
      super();
      window.notified.push({ title, ...options });
    }
    close() {}
  };
}

/** Runs in the page: defines what the visits share, as `window.hostile`. */
export function defineVisits() {
  /** What no text may hold wherever it is shown: controls, and what turns the direction of its surroundings. */
  // eslint-disable-next-line no-control-regex
  const UNFIT = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066\u2067]/;
  const ISOLATE = /\u2068/g;
  const ISOLATED = /\u2069/g;
  /** Where a text without markup may stand: what is spoken, or a line that is a sentence of ours. */
  const PLAIN = ".sr[aria-live], .log, title";
  const LONGEST_TITLE = 160;
  /** Where the debug panel leads to: the same page, recorded from its beginning. */
  const RECORDED = "?debug#/debug";
  /** The harmless twin of most payloads. */
  const SAID = /harmless/i;

  const tick = () =>
    new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = resolve;
      port2.postMessage(null);
    });

  /** Goes to a place in the gallery, and waits until it is drawn. */
  async function go(href) {
    const before = document.getElementById("cell");
    location.hash = href;
    for (let most = 2000; most > 0; most -= 1) {
      await tick();
      const cell = document.getElementById("cell");
      if (cell && cell !== before && !cell.hasAttribute("aria-busy")) {
        // What follows from its first drawing is drawn in the tasks after it, and so is what follows from that.
        for (let tasks = 0; tasks < 4; tasks += 1) await tick();
        return;
      }
    }
    throw new Error(`${href} is never drawn`);
  }

  /** The tree of elements with the names of their attributes: all that is not text. */
  function tree(element = document.documentElement) {
    // How high the dock is stands in the style of the root, once there has been a dock.
    const isOurs = (name) => element !== document.documentElement || name !== "style";
    const names = element.getAttributeNames().filter(isOurs).sort().join(" ");
    return `${element.localName}[${names}](${[...element.children].map(tree).join("")})`;
  }

  const isBalanced = (text) => (text.match(ISOLATE) ?? []).length === (text.match(ISOLATED) ?? []).length;
  const shown = (text) => JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);

  /** What is wrong with a page, whatever its servers sent; `said` is what they sent, if that is one text. */
  function faults(said = null) {
    const found = [];
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) found.push(`scrolls sideways to ${scrollWidth}`);
    if (!document.title.startsWith("Demo · ") || document.title.length > LONGEST_TITLE || UNFIT.test(document.title))
      found.push(`the title ${shown(document.title)}`);
    if (Object.keys(Object.prototype).length > 0) found.push("something is in the prototype of all objects");
    const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const { data, parentElement } = walker.currentNode;
      if (UNFIT.test(data) || !isBalanced(data)) found.push(`the text ${shown(data)}`);
      if (said && data.includes(said) && !parentElement.closest(`bdi[dir=auto], ${PLAIN}`))
        found.push(`a server's text is not set apart in ${parentElement.localName}.${parentElement.className}`);
    }
    for (const element of document.querySelectorAll("body *"))
      for (const { name, value } of element.attributes) {
        if (name.startsWith("on")) found.push(`${element.localName} has ${name}`);
        if (/^(href|src|action|formaction|xlink:href)$/.test(name) && !value.startsWith("#") && value !== RECORDED)
          found.push(`${element.localName} leads to ${shown(value)}`);
        if (UNFIT.test(value) || !isBalanced(value)) found.push(`${name} of ${element.localName} is ${shown(value)}`);
      }
    return found;
  }

  /** Where two trees part. */
  function parting(wanted, found) {
    let at = 0;
    while (at < wanted.length && wanted[at] === found[at]) at += 1;
    const around = (tree) => tree.slice(Math.max(0, at - 60), at + 100);
    return `…${around(found)}… instead of …${around(wanted)}…`;
  }

  /** Presses what makes a file, and gives back what is wrong with the files. */
  async function exported() {
    const found = [];
    window.files = [];
    const buttons = [...document.querySelectorAll("#cell button")];
    for (const button of buttons) if (/^Export/.test(button.textContent) && !button.disabled) button.click();
    for (const { blob, name } of window.files) {
      const text = await blob.text();
      if (!/^[\w.-]{1,120}$/.test(name)) found.push(`a file is called ${shown(name)}`);
      if (name.endsWith(".json")) JSON.parse(text);
      else
        for (const [, cell] of text.matchAll(/"((?:[^"]|"")*)"/g))
          if (/^[=+\-@\t\r\n]/.test(cell)) found.push(`a cell is ${shown(cell)}`);
    }
    files += window.files.length;
    return found;
  }

  /** Where an element stands, whatever is in it. */
  function place(element) {
    const names = [];
    for (let at = element; at && at.id !== "cell"; at = at.parentElement)
      names.push([at.localName, ...at.classList].join("."));
    return names.join(" < ");
  }

  /** The places of a cell at which it shows what a server says, by the harmless twin of the first payload. */
  async function places(cell, part) {
    await go(with_(cell.href, `0-${part}-harmless`));
    const found = new Set();
    const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
    while (walker.nextNode())
      if (SAID.test(walker.currentNode.data)) found.add(place(walker.currentNode.parentElement));
    for (const element of document.querySelectorAll("#cell *"))
      for (const { name, value } of element.attributes) if (SAID.test(value)) found.add(`${name} of ${place(element)}`);
    return [...found];
  }

  const with_ = (href, said) => `${href}${href.includes("?") ? "&" : "?"}said=${said}`;
  const trees = new Map();
  let files = 0;

  /** Visits a cell with a payload, and gives back how it differs from the same one with a harmless text. */
  async function visit(cell, { number, part, twin, text }, makesFiles) {
    const key = `${cell.name} ${part} ${twin}`;
    if (!trees.has(key)) {
      await go(with_(cell.href, `${number}-${part}-harmless`));
      trees.set(key, tree());
    }
    await go(with_(cell.href, `${number}-${part}`));
    const found = faults(text);
    const now = tree();
    if (now !== trees.get(key)) found.push(parting(trees.get(key), now));
    if (makesFiles) found.push(...(await exported()));
    return found.map((fault) => `${cell.name} with payload ${number} in ${part}: ${fault}`);
  }

  /** Visits them all, and says how many files were made besides. */
  async function visitAll(visits) {
    const found = [];
    files = 0;
    for (const { cell, payload, makesFiles } of visits) found.push(...(await visit(cell, payload, makesFiles)));
    return { found, files };
  }

  /** The places of each cell. */
  async function placesOf(cells, part) {
    const all = [];
    for (const cell of cells) all.push(await places(cell, part));
    return all;
  }

  /** Goes to places one after another. */
  async function goTo(hrefs) {
    for (const href of hrefs) await go(href);
  }

  window.hostile = { faults, goTo, placesOf, visitAll };
}
