/**
 * The command: `node tests/backend/serve.js [options]` runs the page and the four reference servers until Ctrl-C.
 *
 *   --port N              port, the next free one if it is in use; 0 = any (4173)
 *   --dist DIR            the built page (dist/ of the project)
 *   --config FILE         served as /config.json instead of the page's own
 *   --csp-connect ORIGIN  further origin for connect-src; may be repeated
 *   --cors-origin ORIGIN  origin that analysis, library and meeting allow (http://localhost:5173)
 *   --max-upload BYTES    largest upload (200000000)
 *   --pace BYTES          bytes a second that a detector reads; 0 = as fast as it can (4194304)
 *   --retry-delay MS      before the second attempt; the third waits twice as long (5000)
 *   --token-life SECONDS  lifetime of tokens, instead of each backend's own
 *   --names real|documented   the event names the servers speak (real)
 *   --scenario-speed N    how much faster than real time a simulated meeting runs (1)
 *   --control             open the control interface, for tests
 *   --control-port N      its port; 0 = any (0)
 *
 * With REDIS_URL the analysis publishes through Redis and the Redis adapter is used (see `channel.js`).
 */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { demoAccounts } from "./accounts.js";
import { DEFAULTS, start } from "./server.js";
import { hasPage, missingPage } from "./static.js";

/** Time to end in order before the process ends anyway. */
const CLOSE_WITHIN_MS = 2000;

function options() {
  const text = { type: "string" };
  const { values } = parseArgs({
    options: {
      port: text,
      dist: text,
      config: text,
      "csp-connect": { type: "string", multiple: true },
      "cors-origin": text,
      "max-upload": text,
      pace: text,
      "retry-delay": text,
      "token-life": text,
      names: text,
      "scenario-speed": text,
      control: { type: "boolean" },
      "control-port": text,
    },
  });
  const number = (name, otherwise) => {
    if (values[name] === undefined) return otherwise;
    const value = Number(values[name]);
    if (!Number.isFinite(value) || value < 0) throw new Error(`--${name} needs a number from 0, found ${values[name]}`);
    return value;
  };
  const names = values.names ?? DEFAULTS.names;
  if (!["real", "documented"].includes(names)) throw new Error(`--names is real or documented, found ${names}`);
  const scenarioSpeed = number("scenario-speed", DEFAULTS.scenarioSpeed);
  if (scenarioSpeed === 0) throw new Error("--scenario-speed must be above 0");
  return {
    port: number("port", DEFAULTS.port),
    dist: values.dist ? resolve(values.dist) : DEFAULTS.dist,
    configFile: values.config ? resolve(values.config) : null,
    cspConnect: values["csp-connect"] ?? [],
    corsOrigin: values["cors-origin"] ?? DEFAULTS.corsOrigin,
    maxUpload: number("max-upload", DEFAULTS.maxUpload),
    pace: number("pace", DEFAULTS.pace),
    retryDelay: number("retry-delay", DEFAULTS.retryDelay),
    tokenLife: number("token-life", DEFAULTS.tokenLife),
    names,
    scenarioSpeed,
    control: values.control ?? false,
    controlPort: number("control-port", DEFAULTS.controlPort),
    redisUrl: process.env.REDIS_URL || null,
  };
}

try {
  const given = options();
  const server = await start(given);
  const accounts = demoAccounts().map(({ email, password }) => `${email} / ${password}`);
  console.log(`Telltale is at ${server.url}/ (sign in as ${accounts.join(" or ")}; Ctrl-C ends it)`);
  if (server.controlUrl) console.log(`control: ${server.controlUrl}/`);
  if (!(await hasPage(given.dist))) console.log(missingPage(given.dist));

  let ending = false;
  const end = () => {
    if (ending) process.exit(1);
    ending = true;
    setTimeout(() => process.exit(1), CLOSE_WITHIN_MS).unref();
    server.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on("SIGINT", end);
  process.on("SIGTERM", end);
} catch (error) {
  console.error(`The reference servers could not start: ${error.message}`);
  process.exit(1);
}
