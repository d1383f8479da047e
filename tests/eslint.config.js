// ESLint's own recommendations, for the servers and tests (Node) and for what a page loads (browser).
import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["**/node_modules/**"] },
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2024, sourceType: "module", globals: globals.node },
    rules: { "no-unused-vars": ["error", { argsIgnorePattern: "^_" }] },
  },
  { files: ["**/www/**", "**/benches/parser/page.js"], languageOptions: { globals: globals.browser } },
  {
    files: ["**/benches/flood/react/*.{js,jsx}", "**/benches/flood/probe.js"],
    languageOptions: { globals: globals.browser, parserOptions: { ecmaFeatures: { jsx: true } } },
  },
  // Functions handed to `page.evaluate` run in the browser.
  {
    files: ["**/a11y/**", "**/demo/**", "**/e2e/**", "**/conformance/*.test.js", "**/benches/flood/run.js"],
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
  },
];
