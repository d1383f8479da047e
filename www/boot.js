// Loads the program, and says in words what stands in the way if it cannot be loaded. Nothing here is inline, so that a
// policy of `script-src 'self' 'wasm-unsafe-eval'` is enough.

try {
  const theme = localStorage.getItem("telltale.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is forbidden: the system's theme it is.
}

const boot = document.getElementById("boot");
const line = document.getElementById("boot-text");
/** What is said here, from the catalogue of the page's language. English needs none; the program asks for the same file. */
let texts = {};

/** The language that the page begins with, as the program finds it (`ui::language::wanted`), but for the configuration. */
function language() {
  const known = (tag) => ["en", "de", "ar"].find((known) => known === tag?.toLowerCase().split("-")[0]);
  let chosen;
  try {
    chosen = localStorage.getItem("telltale.lang");
  } catch {
    // Storage is forbidden: nobody has chosen.
  }
  const tags = [new URLSearchParams(location.search).get("lang"), chosen, ...navigator.languages];
  return tags.map(known).find(Boolean) ?? "en";
}

async function speak(tag) {
  if (tag === "en") return;
  const answer = await fetch(`lang/${tag}.json`, { credentials: "same-origin" });
  if (!answer.ok) return;
  texts = await answer.json();
  // The program is there, and knows better which language it is.
  if (!boot.isConnected) return;
  document.documentElement.lang = tag;
  document.documentElement.dir = tag === "ar" ? "rtl" : "ltr";
  if (line.role !== "alert") line.textContent = texts.BootLoading;
}

function say(name, english) {
  boot.removeAttribute("aria-busy");
  boot.querySelector(".card").hidden = true;
  line.setAttribute("role", "alert");
  line.textContent = texts[name] ?? english;
}

/** The least program there is: only a policy, or a browser without WebAssembly, keeps it from being compiled. */
function isBlocked() {
  try {
    return !new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  } catch {
    return true;
  }
}

const spoken = speak(language()).catch(console.error);

try {
  // The build names its files after their content and lists them in the head.
  const script = document.querySelector("link[rel=modulepreload]").href;
  const wasm = document.querySelector('link[rel=preload][type="application/wasm"]').href;
  const program = await import(script);
  await program.default({ module_or_path: fetch(wasm, { credentials: "same-origin" }) });
  await program.start();
  boot.remove();
} catch (error) {
  console.error(error);
  await spoken;
  if (isBlocked()) say("BootBlocked", "This page blocks WebAssembly. Ask the site owner to allow 'wasm-unsafe-eval'.");
  else say("BootFailed", "This page could not be loaded. Check your network, then reload it.");
}
