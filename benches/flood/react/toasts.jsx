// One toast for each media, from its start to its end: at most three on screen, the rest counted. Of all, the library
// keeps the newest twenty.
import { memo, useState } from "react";
import toast, { useToaster } from "react-hot-toast/headless";
import { useDetails, useSummary } from "./live.js";
import { Bar, Icon, looks, modelLooks, verdictLooks } from "./parts.jsx";
import { countOf, join, leftWord, modelLine, statusWord, verdictWord } from "./words.js";

const VISIBLE = 3;

/** A run has begun or ended: its toast is made or changed in place. What a toast shows in between, it reads itself. */
export function toastTurn(id, before, { status }) {
  const isNews = before !== undefined;
  if (status === "running" || status === "queued") toast(id, { id, duration: Infinity });
  else if (isNews) toast(id, { id, duration: Infinity, className: "ended" });
}

export function Toasts({ live }) {
  const [all, setAll] = useState(false);
  const { toasts, handlers } = useToaster();
  const visible = toasts.filter((one) => one.visible);
  // What ended comes before what runs.
  const sorted = [...visible.filter(isEnded), ...visible.filter((one) => !isEnded(one))];
  const shown = all ? sorted : sorted.slice(0, VISIBLE);
  return (
    <section
      className="dock"
      aria-label="Notifications"
      tabIndex={-1}
      onMouseEnter={handlers.startPause}
      onMouseLeave={handlers.endPause}
    >
      <ol>
        {shown.map((one) => (
          <Card key={one.id} live={live} id={one.message} ariaProps={one.ariaProps} />
        ))}
      </ol>
      {visible.length > VISIBLE && (
        <button className="overflow" onClick={() => setAll(!all)}>
          {all ? "Show fewer" : `${visible.length - VISIBLE} more`}
        </button>
      )}
    </section>
  );
}

const isEnded = (one) => one.className === "ended";

const Card = memo(function Card({ live, id, ariaProps }) {
  const [isOpen, setOpen] = useState(false);
  const summary = useSummary(live, id);
  if (!summary) return null;
  const { name, status, percent } = summary;
  const hasEnded = status !== "queued" && status !== "running";
  const [tone, shape] = status === "complete" ? verdictLooks(summary) : looks(status);
  return (
    <li className="toast" tabIndex={0} data-tone={tone}>
      <strong className="cut">
        {hasEnded && <Icon shape={shape} />}
        <bdi dir="auto">{hasEnded ? `${statusWord(status)}: ${verdictWord(summary).toLowerCase()}` : name}</bdi>
      </strong>
      <button
        className="plain"
        aria-expanded={isOpen}
        aria-label={`${isOpen ? "Hide" : "Show"} details: ${name}`}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon shape="expand" />
      </button>
      <button className="plain" aria-label={`Hide: ${name}`} onClick={() => toast.dismiss(id)}>
        <Icon shape="close" />
      </button>
      <div className="meta full" {...ariaProps}>
        {hasEnded ? join(name, countOf(summary)) : <RunningLine live={live} id={id} />}
      </div>
      {!hasEnded && <Bar className="bar full" percent={percent} tone="run" />}
      {isOpen && <Models live={live} id={id} />}
      {hasEnded && (
        <div className="row full">
          <a className="button primary" href={`#/media/${id}`}>
            View
          </a>
        </div>
      )}
    </li>
  );
});

function RunningLine({ live, id }) {
  const { summary, models } = useDetails(live, id);
  const left = models.find((model) => model.left !== null)?.left ?? null;
  return join(`${summary.percent}%`, countOf(summary), leftWord(left));
}

function Models({ live, id }) {
  const { models } = useDetails(live, id);
  return (
    <ul className="models full" aria-label="Models">
      {models.map((model) => (
        <li key={model.name} data-tone={modelLooks(model.state)[0]}>
          <Icon shape={modelLooks(model.state)[1]} /> <span className="name">{model.name}</span>
          <div className="meta">{modelLine(model)}</div>
        </li>
      ))}
    </ul>
  );
}
