// The page as the stack has it that Telltale stands beside: React, socket.io-client, react-hot-toast, TanStack Query.
//
// Law: written as well as that stack allows. Queries hold what REST says, one external store holds what the socket says
// and tells React once in a frame, rows are memoised, and the markup and the stylesheet are those of the other page. It
// has all hundred rows on the page, which is as many as nobody would take the trouble to leave out; and it leaves out
// what the other page does besides, such as speech, sorting and the run's age.
import { QueryClient, QueryClientProvider, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { createRoot } from "react-dom/client";
import { io } from "socket.io-client";
import { MediaPage } from "./item.jsx";
import { MediaList } from "./list.jsx";
import { Live } from "./live.js";
import { Icon } from "./parts.jsx";
import { Toasts, toastTurn } from "./toasts.jsx";

const API = "/analysis/api/v1";
const NONE = [];

async function ask(path, token, body) {
  const response = await fetch(API + path, {
    method: body ? "POST" : "GET",
    headers: { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) },
    body: body && JSON.stringify(body),
  });
  const { data, message } = await response.json();
  if (!response.ok) throw new Error(message);
  return data;
}

function App() {
  const [session, setSession] = useState(null);
  return session ? <SignedIn {...session} /> : <SignIn onSession={setSession} />;
}

function SignIn({ onSession }) {
  const login = useMutation({ mutationFn: (body) => ask("/auth/login", null, body), onSuccess: onSession });
  const submit = (event) => {
    event.preventDefault();
    login.mutate(Object.fromEntries(new FormData(event.target)));
  };
  return (
    <main id="main">
      <section className="card login">
        <form className="stack" onSubmit={submit}>
          <label>
            E-mail or user name
            <input name="email" autoComplete="username" required />
          </label>
          <label>
            Password
            <input type="password" name="password" autoComplete="current-password" required />
          </label>
          {login.error && (
            <p className="fault" role="alert">
              {login.error.message}
            </p>
          )}
          <button className="primary" type="submit">
            Sign in
          </button>
        </form>
      </section>
    </main>
  );
}

function SignedIn({ user, token }) {
  const [live] = useState(() => new Live());
  const isConnected = useSocket(live, token);
  const models = useQuery({ queryKey: ["models"], queryFn: () => ask("/monitoring/server-status", token) });
  const list = useQuery({
    queryKey: ["media"],
    queryFn: async () => {
      const rows = await ask("/media", token);
      for (const row of rows) live.row(row);
      return rows;
    },
  });
  const media = list.data ?? NONE;
  useEffect(() => {
    live.expect((models.data?.models_info ?? NONE).filter(({ loaded, isVideo }) => loaded && isVideo).length);
  }, [live, models.data]);
  useEffect(() => live.onTurn(toastTurn), [live]);
  const route = useSyncExternalStore(subscribeRoute, () => location.hash);
  const item = useMemo(() => media.find(({ id }) => route === `#/media/${id}`), [media, route]);
  return (
    <>
      <header className="top">
        <strong className="brand">Telltale</strong>
        <nav aria-label="Main">
          <ul>
            <li>
              <a href="#/media" aria-current={item ? undefined : "page"}>
                Media
              </a>
            </li>
          </ul>
        </nav>
        <span className="grow" />
        <span id="conn" className="pill" data-tone={isConnected ? "ok" : "mute"}>
          <Icon shape={isConnected ? "dot" : "run"} />
          {isConnected ? "Live" : "Connecting"}
        </span>
        <button className="plain" popoverTarget="settings" aria-label="Settings">
          <Icon shape="theme" />
        </button>
        <section id="settings" className="popup" popover="auto" aria-label="Settings">
          <p className="meta">
            Signed in as{" "}
            <bdi dir="auto">
              {user.firstName} {user.lastName}
            </bdi>
          </p>
        </section>
      </header>
      <main id="main" tabIndex={-1}>
        {item ? <MediaPage live={live} item={item} /> : <MediaList live={live} media={media} />}
      </main>
      <Toasts live={live} />
    </>
  );
}

function subscribeRoute(reader) {
  addEventListener("hashchange", reader);
  return () => removeEventListener("hashchange", reader);
}

/** One socket for as long as someone is signed in; what is missed while it is away is asked for again. */
function useSocket(live, token) {
  const [isConnected, setConnected] = useState(false);
  const queries = useQueryClient();
  useEffect(() => {
    const socket = io({ path: "/analysis/socket.io/", auth: { token } });
    let wasConnected = false;
    socket.on("connect", () => {
      setConnected(true);
      if (wasConnected) queries.invalidateQueries({ queryKey: ["media"] });
      wasConnected = true;
    });
    socket.on("disconnect", () => setConnected(false));
    socket.on("progress_update", (payload) => live.progress(payload));
    socket.on("media_update", (row) => {
      live.row(row);
      queries.setQueryData(["media"], (rows) => rows?.map((old) => (old.id === row.id ? { ...old, ...row } : old)));
    });
    return () => socket.disconnect();
  }, [live, token, queries]);
  return isConnected;
}

const queries = new QueryClient({
  // What the socket keeps up to date does not grow stale by itself.
  defaultOptions: { queries: { staleTime: Infinity, refetchOnWindowFocus: false } },
});
createRoot(document.getElementById("app")).render(
  <QueryClientProvider client={queries}>
    <App />
  </QueryClientProvider>,
);
