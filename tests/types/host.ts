// A page with the widget, as somebody would write it: what the package declares is checked against it, and never run.
import {
  connect,
  load,
  mount,
  type Alert,
  type Client,
  type MediaOptions,
  type MeetingOptions,
  type Panel,
} from "../../www/widget/index.js";
import type { TelltaleMeetingElement } from "../../www/widget/element.js";

const place = document.createElement("div");
const analysis = { kind: "analysis", url: "/analysis", transports: ["websocket"], name: "Ours" } as const;
const meetings = { kind: "meeting", url: "https://meet.example.org", path: "/socket.io/" } as const;
const ending = new AbortController();

export const media: MediaOptions = {
  server: { ...analysis, transports: ["websocket", "polling"] },
  mediaId: "m1",
  getToken: async () => undefined,
  theme: "auto",
  announce: "important",
  lang: "de",
  strings: { Live: "Aktuell", Models: { one: "{n} Modell", other: "{n} Modelle" } },
  wasm: new URL("/telltale.wasm", location.href),
  signal: ending.signal,
  onCancel: async (mediaId) => void (await fetch(`/cancel/${mediaId}`)),
};
export const meeting: MeetingOptions = {
  server: meetings,
  meetingId: "standup",
  token: "secret",
  alertLevel: "medium",
  onAlert: (alert: Alert) => console.log(alert.severity, alert.participantName?.length),
  onVideoFrame: ({ frame }) => createImageBitmap(new Blob([frame])),
};

export async function use(): Promise<void> {
  await load();
  const panel: Panel = await mount(place, media);
  panel.setToken("another");
  panel.setTheme("dark");
  panel.setTheme();
  panel.setAnnounce("off");
  await panel.setLanguage("ar", media.strings);
  panel[Symbol.dispose]();
  await mount(place, meeting);

  place.addEventListener("telltale-alert", ({ detail }) => console.log(detail.meetingId));
  document.addEventListener("telltale-alert", ({ detail }) => console.log(detail.severity));
  window.addEventListener("telltale-video-frame", ({ detail }) => console.log(detail.frame.byteLength));
  window.addEventListener("telltale-watch", ({ detail }) => console.log(detail.watched));
  place.removeEventListener("telltale-sign-in", console.log);

  const element: TelltaleMeetingElement = document.createElement("telltale-meeting");
  element.getToken = async () => null;
  element.strings = media.strings;
  element.setToken("another");
  const client: Client = connect({ server: analysis, getToken: () => null, announce: "off", signal: ending.signal });
  const shared: MediaOptions = { client, mediaId: "m1", theme: "dark", onCancel: media.onCancel };
  await mount(place, shared);
  await mount(place, { client, meetingId: "standup", onAlert: meeting.onAlert });
  element.client = client;
  element.client = undefined;
  client.setToken("another");
  client.setAnnounce("all");
  client.close();
  element.addEventListener("telltale-error", (event) => {
    event.preventDefault();
    console.log(event.detail.message);
  });
  document.createElement("telltale-progress").onCancel = media.onCancel;

  // @ts-expect-error the token is the client's
  await mount(place, { client, mediaId: "m1", token: "secret" });
  // @ts-expect-error a meeting is no server's that analyses media
  await mount(place, { server: meetings, mediaId: "m1" });
  // @ts-expect-error and the other way round
  await mount(place, { server: { kind: "analysis", url: "/" }, meetingId: "standup" });
  // @ts-expect-error one panel shows one thing
  await mount(place, { server: meetings, meetingId: "standup", mediaId: "m1" });
  // @ts-expect-error a token is text
  panel.setToken(5);
}
