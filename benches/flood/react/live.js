// What the socket says of each run, as an external store that React reads.
//
// Law: an event changes only what it is about, and whoever reads is told once in a frame, however many events came. A
// row is told only if what a row shows is different.
import { useCallback, useSyncExternalStore } from "react";

/** Attempts that the server gives a model. */
const ATTEMPTS = 3;

/** The pseudo-model under which the worker speaks of a whole run. */
const WORKER = "Backend Worker";

const ENDED = new Set(["complete", "partly", "failed"]);

export class Live {
  #runs = new Map();
  #changed = new Set();
  #readers = new Map();
  #ofStatuses = new Set();
  #ofTurns = new Set();
  #statuses = new Map();
  #expected = 0;

  /** What a row and a card show; the same object for as long as it shows the same. */
  summary = (id) => this.#runs.get(id)?.summary;
  /** What a panel shows. */
  details = (id) => this.#runs.get(id)?.details;
  /** The status of each media, by its id; a new map for each difference. */
  statuses = () => this.#statuses;

  subscribe(id, reader) {
    const readers = this.#readers.get(id) ?? this.#readers.set(id, new Set()).get(id);
    readers.add(reader);
    return () => readers.delete(reader);
  }

  subscribeStatuses = (reader) => {
    this.#ofStatuses.add(reader);
    return () => this.#ofStatuses.delete(reader);
  };

  /** Calls back for each run that begins or ends, in the frame in which it is shown. */
  onTurn(reader) {
    this.#ofTurns.add(reader);
    return () => this.#ofTurns.delete(reader);
  }

  /** How many models there are, of those that read video. */
  expect(models) {
    this.#expected = models;
    for (const id of this.#runs.keys()) this.#touch(id);
  }

  /** A row of REST or of `media_update`: what is stored wins over what was said. */
  row(media) {
    const [latest] = media.analysisRuns ?? [];
    const run = this.#run(media.id);
    run.name = media.filename;
    run.declared = media.status;
    for (const { modelName, status, prediction, confidence, errorMessage } of latest?.analyses ?? []) {
      const model = modelOf(run, modelName);
      if (status === "COMPLETED") Object.assign(model, { state: "complete", label: prediction, confidence });
      else if (status === "FAILED" && model.state !== "complete") model.error = errorMessage;
    }
    this.#touch(media.id);
  }

  /** A `progress_update`. */
  progress({ mediaId, event, message, data = {} }) {
    const run = this.#run(mediaId);
    run.name ??= data.filename;
    const name = data.model_name;
    if (event === "PROCESSING_STARTED" || name === WORKER) {
      run.declared = "PROCESSING";
    } else if (!name) {
      if (event === "ANALYSIS_COMPLETE") run.declared = data.finalStatus;
    } else {
      const model = modelOf(run, name);
      model.heard = performance.now();
      if (event === "ANALYSIS_QUEUED") {
        // It may come after the first start, and takes nothing back.
      } else if (event === "ANALYSIS_STARTED") {
        if (model.state === "failed" || model.state === "retrying") Object.assign(model, { done: null, total: null });
        if (model.state !== "complete") Object.assign(model, { state: "running", attempt: model.attempt + 1 });
        model.began ??= performance.now();
      } else if (event === "ANALYSIS_COMPLETED") {
        const { prediction: label, confidence } = data;
        Object.assign(model, { state: "complete", label, confidence });
      } else if (event === "ANALYSIS_FAILED") {
        model.error = data.error_message ?? data.details?.error ?? message;
        model.state = model.attempt >= ATTEMPTS ? "failed" : "retrying";
      } else if (model.state !== "complete") {
        model.state = "running";
        model.doing = message;
        if (typeof data.progress === "number") model.done = Math.max(model.done ?? 0, data.progress);
        if (data.total) model.total = data.total;
      }
    }
    this.#touch(mediaId);
  }

  #run(id) {
    const run = this.#runs.get(id) ?? { name: null, declared: null, models: new Map(), high: 0 };
    this.#runs.set(id, run);
    return run;
  }

  #touch(id) {
    if (this.#changed.size === 0) requestAnimationFrame(() => this.#tell());
    this.#changed.add(id);
  }

  #tell() {
    const changed = [...this.#changed];
    this.#changed.clear();
    const turns = [];
    let statuses;
    for (const id of changed) {
      const run = this.#runs.get(id);
      const before = run.summary;
      const models = [...run.models.values()].map((model) => ({ ...model, left: leftOf(model) }));
      const summary = summaryOf(run, models, this.#expected);
      run.high = summary.percent;
      run.details = { summary, models };
      if (!before || Object.keys(summary).some((key) => summary[key] !== before[key])) run.summary = summary;
      if (before?.status !== summary.status) {
        statuses ??= new Map(this.#statuses);
        statuses.set(id, summary.status);
        turns.push([id, before?.status, summary]);
      }
    }
    if (statuses) {
      this.#statuses = statuses;
      for (const reader of this.#ofStatuses) reader();
    }
    for (const [id, before, summary] of turns) for (const reader of this.#ofTurns) reader(id, before, summary);
    for (const id of changed) for (const reader of this.#readers.get(id) ?? []) reader();
  }
}

function modelOf(run, name) {
  const model = run.models.get(name) ?? { name, state: "queued", attempt: 0, done: null, total: null };
  run.models.set(name, model);
  return model;
}

function summaryOf({ name, declared, high }, models, known) {
  const expected = Math.max(known, models.length);
  const of = (state) => models.filter((model) => model.state === state);
  const [completed, failed] = [of("complete"), of("failed")];
  const begun = declared === "PROCESSING" || models.some(({ state }) => state !== "queued");
  const isOver = models.length > 0 && completed.length + failed.length === expected;
  const status =
    declared === "ANALYZED" || isOver
      ? failed.length === 0
        ? "complete"
        : completed.length > 0
          ? "partly"
          : "failed"
      : declared === "FAILED"
        ? "failed"
        : begun
          ? "running"
          : "queued";
  const fake = completed.filter(({ label }) => label === "FAKE").length;
  const real = completed.filter(({ label }) => label === "REAL").length;
  const share = models.reduce((sum, model) => sum + shareOf(model), 0) / Math.max(1, expected);
  return {
    name,
    status,
    percent: ENDED.has(status) ? 100 : Math.max(high, Math.min(99, Math.floor(100 * share + 1e-9))),
    expected,
    completed: completed.length,
    failed: failed.length,
    fake,
    real,
  };
}

/** How far a model is, from 0 to 1; only what has ended is all the way. */
export function shareOf({ state, done, total }) {
  if (state === "complete" || state === "failed") return 1;
  return state === "running" && total ? Math.min(0.99, (done ?? 0) / total) : 0;
}

/** Seconds that a model still needs by its pace so far, once five are known. */
function leftOf(model) {
  const { state, began, heard } = model;
  const share = shareOf(model);
  if (state !== "running" || !began || heard - began < 5000 || share === 0) return null;
  return ((heard - began) / 1000 / share) * (1 - share);
}

export const useSummary = (live, id) => useRun(live, id, live.summary);
export const useDetails = (live, id) => useRun(live, id, live.details);
export const useStatuses = (live) => useSyncExternalStore(live.subscribeStatuses, live.statuses);

function useRun(live, id, read) {
  // A function that differed each time would be subscribed anew each time.
  const subscribe = useCallback((reader) => live.subscribe(id, reader), [live, id]);
  return useSyncExternalStore(subscribe, () => read(id));
}
