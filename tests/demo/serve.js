/**
 * Serves the demonstration under the page's own policy: a module for what looks at it, and a command for a person,
 * `node tests/demo/serve.js [port]`.
 */
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import express from "express";
import { contentSecurityPolicy, staticFiles } from "../backend/static.js";

/** Where `make demo` puts it. */
const DIST = process.env.TELLTALE_DEMO ?? fileURLToPath(new URL("../../dist-demo", import.meta.url));
/** What a person has to remember. */
const PORT = 4174;

/** @param {number} port 0 is any */
export async function serveDemo(port = 0) {
  const dist = resolve(DIST);
  if (!existsSync(join(dist, "index.html")))
    throw new Error(`there is no demonstration in ${dist}: run "make demo" first`);
  const app = express();
  app.use((_req, res, next) => {
    res.setHeader("Content-Security-Policy", contentSecurityPolicy([]));
    next();
  });
  app.use(staticFiles({ dist, configFile: null }));
  const server = app.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const { url } = await serveDemo(Number(process.argv[2] ?? PORT));
    console.log(`The demonstration is at ${url}/, the gallery at ${url}/#/gallery (Ctrl-C ends it)`);
  } catch (error) {
    console.error(`The demonstration could not be served: ${error.message}`);
    process.exit(1);
  }
}
