// The list of media. A row renders only when something that it shows is different.
import { memo, useEffect, useMemo, useState } from "react";
import { useStatuses, useSummary } from "./live.js";
import { Bar, looks, Pill } from "./parts.jsx";
import { aboutMedia, rowLine, statusWord } from "./words.js";

const STATUSES = ["running", "queued", "complete", "partly", "failed"];

/** Rows at first, and with each press of the button at the end. */
const PAGE = 100;

export function MediaList({ live, media }) {
  const [query, setQuery] = useState("");
  const [only, setOnly] = useState("");
  const [limit, setLimit] = useState(PAGE);
  const statuses = useStatuses(live);
  const found = useMemo(() => {
    const folded = query.trim().toLowerCase();
    return media.filter(
      ({ id, filename }) => (!only || statuses.get(id) === only) && filename.toLowerCase().includes(folded),
    );
  }, [media, query, only, only && statuses]);
  const count = (status) => media.filter(({ id }) => statuses.get(id) === status).length;
  const [running, queued] = [count("running"), count("queued")];
  useEffect(() => {
    document.title = running > 0 ? `(${running}) Media · Telltale` : "Media · Telltale";
  }, [running]);
  const beyond = Math.max(0, found.length - limit);
  return (
    <>
      <div className="row head">
        <h1 tabIndex={-1} className="grow">
          Media
        </h1>
      </div>
      <div className="tools" role="search" aria-label="Filter media">
        <label>
          Search
          <input type="search" value={query} onChange={(event) => setQuery(event.target.value)} />
        </label>
        <label>
          Status
          <select value={only} onChange={(event) => setOnly(event.target.value)}>
            <option value="">All statuses</option>
            {STATUSES.map((status) => (
              <option key={status} value={status}>
                {statusWord(status)}
              </option>
            ))}
          </select>
        </label>
        <span className="meta count">
          {[`${found.length} items`, running && `${running} analyzing`, queued && `${queued} queued`]
            .filter(Boolean)
            .join(" · ")}
        </span>
      </div>
      {found.length === 0 && media.length > 0 && (
        <section className="card empty">
          <h2>No items match these filters.</h2>
        </section>
      )}
      <div className="card list" hidden={found.length === 0}>
        <ul className="media" aria-label="Media">
          {found.slice(0, limit).map((item) => (
            <Row key={item.id} live={live} item={item} />
          ))}
        </ul>
      </div>
      {beyond > 0 && (
        <button className="more-rows" onClick={() => setLimit(limit + PAGE)}>
          Show {Math.min(PAGE, beyond)} more of {beyond}
        </button>
      )}
    </>
  );
}

const Row = memo(function Row({ live, item }) {
  const summary = useSummary(live, item.id);
  const status = summary?.status;
  const [tone, shape] = looks(status);
  return (
    <li>
      <a href={`#/media/${item.id}`} className="cut">
        <bdi dir="auto">{item.filename}</bdi>
      </a>
      <span className="line">
        <bdi dir="auto">{summary ? rowLine(summary) : ""}</bdi>
      </span>
      <span className="state">
        <Pill tone={tone} shape={shape} word={statusWord(status)} />
      </span>
      <Bar percent={summary?.percent ?? 0} tone="run" hidden={status !== "running"} />
      <About item={item} />
    </li>
  );
});

/** What does not change while a run goes on. */
const About = memo(function About({ item }) {
  return <span className="meta cut">{aboutMedia(item)}</span>;
});
