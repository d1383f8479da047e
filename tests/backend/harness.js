/**
 * What the servers' tests share: a server on free ports, signed-in clients, uploads, and waiting for events.
 *
 * Law: a test waits for what it expects, never for time; a wait that comes to nothing fails with what had arrived.
 */
import { io } from "socket.io-client";
import { start } from "./server.js";

/** How long an expected event may take; far above what it needs on a busy machine. */
const PATIENCE_MS = 8000;

/** Base of the retries in tests: 20 ms and 40 ms instead of 5 s and 10 s. */
const RETRY_DELAY_MS = 20;

/** A running server with its control interface; `after` ends it. */
export async function serve(t, options = {}) {
  const server = await start({
    port: 0,
    pace: 0,
    retryDelay: RETRY_DELAY_MS,
    control: true,
    dist: import.meta.dirname,
    ...options,
  });
  t.after(() => server.close());
  return {
    ...server,
    get: (path, headers = {}) => request(`${server.url}${path}`, { headers }),
    post: (path, body, headers = {}) => request(`${server.url}${path}`, json("POST", body, headers)),
    control: async (path, body) => {
      const { status, body: answer } = await request(
        `${server.controlUrl}/control/${path}`,
        body && json("POST", body),
      );
      if (status !== 200) throw new Error(`control ${path}: ${answer.error}`);
      return answer;
    },
    upload: (path, field, name, bytes, headers) => {
      const form = new FormData();
      form.set(field, new Blob([bytes]), name);
      return request(`${server.url}${path}`, { method: "POST", body: form, headers });
    },
    connect: (t2, backend, extra = {}) => connect(t2, server.url, backend, extra),
  };
}

/** Asks again and again until the answer is true; for what only REST tells. @param {() => Promise<boolean>} ask */
export async function eventually(ask) {
  const until = Date.now() + PATIENCE_MS;
  while (!(await ask())) {
    if (Date.now() > until) throw new Error("what was waited for did not come true");
  }
}

export const ADA = { email: "ada@telltale.test", password: "analysis" };
export const GRACE = { email: "grace@telltale.test", password: "interview" };

const LOGIN = {
  analysis: ["/analysis/api/v1/auth/login", (body) => body.data.token],
  library: ["/library/api/auth/login", (body) => body.token],
  interview: ["/interview/api/v1/user/login", (body) => body.data.accessToken],
};

/** @returns {Promise<string>} the token */
export async function signIn(server, backend, account = ADA) {
  const [path, token] = LOGIN[backend];
  return token((await server.post(path, account)).body);
}

export const bearer = (token) => ({ authorization: `Bearer ${token}` });

/** A client that keeps every event it hears. */
function connect(t, url, backend, { token, ...options } = {}) {
  const socket = io(url, {
    path: `/${backend}/socket.io/`,
    transports: ["websocket"],
    forceNew: true,
    reconnection: false,
    ...(token === undefined ? {} : { auth: { token } }),
    ...options,
  });
  t.after(() => socket.disconnect());
  const heard = [];
  const waiting = new Set();
  const note = (name, args) => {
    heard.push({ name, args });
    waiting.forEach((look) => look());
  };
  socket.onAny((name, ...args) => note(name, args));
  socket.on("connect", () => note("connect", []));
  socket.on("connect_error", (error) => note("connect_error", [error.message]));
  socket.on("disconnect", (reason) => note("disconnect", [reason]));
  return {
    socket,
    heard,
    /** Events by name, and progress updates by their kind. */
    names: () => heard.map(({ name, args }) => args[0]?.event ?? name),
    /** The first argument of the first (or the n-th) event with this name or kind that also passes `test`. */
    until(name, { n = 1, test = () => true } = {}) {
      return new Promise((resolve, reject) => {
        const look = () => {
          const found = heard.filter(
            (event) => (event.name === name || event.args[0]?.event === name) && test(event.args[0]),
          );
          if (found.length < n) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve(found[n - 1].args[0]);
        };
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(new Error(`no ${name} (${n}); heard ${heard.map((event) => event.name).join(", ")}`));
        }, PATIENCE_MS);
        waiting.add(look);
        look();
      });
    },
  };
}

function json(method, body, headers = {}) {
  return { method, body: JSON.stringify(body), headers: { "content-type": "application/json", ...headers } };
}

async function request(url, init) {
  const response = await fetch(url, init);
  const text = await response.text();
  const type = response.headers.get("content-type") ?? "";
  return {
    status: response.status,
    headers: response.headers,
    body: type.includes("application/json") ? JSON.parse(text) : text,
  };
}
