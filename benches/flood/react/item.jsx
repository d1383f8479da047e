// One media's page: its run and each of its models.
import { memo, useEffect } from "react";
import { shareOf, useDetails } from "./live.js";
import { Bar, Icon, looks, modelLooks, Pill, verdictLooks } from "./parts.jsx";
import {
  aboutMedia,
  countOf,
  join,
  labelWord,
  leftWord,
  modelLine,
  percentOf,
  runTitle,
  statusWord,
  verdictWord,
} from "./words.js";

export function MediaPage({ live, item }) {
  const details = useDetails(live, item.id);
  const status = details?.summary.status;
  const title = status === "running" ? `${details.summary.percent}% ${item.filename}` : item.filename;
  useEffect(() => {
    document.title = `${title} · Telltale`;
  }, [title]);
  const [tone, shape] = looks(status);
  return (
    <>
      <nav className="crumbs" aria-label="Path">
        <a href="#/media">Media</a>
      </nav>
      <div className="row head">
        <h1 tabIndex={-1} className="grow">
          <bdi dir="auto">{item.filename}</bdi>
        </h1>
        <Pill tone={tone} shape={shape} word={statusWord(status)} />
      </div>
      <p className="meta">{aboutMedia(item)}</p>
      {details && <Panel details={details} />}
    </>
  );
}

function Panel({ details: { summary, models } }) {
  const { status, percent } = summary;
  const hasEnded = status !== "queued" && status !== "running";
  const left = models.find((model) => model.left !== null)?.left ?? null;
  const count = `${countOf(summary)} complete`;
  const [hue, shape] = verdictLooks(summary);
  return (
    <div className="cols">
      <section className="card panel" aria-labelledby="panel">
        <div className="row">
          <h2 id="panel" className="grow">
            {runTitle(status)}
          </h2>
        </div>
        <p className="meta">{leftWord(left)}</p>
        <div>
          <div className="row overall-line">
            <span id="overall" className="grow">
              Overall progress
            </span>
            <span className="figure">{percent}%</span>
          </div>
          <div
            id="ov"
            className="bar"
            role="progressbar"
            aria-labelledby="panel overall"
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={percent}
            aria-valuetext={join(`${percent}%`, count, leftWord(left))}
            data-tone={hasEnded ? looks(status)[0] : "run"}
            style={{ "--part": `${percent}%` }}
          >
            <i />
          </div>
        </div>
        <ul className="models" aria-label="Models">
          {models.map((model) => (
            <ModelRow
              key={model.name}
              name={model.name}
              state={model.state}
              percent={model.state === "queued" || model.total === null ? null : percentOf(shareOf(model))}
              line={modelLine(model)}
            />
          ))}
        </ul>
      </section>
      <section className="card result" aria-labelledby="result">
        <h2 id="result">{hasEnded ? "Result" : "Result so far"}</h2>
        <p className="verdict" data-tone={hasEnded ? hue : "mute"}>
          <Icon shape={hasEnded ? shape : "none"} />{" "}
          <bdi dir="auto">
            {hasEnded ? verdictWord(summary) : summary.completed > 0 ? "Not final" : "No result yet"}
          </bdi>
        </p>
        <p>
          {summary.fake} say fake, {summary.real} say real.
        </p>
        <ul className="votes" aria-label="Results by model">
          {models
            .filter(({ state }) => state === "complete")
            .map(({ name, label, confidence }) => (
              <Vote key={name} name={name} label={label} percent={percentOf(confidence)} />
            ))}
        </ul>
      </section>
    </div>
  );
}

const ModelRow = memo(function ModelRow({ name, state, percent, line }) {
  const [tone, shape] = modelLooks(state);
  const share = state === "complete" ? 100 : percent;
  return (
    <li data-tone={tone}>
      <Icon shape={shape} />{" "}
      <span className="name">
        <bdi dir="auto">{name}</bdi>
      </span>
      <Bar percent={share ?? 0} tone={tone} data-empty={share === null ? "" : undefined} />{" "}
      <span className="figure">{share === null ? "–" : `${share}%`}</span>
      <div className="meta">
        <bdi dir="auto">{line}</bdi>
      </div>
    </li>
  );
});

const Vote = memo(function Vote({ name, label, percent }) {
  const [tone, shape] = label === "FAKE" ? ["bad", "bad"] : ["ok", "ok"];
  return (
    <li>
      <span className="name">
        <bdi dir="auto">{name}</bdi>
      </span>
      <Pill tone={tone} shape={shape} word={labelWord(label)} />
      <Bar percent={percent} tone="run" />
      <span className="figure">{percent}%</span>
    </li>
  );
});
