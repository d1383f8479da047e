/**
 * Where we differ on purpose. Each exception has a name, the kind of case it is for, a reason, and a test as narrow as
 * the reason.
 *
 * Law: the test looks at what came in. That we refuse something is never its own reason.
 */

/** What may stand between the type and the payload, as we read it: attachments and namespace, then the ack id. */
const HEADER = String.raw`(?:[0-4]|[56]\d+-)(?:\/[^,]*(?:,|$))?`;
const ACK_ID = new RegExp(`^${HEADER}(\\d+)`);
const BLANK = new RegExp(`^(?:\\s|${HEADER}\\d*\\s)`);
const NO_PAYLOAD = new RegExp(`^(?=[2356])${HEADER}\\d*$`);
const INFINITE_EVENT = new RegExp(`^(?=[25])${HEADER}\\d*\\[\\s*-?\\d[\\d.]*e\\+?\\d{3}`, "i");

/** @type {{name: string, kind: string, reason: string, applies: (input: any, reference: any, ours: any) => boolean}[]} */
export const EXCEPTIONS = [
  {
    name: "count",
    kind: "socket",
    reason: "JavaScript reads 1.0, 1e0, +1, 0x1 and ' 1' as the number of attachments 1",
    applies: (text, _reference, ours) => {
      const [, count] = /^[56]([^-]*)-/.exec(text) ?? [];
      return refused(ours) && count !== undefined && !/^\d+$/.test(count) && Number(count) >= 1;
    },
  },
  {
    name: "blank",
    kind: "socket",
    reason: "JavaScript takes a blank for zero: as the type of a packet, and in or as an ack id",
    applies: (text, _reference, ours) => refused(ours) && BLANK.test(text),
  },
  {
    name: "ack id",
    kind: "socket",
    reason: "an ack id above 2^53 - 1 would be answered under another number",
    applies: (text, _reference, ours) => refused(ours) && Number(ACK_ID.exec(text)?.[1]) > Number.MAX_SAFE_INTEGER,
  },
  {
    name: "no payload",
    kind: "socket",
    reason: "an event or ack without a payload; the original hands on undefined, and the client above it throws",
    applies: (text, _reference, ours) => refused(ours) && NO_PAYLOAD.test(text),
  },
  {
    name: "infinite event",
    kind: "socket",
    reason: "an event cannot be named by a number that JSON cannot write",
    applies: (text, _reference, ours) => refused(ours) && INFINITE_EVENT.test(text),
  },
  {
    name: "half an attachment",
    kind: "socket",
    reason: "a placeholder with a fraction names no attachment; the original puts undefined there",
    applies: (_text, reference, ours) => refused(ours) && JSON.stringify(reference).includes('{"undefined":true}'),
  },
  ...["json", "socket"].map((kind) => ({
    name: "depth",
    kind,
    reason: "nested deeper than 1024 levels, as nothing is that a server here sends",
    applies: (text, _reference, ours) => refused(ours) && depth(text) > 1024,
  })),
  {
    name: "base64",
    kind: "engine",
    reason: "what is no base64 is an error; the original decodes what it can",
    applies: (text, _reference, ours) => refused(ours) && text.startsWith("b") && !isBase64(text.slice(1)),
  },
  {
    name: "data where none belongs",
    kind: "engine",
    reason: "what follows close, upgrade and noop means nothing and is not kept",
    applies: (text, reference, ours) => /^[156]./s.test(text) && reference.type === ours.type && ours.data === "",
  },
  {
    name: "too many attachments",
    kind: "encode",
    reason: "a server would close the connection on the eleventh, so we do not send it",
    applies: (_packet, reference, ours) => refused(ours) && reference.length > 11,
  },
  {
    name: "placeholder in data",
    kind: "encode",
    reason: "beside an attachment, data that looks like a placeholder would be replaced by it",
    applies: (packet, reference, ours) => refused(ours) && reference.length > 1 && holdsPlaceholder(packet.data),
  },
  {
    name: "lost member",
    kind: "encode",
    reason: "in a packet with attachments the original loses a member named __proto__",
    applies: (_packet, reference, ours) => reference.length > 1 && !refused(ours) && ours[0].includes('"__proto__":'),
  },
];

function refused(outcome) {
  return typeof outcome?.error === "string";
}

/** The deepest nesting outside of strings. */
function depth(text) {
  let [deepest, now] = [0, 0];
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"?|[[{]|[\]}]/gs)) {
    if (token === "[" || token === "{") deepest = Math.max(deepest, ++now);
    else if (token === "]" || token === "}") now -= 1;
  }
  return deepest;
}

function isBase64(text) {
  const canonical = Buffer.from(text, "base64").toString("base64");
  return text === canonical || text === canonical.replace(/=+$/, "");
}

function holdsPlaceholder(value) {
  if (value === null || typeof value !== "object" || Buffer.isBuffer(value)) return false;
  return (!Array.isArray(value) && value._placeholder === true) || Object.values(value).some(holdsPlaceholder);
}
