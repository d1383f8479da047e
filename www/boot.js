// Loads the program, and says in words what stands in the way if it cannot be loaded. Nothing here is inline, so that a
// policy of `script-src 'self' 'wasm-unsafe-eval'` is enough.

try {
  const theme = localStorage.getItem("telltale.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is forbidden: the system's theme it is.
}

const boot = document.getElementById("boot");

function say(text) {
  boot.removeAttribute("aria-busy");
  boot.querySelector(".card").hidden = true;
  const line = document.getElementById("boot-text");
  line.setAttribute("role", "alert");
  line.textContent = text;
}

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
  const blocked = typeof WebAssembly === "undefined" || error instanceof WebAssembly.CompileError;
  say(
    blocked
      ? "This page blocks WebAssembly. Ask the site owner to allow 'wasm-unsafe-eval'."
      : "This page could not be loaded. Check your network, then reload it.",
  );
}
