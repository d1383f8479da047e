// What is sent in the flood, and what must be on a page when all of it has come.
//
// Law: pure and the same each time. What must be shown is told from the plan, never from what a page says.
import { createHash } from "node:crypto";

/** Media that are analysed at once. */
export const MEDIA = 100;

/** The models that look at each, one after another, as one worker does. */
export const MODELS = ["edge-net-2", "blink-rate-1", "texture-vit-3", "lip-sync-1"];

/** Whose media they are. */
export const USER = { id: "user-ada", email: "ada@telltale.test", firstName: "Ada", lastName: "Byron", role: "USER" };

/** The media whose own page is open where that is what is looked at: in sight in the list, and running to the end. */
export const OPEN = 5;

const mediaId = (index) => uuid(`media ${index}`);
const runId = (index) => uuid(`run ${index}`);
/** The name of a media. */
export const filename = (index) => `clip-${String(index).padStart(3, "0")}.mp4`;

/**
 * Windows that each model of a media looks at. From few to many, so that media end all through the flood and most still
 * run when it is over.
 */
const windows = (index) => 40 + 4 * ((index * 53) % MEDIA);

const says = (index, model) => ((index + model) % 3 === 0 ? "REAL" : "FAKE");
const confidence = (index, model) => 0.6 + ((index * 7 + model * 13) % 35) / 100;

/** The events of one media in their order: `{event, args}` without the times, which are those of the sending. */
function* eventsOf(index) {
  const total = windows(index);
  const run = { filename: filename(index), runId: runId(index) };
  const progress = (event, message, data) => ({ name: "progress_update", event, message, data });
  for (const [at, model] of MODELS.entries()) {
    const named = { model_name: model, ...run };
    yield progress("PROCESSING_STARTED", `Starting analysis of "${run.filename}"`, {
      model_name: "Backend Worker",
      ...run,
      mediaType: "VIDEO",
      timestamp: true,
    });
    yield progress("ANALYSIS_STARTED", `Starting ${model} analysis for "${run.filename}"`, {
      ...named,
      phase: "analyzing",
      timestamp: true,
    });
    for (let done = 1; done <= total; done++) {
      yield progress("FRAME_ANALYSIS_PROGRESS", `Processed window ${done}/${total}`, {
        model_name: model,
        progress: done,
        total,
        details: { phase: "frame_processing", faces_detected_so_far: 2 * done },
      });
    }
    yield progress("ANALYSIS_COMPLETED", `Completed ${model} analysis for "${run.filename}"`, {
      ...named,
      prediction: says(index, at),
      confidence: confidence(index, at),
      phase: "completed",
      timestamp: true,
    });
  }
  yield progress("ANALYSIS_COMPLETE", `Analysis completed for "${run.filename}" (4/4 models succeeded)`, {
    runId: run.runId,
    totalAnalyses: MODELS.length,
    completedAnalyses: MODELS.length,
    failedAnalyses: 0,
    pendingAnalyses: 0,
    finalStatus: "ANALYZED",
    filename: run.filename,
    timestamp: true,
  });
  yield { name: "media_update" };
}

/** How many events a flood has at most: then every media has ended. */
export const EVENTS = Array.from({ length: MEDIA }, (_, index) => [...eventsOf(index)].length).reduce(
  (sum, count) => sum + count,
);

/** A flood of so many events. `next` gives them in turn, one of each media that has not ended. */
export class Flood {
  constructor() {
    this.sent = Array.from({ length: MEDIA }, () => ({ models: MODELS.map(() => ({ done: 0 })) }));
    this.running = this.sent.map((_, index) => ({ index, events: eventsOf(index) }));
    this.turn = 0;
  }

