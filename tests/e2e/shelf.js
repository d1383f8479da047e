// As many media as a test wants, in every state, without an analysis: the page's REST requests are answered here, and the
// reference server says what changed.
import { ADA } from "./harness.js";

/** What a row is in REST: how it ended, or that it runs. */
const KINDS = {
  fake: { status: "ANALYZED", predictions: ["FAKE", "FAKE", "REAL"] },
  real: { status: "ANALYZED", predictions: ["REAL", "REAL", "REAL"] },
  failed: { status: "FAILED", predictions: [] },
  running: { status: "PROCESSING", predictions: ["REAL"] },
};

/** Media in place of those of `analysis`, as its REST tells them, newest first. */
export class Shelf {
  /** @param {number} count @param {(at: number) => keyof typeof KINDS} kindOf */
  constructor(count, kindOf = (at) => (at % 4 === 3 ? "fake" : "real")) {
    this.rows = [];
    for (let at = count - 1; at >= 0; at -= 1) this.add(`clip ${at}.mp4`, kindOf(at));
  }

  /** Puts one on top. */
  add(filename, kind) {
    const number = this.rows.length;
    const id = `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
    this.rows.unshift({ id, filename, createdAt: new Date(1.75e12 + number * 60_000).toISOString() });
    this.set(this.rows[0], kind);
    return this.rows[0];
  }

  set(row, kind) {
    const { status, predictions } = KINDS[kind];
    const analyses = predictions.map((prediction, at) => ({
      modelName: `model-${at}`,
      prediction,
      confidence: 0.9,
      status: "COMPLETED",
    }));
    const run = { id: `run-${row.id}`, mediaId: row.id, runNumber: 1, status, createdAt: row.createdAt, analyses };
    Object.assign(row, { status, mediaType: "VIDEO", size: 48e6, latestAnalysisRunId: run.id, analysisRuns: [run] });
  }

  /** Answers a page's requests for the list and its rows. @param {import("playwright-core").BrowserContext} context */
  async serve(context) {
    await context.route("**/analysis/api/v1/media**", (route) => {
      const id = /media\/([^/?]+)$/.exec(route.request().url())?.[1];
      const data = id ? this.rows.find((row) => row.id === id) : this.rows;
      return route.fulfill({ status: data ? 200 : 404, json: { success: true, data } });
    });
  }

  /** Has the server say that this row is new or different. */
  async tell(servers, row, kind) {
    if (kind) this.set(row, kind);
    const to = { user: ADA.name };
    await servers.control("emit", { backend: "analysis", event: "media_update", args: [row], to });
  }
}
