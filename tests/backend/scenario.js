/**
 * A scripted meeting of three minutes: participants come and go, one of them loses trust, alerts of each severity come.
 *
 * Everyone who is there sends a picture each second.
 *
 * Law: the script is fixed and knows no chance; the same scenario says the same things at the same times. It runs once
 * and ends. Everything it says is labelled by the stage as simulated.
 */
import { png } from "./samples.js";

/** One second of the script in milliseconds at speed 1. */
const SECOND_MS = 1000;

/** The cast: id, name, second of arrival and of departure, and trust as [second, score] points joined by lines. */
const CAST = [
  {
    id: "user-amara-osei",
    name: "Amara Osei",
    from: 1,
    to: 180,
    trust: [
      [0, 0.96],
      [90, 0.93],
      [178, 0.95],
    ],
  },
  {
    id: "user-jonas-weber",
    name: "Jonas Weber",
    from: 3,
    to: 176,
    trust: [
      [0, 0.94],
      [30, 0.91],
      [60, 0.74],
      [95, 0.55],
      [120, 0.33],
      [150, 0.22],
      [178, 0.28],
    ],
  },
  {
    id: "user-mei-tanaka",
    name: "Mei Tanaka",
    from: 8,
    to: 110,
    trust: [
      [0, 0.9],
      [45, 0.82],
      [70, 0.68],
      [100, 0.79],
    ],
  },
  {
    id: "user-priya-nair",
    name: "Priya Nair",
    from: 40,
    to: 174,
    trust: [
      [40, 0.88],
      [120, 0.92],
    ],
  },
];

const ALERTS = [
  [48, "user-mei-tanaka", "low", "video_quality_drop", "Video quality dropped; facial analysis is less certain", 0.58],
  [62, "user-jonas-weber", "medium", "lip_sync_anomaly", "Lip movement and audio drift apart", 0.71],
  [72, "user-mei-tanaka", "low", "lighting_change", "Unusual change of lighting on the face", 0.52],
  [98, "user-jonas-weber", "medium", "emotion_inconsistency", "Voice and expression do not match", 0.76],
  [122, "user-jonas-weber", "high", "voice_clone_detected", "Possible voice cloning detected", 0.93],
  [131, "user-jonas-weber", "high", "voice_clone_detected", "Possible voice cloning detected", 0.95],
  [152, "user-jonas-weber", "high", "face_swap_detected", "Possible face swap detected", 0.9],
].map(([at, participantId, severity, type, message, confidence]) => ({
  at,
  alert: { participantId, severity, type, message, confidence, actionRequired: severity === "high" },
}));

/** Seconds between two reports of the same kind. */
const TRUST_EVERY = 2;
const DETECTION_EVERY = 3;
const ANALYTICS_EVERY = 5;

const LENGTH = 180;

/** A picture is small and real; each participant sends the same one. */
const PICTURE = png(16);

/** @param {number} value */
const round3 = (value) => Math.round(value * 1e3) / 1e3;

/** @param {[number, number][]} points @param {number} second */
function between(points, second) {
  const next = points.findIndex(([at]) => at > second);
  if (next === 0) return points[0][1];
  if (next < 0) return points[points.length - 1][1];
  const [fromAt, from] = points[next - 1];
  const [toAt, to] = points[next];
  return from + ((to - from) * (second - fromAt)) / (toAt - fromAt);
}

/** A small regular ripple on the line, so that a meter moves as a measured one does. */
const trustAt = (member, second) =>
  round3(Math.min(1, Math.max(0, between(member.trust, second) + 0.012 * Math.sin(second * 1.7 + member.from))));

export class Scenario {
  /** Length at speed 1 in milliseconds. */
  static durationMs = LENGTH * SECOND_MS;

  /**
   * @param {{join(id: string, name: string): void, leave(id: string): void, say(event: string, payload: object): void}} stage
   * @param {number} speed 1 is real time
   */
  constructor(stage, speed) {
    this.stage = stage;
    this.second = 0;
    this.present = new Set();
    this.alerts = 0;
    this.frames = 0;
    this.timer = setInterval(() => this.#tick(), SECOND_MS / speed);
  }

  view() {
    const running = this.timer !== null;
    return { running, elapsedMs: this.second * SECOND_MS, durationMs: Scenario.durationMs };
  }

  /** Ends it; whoever is still there leaves. */
  stop() {
    if (this.timer === null) return;
    clearInterval(this.timer);
    this.timer = null;
    for (const member of CAST) this.#leave(member);
  }

  #tick() {
    this.second += 1;
    for (const member of CAST) {
      if (this.second === member.from) this.#join(member);
      if (this.second === member.to) this.#leave(member);
    }
    const present = CAST.filter((member) => this.present.has(member));
    this.frames += 24 * present.length;
    for (const member of present) {
      const due = this.second - member.from;
      if (due % TRUST_EVERY === 0) {
        const trustScore = trustAt(member, this.second);
        this.stage.say("trust-score-update", { participantId: member.id, trustScore });
      }
      this.stage.say("video-frame", { participantId: member.id, frame: PICTURE });
      if (due % DETECTION_EVERY === 0) this.stage.say("detection-update", this.#detection(member));
    }
    for (const { at, alert } of ALERTS) {
      if (at !== this.second) continue;
      this.alerts += 1;
      this.stage.say("deepfake-alert", alert);
    }
    if (this.second % ANALYTICS_EVERY === 0 && present.length)
      this.stage.say("analytics-update", this.#analytics(present));
    if (this.second >= LENGTH) this.stop();
  }

  #join(member) {
    this.present.add(member);
    this.stage.join(member.id, member.name);
  }

  #leave(member) {
    if (this.present.delete(member)) this.stage.leave(member.id);
  }

  #detection(member) {
    const trust = trustAt(member, this.second);
    return {
      participantId: member.id,
      results: {
        audioAnalysis: { voiceCloneScore: round3(1 - trust), confidence: 0.9, features: ["pitch_variation"] },
        videoAnalysis: { facialConsistency: trust, lipSyncError: round3((1 - trust) / 4), confidence: 0.87 },
        behavioralAnalysis: { emotionConsistency: round3(0.4 + 0.6 * trust), confidence: 0.82 },
      },
    };
  }

  #analytics(present) {
    const scores = present.map((member) => trustAt(member, this.second));
    const low = scores.filter((score) => score < 0.5).length;
    return {
      analytics: {
        totalParticipants: present.length,
        anomaliesDetected: this.alerts,
        averageTrustScore: round3(scores.reduce((sum, score) => sum + score, 0) / scores.length),
        detectionModality: {
          audio: { detected: low, confidence: 0.9 },
          video: { detected: low, confidence: 0.87 },
          behavioral: { detected: 0, confidence: 0.82 },
        },
        cpuUsage: round3(38 + 9 * Math.sin(this.second / 11)),
        memoryUsage: round3(55 + this.second / 30),
        processedFrames: this.frames,
      },
    };
  }
}
