/**
 * The verdict of a demo detector: from one measured suspicion to the prediction and the confidence that payloads carry.
 *
 * Law: the formula is the same for every detector and every verdict is labelled as a demo's, without forensic meaning.
 */

/** The label every result and every message carries. */
export const DETECTOR_LABEL = "demo detector";

/** @param {number} value */
const unit = (value) => Math.min(1, Math.max(0, value));

/** @param {number} value @returns {number} rounded to four decimals, the precision the payloads carry */
export const round4 = (value) => Math.round(value * 1e4) / 1e4;

/**
 * Verdict from suspicion: FAKE from 0.5 on; confidence is the distance of the suspicion from the other verdict.
 *
 * @param {number} suspicion 0..1
 * @param {Record<string, unknown>} measures
 */
export function verdict(suspicion, measures) {
  const s = unit(suspicion);
  return {
    prediction: s >= 0.5 ? "FAKE" : "REAL",
    confidence: round4(Math.max(s, 1 - s)),
    suspicion: round4(s),
    measures,
    detector: DETECTOR_LABEL,
    simulated: true,
  };
}