  /** What was queued before the flood, when the media were uploaded. */
  queued() {
    const all = Array.from({ length: MEDIA }, (_, index) => index);
    return all.flatMap((index) =>
      MODELS.map((model) =>
        this.#progress(index, {
          event: "ANALYSIS_QUEUED",
          message: `${model} queued for analysis`,
          data: { model_name: model, progress: 0, total: 100, phase: "QUEUED", timestamp: true },
        }),
      ),
    );
  }

  /** The next event, as a name and its payload. */
  next() {
    for (;;) {
      this.turn %= this.running.length;
      const { index, events } = this.running[this.turn];
      const { value, done } = events.next();
      if (done) {
        this.running.splice(this.turn, 1);
        continue;
      }
      this.turn++;
      this.#note(index, value);
      return value.name === "media_update" ? ["media_update", this.row(index)] : this.#progress(index, value);
    }
  }

  /** A media as REST and `media_update` tell it. */
  row(index) {
    const { begun, hasEnded, models } = this.sent[index];
    const now = new Date().toISOString();
    const { id, firstName, lastName, email } = USER;
    const status = hasEnded ? "ANALYZED" : begun ? "PROCESSING" : "QUEUED";
    const analyses = models.flatMap(({ hasEnded }, at) =>
      hasEnded
        ? {
            id: uuid(`row ${index} ${at}`),
            analysisRunId: runId(index),
            modelName: MODELS[at],
            prediction: says(index, at),
            confidence: confidence(index, at),
            status: "COMPLETED",
            errorMessage: null,
            processingTime: null,
            mediaType: "video",
            resultPayload: {},
            createdAt: now,
            updatedAt: now,
          }
        : [],
    );
    const run = { id: runId(index), mediaId: mediaId(index), runNumber: 1, status, createdAt: this.created(index) };
    return {
      id: mediaId(index),
      filename: filename(index),
      url: `/analysis/media/${mediaId(index)}`,
      publicId: `videos/${mediaId(index)}.mp4`,
      mimetype: "application/mp4",
      size: 1_000_000 * (index + 1),
      description: null,
      status,
      mediaType: "VIDEO",
      hasAudio: null,
      metadata: null,
      userId: id,
      createdAt: this.created(index),
      updatedAt: now,
      latestAnalysisRunId: begun ? runId(index) : null,
      user: { id, firstName, lastName, email },
      analysisRuns: [{ ...run, analyses }],
    };
  }

  /** Media come newest first; the last was sent before the flood began. */
  created(index) {
    this.began ??= Date.now();
    return new Date(this.began - 60_000 - 1000 * index).toISOString();
  }

  /** All rows, as the list tells them. */
  rows() {
    return this.sent.map((_, index) => this.row(index));
  }

  /** What the list must show: each row's name, line and state. */
  expectedList() {
    return this.sent.map(({ begun, models }, index) => {
      const name = filename(index);
      if (!begun) return `${name} | | Queued`;
      const completed = models.filter((model) => model.hasEnded).length;
      const count = `${completed} of ${MODELS.length} models`;
      // By its models: the server's word for it comes an event later.
      if (completed === MODELS.length) return `${name} | ${verdict(index)} · ${count} | Complete`;
      const shares = models.map(({ done, hasEnded }) => (hasEnded ? 1 : Math.min(0.99, done / windows(index))));
      const mean = shares.reduce((sum, share) => sum + share, 0) / MODELS.length;
      return `${name} | ${Math.min(99, Math.floor(100 * mean + 1e-9))}% · ${count} | Analyzing`;
    });
  }

  /** What the open media's page must show of each model: its name, its figure, and how its line begins. */
  expectedModels() {
    return this.sent[OPEN].models.map(({ begun, done, hasEnded }, at) => {
      const total = windows(OPEN);
      if (hasEnded) {
        const word = says(OPEN, at) === "FAKE" ? "Fake" : "Real";
        return `${MODELS[at]} | 100% | Complete · ${word} ${Math.floor(100 * confidence(OPEN, at) + 1e-9)}%`;
      }
      if (!begun) return `${MODELS[at]} | – | Queued`;
      if (done === 0) return `${MODELS[at]} | – | Working`;
      const percent = Math.min(99, Math.floor((100 * done) / total + 1e-9));
      return `${MODELS[at]} | ${percent}% | Processed window ${done}/${total} · ${done} of ${total}`;
    });
  }

  #note(index, { event, data = {} }) {
    const media = this.sent[index];
    const model = media.models[MODELS.indexOf(data.model_name)];
    media.begun = true;
    if (event === "ANALYSIS_STARTED") model.begun = true;
    else if (event === "FRAME_ANALYSIS_PROGRESS") model.done = data.progress;
    else if (event === "ANALYSIS_COMPLETED") model.hasEnded = true;
    else if (event === "ANALYSIS_COMPLETE") media.hasEnded = true;
  }

  #progress(index, { event, message, data }) {
    const now = new Date().toISOString();
    const stamped = data.timestamp ? { ...data, timestamp: now } : data;
    return [
      "progress_update",
      { mediaId: mediaId(index), userId: USER.id, event, message, data: stamped, timestamp: now },
    ];
  }
}

/** By the majority of the models. */
function verdict(index) {
  const fake = MODELS.filter((_, at) => says(index, at) === "FAKE").length;
  const real = MODELS.length - fake;
  return fake > real ? "Likely fake" : real > fake ? "Likely real" : "Models disagree";
}

function uuid(of) {
  const hex = createHash("sha1").update(of).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}
