// `node tests/a11y/run.js`: every view under axe and our own rules, then one check after the other. Ends with
// `a11y: N views, 0 violations, C checks passed`, or says what is wrong and fails.
import { startBrowser } from "../e2e/harness.js";
import { serveDemo } from "../demo/serve.js";
import { CHECKS } from "./checks.js";
import { lookAtViews } from "./views.js";

/** `--only TEXT`: just the checks whose name has this, and no views. */
const only = process.argv[2] === "--only" ? process.argv[3] : null;

const [browser, demo] = await Promise.all([startBrowser(), serveDemo()]);
const stage = { browser, demo };
let isSound = true;
try {
  const { views, faults } = only === null ? await lookAtViews(stage) : { views: 0, faults: [] };
  // One fault of a part is a fault on every view that has it.
  for (const fault of faults.slice(0, 40)) console.error(`violation: ${fault}`);
  let passed = 0;
  for (const { name, run } of CHECKS) {
    if (only !== null && !name.includes(only)) continue;
    try {
      const said = await run(stage);
      passed += 1;
      console.log(`ok: ${name}${said ? ` (${said})` : ""}`);
    } catch (error) {
      isSound = false;
      console.error(`not ok: ${name}: ${error.message}`);
    }
  }
  isSound &&= faults.length === 0 && passed > 0;
  console.log(`a11y: ${views} views, ${faults.length} violations, ${passed} checks passed`);
} finally {
  await Promise.all([browser.close(), demo.close()]);
}
process.exit(isSound ? 0 : 1);
