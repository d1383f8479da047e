/**
 * What the REST half of every backend shares: CORS, the body limit, injected failures and the last resort for errors.
 *
 * Law: no request ends the process, and every error leaves in its backend's own envelope.
 */
import express from "express";
import { UploadError } from "./upload.js";

/** Largest JSON body: the longest real one is a login. */
const MOST_JSON = "100kb";

/** An error with the HTTP status and the text a client is meant to see. */
export class HttpError extends Error {
  /** @param {number} status @param {string} message @param {object} [extra] further fields of the body */
  constructor(status, message, extra = {}) {
    super(message);
    this.status = status;
    this.extra = extra;
  }
}

/** Failures a test has asked for. */
export class Faults {
  constructor() {
    this.list = [];
  }

  /** @param {{status?: number, count?: number, delayMs?: number, path?: string, method?: string}} fault
   *  without a status the request is only delayed; `path` is a prefix inside the backend */
  add(fault) {
    this.list.push({ count: 1, delayMs: 0, path: "/", ...fault });
  }

  clear() {
    this.list = [];
  }

  /** @returns the fault for this request, counted down, or undefined */
  take(req) {
    const fault = this.list.find(({ path, method }) => req.path.startsWith(path) && (!method || method === req.method));
    if (fault) {
      fault.count -= 1;
      if (fault.count <= 0) this.list = this.list.filter((other) => other !== fault);
    }
    return fault;
  }
}

/**
 * @param {{origin: string, credentials: boolean, faults: Faults, errorBody: (error: HttpError) => object,
 *   unexpected: string, invalidInputIs500?: boolean, report: (text: string) => void, routes: (router: express.Router) => void}} options
 *   `unexpected` is the text for an error that nobody foresaw; `invalidInputIs500` for a backend that foresees no
 *   invalid input either
 */
export function restRouter({ origin, credentials, faults, errorBody, unexpected, invalidInputIs500, report, routes }) {
  const router = express.Router();
  router.use((req, res, next) => {
    if (origin === "*") res.setHeader("Access-Control-Allow-Origin", req.headers.origin ?? "*");
    else res.setHeader("Access-Control-Allow-Origin", origin);
    if (credentials) res.setHeader("Access-Control-Allow-Credentials", "true");
    res.vary("Origin");
    res.setHeader("Cache-Control", "no-store");
    if (req.method !== "OPTIONS") return next();
    res.setHeader("Access-Control-Allow-Methods", "GET,HEAD,PUT,PATCH,POST,DELETE");
    res.setHeader("Access-Control-Allow-Headers", req.headers["access-control-request-headers"] ?? "");
    res.status(204).end();
  });
  router.use((req, res, next) => {
    const fault = faults.take(req);
    if (!fault) return next();
    const act = () => {
      if (fault.status === undefined) return next();
      req.resume();
      res.status(fault.status).json(errorBody(new HttpError(fault.status, `Injected failure ${fault.status}.`)));
    };
    if (fault.delayMs > 0) setTimeout(act, fault.delayMs);
    else act();
  });
  router.use(express.json({ limit: MOST_JSON }));
  routes(router);
  router.use((error, _req, res, _next) => {
    if (res.headersSent) return res.destroy();
    let shown = error;
    if (!(error instanceof HttpError || error instanceof UploadError)) {
      // A body that is no JSON, or too long: the parser's error has a status of its own.
      const unreadable = error.status >= 400 && error.status < 500;
      if (unreadable && !invalidInputIs500) shown = new HttpError(error.status, "The request could not be read.");
      else shown = new HttpError(500, unexpected, { unexpected: true });
      if (!unreadable) report(`unexpected error: ${error.stack ?? error}`);
    }
    res.status(shown.status).json(errorBody(shown));
  });
  return router;
}

/** @param {import("express").Request} req @returns {Record<string, unknown>} the JSON body, empty if there is none */
export const bodyOf = (req) => (req.body && typeof req.body === "object" ? req.body : {});
