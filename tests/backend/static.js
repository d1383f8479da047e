/**
 * The page: static files under a strict policy.
 *
 * Law: every response carries the policy as a real header, so what works here works on any host that sends it. Files
 * come from one folder; nothing outside it and no dot file is served.
 */
import { access } from "node:fs/promises";
import { join } from "node:path";
import express from "express";

/** @param {string[]} connect further origins for `connect-src` @returns {string} */
export const contentSecurityPolicy = (connect) =>
  [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    ["connect-src 'self'", ...connect].join(" "),
    "font-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
  ].join("; ");

/** @param {string} dist */
export const missingPage = (dist) =>
  `There is no page in ${dist}: build it with "make build" first. The four backends are running.`;

/** @param {string} dist @returns {Promise<boolean>} whether a page has been built */
export const hasPage = (dist) =>
  access(join(dist, "index.html")).then(
    () => true,
    () => false,
  );

/** @param {{dist: string, configFile: string | null}} options */
export function staticFiles({ dist, configFile }) {
  const router = express.Router();
  if (configFile) {
    router.get("/config.json", (_req, res) => {
      res.setHeader("Cache-Control", "no-cache");
      res.type("json").sendFile(configFile, { dotfiles: "allow", cacheControl: false });
    });
  }
  router.use(
    express.static(dist, {
      setHeaders(res, path) {
        if (/\.(html|json)$/.test(path)) res.setHeader("Cache-Control", "no-cache");
      },
    }),
  );
  router.get(["/", "/index.html"], (_req, res) => res.status(503).type("text").send(missingPage(dist)));
  router.use((_req, res) => res.status(404).type("text").send("Not found."));
  router.use((error, _req, res, _next) => {
    const status = error.status >= 400 && error.status < 500 ? error.status : 500;
    if (!res.headersSent) res.status(status).type("text").send("The request could not be answered.");
  });
  return router;
}
