// The page's words: the same as on the page beside which it is measured.

export const statusWord = (status) =>
  ({
    queued: "Queued",
    running: "Analyzing",
    complete: "Complete",
    partly: "Partly complete",
    failed: "Failed",
  })[status] ?? "No status yet";

export const runTitle = (status) =>
  ({
    queued: "Queued",
    running: "Analysis in progress",
    complete: "Analysis complete",
    partly: "Analysis partly complete",
    failed: "Analysis failed",
  })[status] ?? "No analysis yet";

export const join = (...words) => words.filter(Boolean).join(" · ");

export const verdictWord = ({ fake, real }) =>
  fake > real ? "Likely fake" : real > fake ? "Likely real" : fake > 0 ? "Models disagree" : "No result";

export const countOf = ({ completed, expected }) => (expected ? `${completed} of ${expected} models` : "");

export function rowLine(summary) {
  switch (summary.status) {
    case "queued":
      return "";
    case "running":
      return join(`${summary.percent}%`, countOf(summary));
    case "failed":
      return "No result";
    default:
      return join(verdictWord(summary), countOf(summary));
  }
}

export function leftWord(seconds) {
  if (seconds === null || seconds > 86_400) return "";
  if (seconds < 10) return "a few seconds left";
  if (seconds < 58) return `about ${Math.round(seconds / 5) * 5} s left`;
  return `about ${Math.max(1, Math.round(seconds / 60))} min left`;
}

const LABELS = { FAKE: "Fake", REAL: "Real" };
export const labelWord = (label) => LABELS[label] ?? label;

export const percentOf = (share) => Math.floor(100 * share + 1e-9);

export function modelLine(model) {
  const { state, doing, done, total, error, attempt } = model;
  switch (state) {
    case "queued":
      return "Queued";
    case "running": {
      const figures = done !== null && total !== null && total !== 100 ? `${done} of ${total}` : "";
      const which = attempt > 1 ? `Attempt ${attempt}` : "";
      return join(doing, which, figures, leftWord(model.left)) || "Working";
    }
    case "retrying":
      return `Attempt ${attempt} failed: ${error}. Waiting to retry.`;
    case "failed":
      return `Failed after ${attempt} attempts: ${error}`;
    default:
      return join("Complete", `${labelWord(model.label)} ${percentOf(model.confidence)}%`);
  }
}

const sizes = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const times = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });

export const aboutMedia = ({ mediaType, size, createdAt }) =>
  join(
    mediaType[0] + mediaType.slice(1).toLowerCase(),
    `${sizes.format(size / 1e6)} MB`,
    `received ${times.format(new Date(createdAt))}`,
  );
