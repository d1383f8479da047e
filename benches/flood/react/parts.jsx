// Shapes, states and bars, as everything on the page uses them.
import { memo } from "react";

const PATHS = {
  ok: ["line", "M1.5 7.5l3.5 3.5 7.5-8"],
  run: ["line", "M7 1.5a5.5 5.5 0 1 0 5.5 5.5"],
  wait: ["line", "M7 1a6 6 0 1 0 .01 0M7 3.5V7l2.5 1.5"],
  warn: ["solid", "M7 1l6.5 12H.5z"],
  bad: ["solid", "M4.5.5h5l4 4v5l-4 4h-5l-4-4v-5zM6 3v5h2V3zM6 9.2v2h2v-2z"],
  dot: ["solid", "M7 2.5a4.5 4.5 0 1 0 .01 0z"],
  none: ["line", "M2 7h10"],
  close: ["line", "M2.5 2.5l9 9M11.5 2.5l-9 9"],
  expand: ["line", "M2.5 5L7 9.5 11.5 5"],
  theme: ["line", "M7 1.5a5.5 5.5 0 1 0 .01 0M7 1.5v11M9 2v10M11 4v6"],
};

export const Icon = memo(function Icon({ shape }) {
  const [kind, path] = PATHS[shape];
  return (
    <svg className="icon" data-icon={kind} viewBox="0 0 14 14" aria-hidden="true">
      <path d={path} />
    </svg>
  );
});

export const Pill = memo(function Pill({ tone, shape, word }) {
  return (
    <span className="pill" data-tone={tone}>
      <Icon shape={shape} /> <bdi dir="auto">{word}</bdi>
    </span>
  );
});

/** A bar for the eyes; its figure stands beside it as text. */
export function Bar({ percent, tone, className = "bar", ...more }) {
  return (
    <span className={className} aria-hidden="true" data-tone={tone} style={{ "--part": `${percent}%` }} {...more}>
      <i />
    </span>
  );
}

/** The colour and the shape of a status. */
export const looks = (status) =>
  ({
    queued: ["mute", "wait"],
    running: ["run", "run"],
    complete: ["ok", "ok"],
    partly: ["warn", "warn"],
    failed: ["bad", "bad"],
  })[status] ?? ["mute", "none"];

/** The colour and the shape of a model's state. */
export const modelLooks = (state) =>
  ({
    queued: ["mute", "wait"],
    running: ["run", "run"],
    retrying: ["warn", "wait"],
    complete: ["ok", "ok"],
    failed: ["bad", "bad"],
  })[state];

/** The colour and the shape of what the models say together. */
export const verdictLooks = ({ fake, real }) =>
  fake > real ? ["bad", "bad"] : real > fake ? ["ok", "ok"] : fake > 0 ? ["warn", "warn"] : ["mute", "none"];
