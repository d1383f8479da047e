//! The list of cells: component × state, and how each comes about.

use telltale::ui::parts::Permission;

/// One component in one state.
pub struct Cell {
    /// What is shown, in its address.
    pub component: &'static str,
    /// The state, in its address.
    pub state: &'static str,
    /// What has happened, in a sentence.
    pub tells: &'static str,
    /// Who speaks.
    pub scene: Scene,
    /// What happens besides, each with its second.
    pub deeds: &'static [(f64, Deed)],
    /// The second at which the time stands still; before 0 the page is being opened, which takes two seconds.
    pub at: f64,
    /// What is drawn.
    pub view: View,
    /// What the view reads in the address besides.
    pub wish: Option<&'static str>,
}

/// Who speaks.
#[derive(Clone, Copy)]
pub enum Scene {
    /// The servers of the demonstration, from the moment the page is opened.
    Day,
    /// A server of this kind plays this fixture; its first step is at second 0.
    Fixture(&'static str, &'static str),
    /// The same by polling.
    Polled(&'static str, &'static str),
    /// A server of this kind sends these payloads one after the other.
    Payloads(&'static str, &'static [&'static str]),
    /// A library's server has so many things to say to everybody.
    Notices(u16),
}

/// What happens besides.
pub enum Deed {
    /// The servers are gone.
    Stop,
    /// They are back.
    Start,
    /// The device has no network.
    GoOffline,
    /// The token has expired.
    Expire,
    /// The servers close each connection at once.
    TurnAway,
    /// The servers' events are lost.
    FallSilent,
    /// Everything takes so many seconds.
    Slow(u64),
    /// The person signs out.
    SignOut,
    /// The person types a wrong password.
    MistypePassword,
    /// The person sends a file of so many bytes.
    Upload(&'static str, u64),
    /// The person joins a meeting of a server, by its number.
    Join(u8, &'static str),
    /// The person leaves a meeting.
    Leave(&'static str),
    /// The person has a media of the first server analysed once more.
    AnalyzeAgain(&'static str),
    /// The servers answer no request.
    FailRequests,
    /// The page goes out of sight.
    Hide,
    /// The first server sends this frame so often, to the letter.
    Frames(u16, &'static str),
    /// The first server sends these bytes.
    Bytes(&'static [u8]),
}

/// What a person does in what is drawn.
pub enum Gesture {
    /// Presses the first element that this selects.
    Press(&'static str),
    /// Searches.
    Search(&'static str),
    /// Chooses the row at this place, from 0.
    Choose(u32),
}

/// What is drawn.
#[derive(Clone, Copy)]
pub enum View {
    /// The connection's pill.
    Pill,
    /// The connection's banner.
    Banner,
    /// The page to sign in.
    SignIn,
    /// The list of media.
    List,
    /// A media's page.
    Media(&'static str),
    /// A media's panel.
    Panel(&'static str),
    /// The dock with its cards.
    Cards,
    /// The page to join a meeting.
    Meetings,
    /// The page of a meeting of a server, by its number.
    Meeting(u8, &'static str),
    /// The form that asks whose session has ended.
    SignInAgain,
    /// Everything that was told.
    Activity,
    /// The switch that holds what moves and what says so, after so many seconds.
    Paused(u16),
    /// The same above everything that was told.
    PausedActivity(u16),
    /// The settings, by what the browser answered to whether it may notify, and whether a person wants that.
    Settings(Permission, bool),
    /// A media's panel for another page.
    Embedded(&'static str),
    /// A media's panel for another page that can cancel its analysis, and what a person does in it.
    Cancellable(&'static str, &'static [Gesture]),
    /// A meeting for another page.
    EmbeddedMeeting(&'static str),
    /// The debug panel with a record from the beginning, and what a person does in it.
    Debug(&'static [Gesture]),
    /// The debug panel as it is opened in the middle.
    DebugLater,
    /// The debug panel while it is being fetched.
    DebugLoading,
    /// The debug panel that could not be fetched.
    DebugNotLoaded,
    /// The whole page.
    Page,
    /// The page of a configuration that cannot be used.
    NotSetUp(&'static str),
}

impl View {
    /// Whether it has a first heading of its own.
    pub fn is_page(self) -> bool {
        !matches!(
            self,
            View::Pill
                | View::Banner
                | View::SignInAgain
                | View::Panel(_)
                | View::Cards
                | View::Paused(_)
                | View::Settings(..)
                | View::Embedded(_)
                | View::Cancellable(..)
                | View::EmbeddedMeeting(_)
        )
    }
}

macro_rules! fixture {
    ($kind:literal, $name:literal) => {
        Scene::Fixture(
            $kind,
            include_str!(concat!("../../tests/fixtures/", $kind, "/", $name, ".json")),
        )
    };
}

macro_rules! payloads {
    ($kind:literal, $($name:literal)*) => {
        Scene::Payloads(
            $kind,
            &[$(include_str!(concat!("../../tests/fixtures/", $kind, "/", $name, ".jsonl"))),*],
        )
    };
}

const ANALYSIS_PAYLOADS: Scene = payloads!("analysis",
    "all-models-fail" "audio" "declared-done-too-early" "demo-detector" "documented-batch" "documented-run"
    "fails-once-then-succeeds" "fallback-model-and-odd-payloads" "good-run" "no-compatible-model"
    "one-model-fails-for-good" "rerun-with-late-events" "upload-after-events" "gone");
const LIBRARY_PAYLOADS: Scene = payloads!("library",
    "documented-run" "fails-for-good" "good-run" "retry-then-flagged" "stamped-worker" "second-page-and-gone");
const INTERVIEW_PAYLOADS: Scene = payloads!("interview",
    "analysed-again" "documented-run" "fails-for-good" "good-run" "retry-then-success");
const MEETING_PAYLOADS: Scene =
    payloads!("meeting", "whole-meeting" "simulated" "no-data-and-errors");
const GOOD: Scene = fixture!("analysis", "good-run");
const POLLED: Scene = match GOOD {
    Scene::Fixture(kind, fixture) => Scene::Polled(kind, fixture),
    other => other,
};
const WITH_PICTURE: &str = r#"451-["media_update",{"id":"med-1","filename":"harbour walk.mp4","status":"ANALYZED","thumbnail":{"_placeholder":true,"num":0}}]"#;
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10";
const UNKNOWN: &str = r#"42["media:reindexed",{"mediaId":"med-1","index":"faces","took":41}]"#;
const ODD: &str = r#"42["progress_update",{"media":["med-1"],"event":"FRAME_ANALYSIS_PROGRESS","data":{"progress":"most"}}]"#;
/// What a server says that lets somebody cancel an analysis.
const CANCELLED: &str = r#"42["media_update",{"id":"med-1","filename":"harbour walk.mp4","status":"CANCELLED","mediaType":"VIDEO","size":48213,"createdAt":"2031-05-04T09:00:00.000Z","updatedAt":"2031-05-04T09:00:10.600Z","analysisRuns":[{"id":"run-1","runNumber":1,"status":"CANCELLED","createdAt":"2031-05-04T09:00:01.500Z","analyses":[]}]}]"#;
const BROKEN: &str = r#"42["progress_update",{"mediaId":"med-1","event":"FRAME_ANALYSIS"#;
const RETRIES: Scene = fixture!("analysis", "fails-once-then-succeeds");
const PARTLY: Scene = fixture!("analysis", "one-model-fails-for-good");
const FAILS: Scene = fixture!("analysis", "all-models-fail");
const NO_MODEL: Scene = fixture!("analysis", "no-compatible-model");
const SWINGS: Scene = fixture!("analysis", "set-back-to-queued");
const AGAIN: Scene = fixture!("analysis", "rerun-with-late-events");
const VIDEO: Scene = fixture!("library", "done");
const VIDEO_FAILS: Scene = fixture!("library", "three-failures-are-one-card");
const INTERVIEW: Scene = fixture!("interview", "started-then-completed");
const INTERVIEW_FAILS: Scene = fixture!("interview", "three-failures");
const MEETING: Scene = fixture!("meeting", "joined");
const ALERTS: Scene = fixture!("meeting", "alerts");
const GAP: Scene = fixture!("meeting", "reconnected-with-a-gap");
const ROOM: &str = "room-12";
const ONE: &str = "med-1";
const CANCEL: &str = ".panel > .row > button:not([hidden])";

/// A cell without deeds or wishes.
const fn cell(
    component: &'static str,
    state: &'static str,
    scene: Scene,
    at: f64,
    view: View,
    tells: &'static str,
) -> Cell {
    Cell {
        component,
        state,
        tells,
        scene,
        deeds: &[],
        at,
        view,
        wish: None,
    }
}

/// A cell in which something happens besides.
const fn after(deeds: &'static [(f64, Deed)], cell: Cell) -> Cell {
    Cell { deeds, ..cell }
}

const fn wishing(wish: &'static str, cell: Cell) -> Cell {
    Cell {
        wish: Some(wish),
        ..cell
    }
}

use Deed::{
    AnalyzeAgain, Bytes, Expire, FailRequests, FallSilent, Frames, GoOffline, Hide, Join, Leave,
    MistypePassword, SignOut, Slow, Start, Stop, TurnAway, Upload,
};
use Gesture::{Choose, Press, Search};
use Scene::Day;

/// All of them, in the order in which they are shown.
// A table: a cell, a line.
#[rustfmt::skip]
pub const CELLS: &[Cell] = &[
    // ── the connection ─────────────────────────────────────────────────────────────────────────────────────────
    after(&[(0.0, Slow(5))], cell("pill", "connecting", MEETING, -1.99, View::Pill, "The first connection is being made.")),
    cell("pill", "live", GOOD, 1.2, View::Pill, "Connected, and what is shown is the server's state."),
    after(&[(2.0, Stop), (5.0, Start), (5.0, Slow(2))], cell("pill", "catching-up", GOOD, 14.0, View::Pill, "Connected again; what was missed is being fetched.")),
    after(&[(2.0, Stop)], cell("pill", "reconnecting", GOOD, 9.0, View::Pill, "The connection is lost.")),
    after(&[(2.0, GoOffline)], cell("pill", "offline", GOOD, 6.0, View::Pill, "The device has no network.")),
    after(&[(2.0, Expire)], cell("pill", "sign-in-again", GOOD, 20.0, View::Pill, "The token has expired.")),
    after(&[(2.0, TurnAway)], cell("pill", "stopped", GOOD, 60.0, View::Pill, "The server closes each connection at once.")),
    after(&[(2.0, Stop)], cell("banner", "reconnecting", GOOD, 9.0, View::Banner, "The connection is lost; the next try has its time.")),
    after(&[(2.0, GoOffline)], cell("banner", "offline", GOOD, 6.0, View::Banner, "The device has no network.")),
    after(&[(2.0, Expire)], cell("banner", "sign-in-again", GOOD, 20.0, View::Banner, "The token has expired.")),
    after(&[(2.0, TurnAway)], cell("banner", "stopped", GOOD, 60.0, View::Banner, "The server closes each connection at once.")),
    after(&[(2.0, Stop), (3.0, Start), (3.0, FailRequests)], cell("banner", "not-fetched", GOOD, 30.0, View::Banner, "Connected again, but the server does not say how it stands.")),
    after(&[(8.0, FallSilent), (50.0, Upload("holiday.mp4", 310_000_000))], cell("banner", "delayed", Day, 200.0, View::Banner, "The server stores what happens, and tells nothing of it.")),
    // ── signing in ─────────────────────────────────────────────────────────────────────────────────────────────
    after(&[(1.0, SignOut)], cell("sign-in", "empty", GOOD, 2.0, View::SignIn, "Nobody is signed in.")),
    after(&[(1.0, SignOut), (1.5, MistypePassword)], cell("sign-in", "refused", GOOD, 3.0, View::SignIn, "The password was wrong.")),
    after(&[(1.0, SignOut), (1.5, Slow(5)), (1.6, MistypePassword)], cell("sign-in", "asking", GOOD, 3.0, View::SignIn, "The server is being asked.")),
    after(&[(1.0, SignOut), (1.2, Stop), (1.5, MistypePassword)], cell("sign-in", "unreachable", GOOD, 3.0, View::SignIn, "The server does not answer.")),
    after(&[(2.0, Expire)], cell("sign-in", "again", GOOD, 20.0, View::SignInAgain, "The session has ended, and the page is still there behind it.")),
    // ── the list ───────────────────────────────────────────────────────────────────────────────────────────────
    cell("list", "empty", GOOD, -0.5, View::List, "The server has no media yet."),
    after(&[(0.0, Slow(9))], cell("list", "loading", Day, 1.0, View::List, "The list is being fetched for the first time.")),
    cell("list", "live", Day, 14.0, View::List, "Media in every state, one of them at work."),
    after(&[(8.0, Stop)], cell("list", "stale", Day, 140.0, View::List, "The connection has been lost for two minutes.")),
    after(&[(-1.97, Stop)], cell("list", "failed", GOOD, 9.0, View::List, "The server let the person in and then never answered.")),
    wishing("q=nothing-like-it", cell("list", "no-match", Day, 14.0, View::List, "No media has this name.")),
    after(&[(8.0, Upload("holiday.mp4", 310_000_000))], cell("list", "uploading", Day, 8.6, View::List, "A file is on its way.")),
    after(&[(8.0, Stop), (8.1, Upload("holiday.mp4", 310_000_000)), (8.2, Upload("nothing.mp4", 0))], cell("list", "upload-failed", Day, 12.0, View::List, "The network failed, and a file was empty.")),
    // ── a media's panel ────────────────────────────────────────────────────────────────────────────────────────
    cell("panel", "queued", GOOD, 0.5, View::Panel(ONE), "Three models wait for their turn."),
    cell("panel", "live", GOOD, 10.6, View::Panel(ONE), "One model has ended, one works, one waits."),
    after(&[(9.0, Stop)], cell("panel", "disconnected", GOOD, 14.0, View::Panel(ONE), "The connection was lost in the middle.")),
    after(&[(6.0, FallSilent)], cell("panel", "stalled", SWINGS, 45.0, View::Panel(ONE), "Connected, but for half a minute nothing was said.")),
    cell("panel", "retrying", RETRIES, 4.0, View::Panel(ONE), "One model failed once and waits for its second attempt."),
    cell("panel", "second-attempt", RETRIES, 9.0, View::Panel(ONE), "It runs again."),
    cell("panel", "partly", PARTLY, 32.0, View::Panel(ONE), "One model failed three times, the other ended."),
    cell("panel", "failed", FAILS, 32.0, View::Panel(ONE), "No model finished."),
    cell("panel", "no-model", NO_MODEL, 5.0, View::Panel(ONE), "No model can read this file."),
    cell("panel", "done", GOOD, 20.0, View::Panel(ONE), "All models have ended."),
    after(&[(10.6, Frames(1, CANCELLED))], cell("panel", "cancelled", GOOD, 10.7, View::Panel(ONE), "It was cancelled when one model had ended.")),
    cell("panel", "second-run", AGAIN, 8.0, View::Panel(ONE), "It was analysed once more."),
    cell("panel", "undecided", Day, 60.0, View::Panel("med-5"), "As many models say one as the other, one failed."),
    cell("panel", "video", VIDEO, 6.0, View::Panel("65f0aa01"), "A server with steps instead of models."),
    cell("panel", "video-done", VIDEO, 10.0, View::Panel("65f0aa01"), "The server's own word."),
    cell("panel", "video-failed", VIDEO_FAILS, 30.0, View::Panel("65f0aa01"), "The same failure three times."),
    cell("panel", "interview", INTERVIEW, 8.0, View::Panel("itv-77"), "A server without verdicts."),
    cell("panel", "interview-failed", INTERVIEW_FAILS, 100.0, View::Panel("itv-77"), "Three attempts failed."),
    // ── a media's page ─────────────────────────────────────────────────────────────────────────────────────────
    cell("media", "live", Day, 16.0, View::Media("med-6"), "Five models on two workers."),
    cell("media", "done", Day, 10.0, View::Media("med-1"), "All models say real."),
    cell("media", "partly", Day, 10.0, View::Media("med-2"), "One model of five failed."),
    cell("media", "foreign-name", Day, 10.0, View::Media("med-4"), "A name in another direction."),
    cell("media", "second-run", AGAIN, 18.0, View::Media(ONE), "It was analysed twice, and the two do not say the same."),
    after(&[(8.0, AnalyzeAgain("med-3"))], wishing("run=1", cell("media", "failed-before", Day, 12.0, View::Media("med-3"), "No model finished; it is analysed once more, and what failed is looked at."))),
    cell("media", "gone", Day, 10.0, View::Media("med-99"), "The server does not know it."),
    // ── on paper ───────────────────────────────────────────────────────────────────────────────────────────────
    cell("print", "done", Day, 10.0, View::Media("med-1"), "All models say real; print it."),
    cell("print", "partly", Day, 10.0, View::Media("med-2"), "One model of five failed; print it."),
    cell("print", "failed", Day, 10.0, View::Media("med-3"), "No model finished; print it."),
    // ── in another page ────────────────────────────────────────────────────────────────────────────────────────
    cell("embedded", "live", GOOD, 10.6, View::Embedded(ONE), "A media's panel for another page, at work."),
    cell("embedded", "partly", PARTLY, 32.0, View::Embedded(ONE), "One model failed for good."),
    cell("embedded", "video-done", VIDEO, 10.0, View::Embedded("65f0aa01"), "The server's own word."),
    after(&[(9.0, Stop)], cell("embedded", "disconnected", GOOD, 14.0, View::Embedded(ONE), "The connection was lost in the middle.")),
    after(&[(2.0, Expire)], cell("embedded", "sign-in-again", GOOD, 20.0, View::Embedded(ONE), "The token has expired: the other page is to give another.")),
    cell("embedded", "gone", Day, 10.0, View::Embedded("med-99"), "The server does not know it."),
    cell("embedded", "cancel", GOOD, 10.6, View::Cancellable(ONE, &[Press(CANCEL)]), "The person is asked whether to cancel it."),
    cell("embedded", "cancelling", GOOD, 10.6, View::Cancellable(ONE, &[Press(CANCEL), Press("dialog button + button")]), "The other page was told to cancel it; the server has not said that it did."),
    after(&[(10.6, Frames(1, CANCELLED))], cell("embedded", "cancelled", GOOD, 10.7, View::Cancellable(ONE, &[]), "The server says that it was cancelled.")),
    cell("embedded", "meeting", ALERTS, 25.0, View::EmbeddedMeeting(ROOM), "A meeting for another page, with alerts of every kind."),
    cell("embedded", "meeting-people", MEETING, 6.5, View::EmbeddedMeeting(ROOM), "A score, and people without one."),
    // ── cards ──────────────────────────────────────────────────────────────────────────────────────────────────
    cell("card", "live", GOOD, 10.6, View::Cards, "An analysis is at work."),
    after(&[(9.0, Stop)], cell("card", "paused", GOOD, 14.0, View::Cards, "The connection was lost in the middle.")),
    cell("card", "partly", PARTLY, 32.0, View::Cards, "One model failed for good."),
    cell("card", "failed", FAILS, 32.0, View::Cards, "No model finished."),
    cell("card", "done", GOOD, 20.0, View::Cards, "All models have ended."),
    cell("card", "alert", ALERTS, 16.5, View::Cards, "An alert became a high one."),
    after(&[(4.0, Upload("first-genuine.mp4", 1_000)), (4.0, Upload("second-broken.mp4", 1_000)), (4.0, Upload("third-partly.mp4", 1_000)), (4.0, Upload("fourth.mp4", 1_000)), (4.0, Upload("fifth.mp4", 1_000))], cell("card", "many", Day, 30.0, View::Cards, "More cards than there is room for.")),
    after(&[(6.0, Expire)], cell("card", "sign-in-again", GOOD, 20.0, View::Cards, "The token has expired.")),
    // ── meetings ───────────────────────────────────────────────────────────────────────────────────────────────
    cell("meetings", "live", Day, 6.0, View::Meetings, "Where a meeting is joined."),
    after(&[(-1.0, Slow(9)), (-0.9, Join(0, ROOM))], cell("meeting", "joining", MEETING, -0.5, View::Meeting(0, ROOM), "The server has not answered yet.")),
    cell("meeting", "empty", MEETING, 2.0, View::Meeting(0, ROOM), "Two people without a score, no alerts."),
    cell("meeting", "live", MEETING, 6.5, View::Meeting(0, ROOM), "A score, and people without one."),
    cell("meeting", "alerts", ALERTS, 25.0, View::Meeting(0, ROOM), "Alerts of every kind, some of them acknowledged."),
    after(&[(8.0, FallSilent)], cell("meeting", "stale-score", MEETING, 32.0, View::Meeting(0, ROOM), "The newest score is older than fifteen seconds.")),
    after(&[(6.4, Stop)], cell("meeting", "disconnected", MEETING, 12.0, View::Meeting(0, ROOM), "Alerts may be missing from now on.")),
    cell("meeting", "gap", GAP, 21.0, View::Meeting(0, ROOM), "Connected again; what was said meanwhile is lost."),
    cell("meeting", "someone-left", MEETING, 15.5, View::Meeting(0, ROOM), "One of them has left."),
    after(&[(16.0, Leave(ROOM))], cell("meeting", "left", MEETING, 18.0, View::Meetings, "The person here has left.")),
    after(&[(16.0, Leave(ROOM))], cell("meeting", "record", MEETING, 18.0, View::Meeting(0, ROOM), "What was heard of a meeting that the person here has left.")),
    after(&[(3.0, Hide)], cell("meeting", "unseen-alerts", ALERTS, 17.0, View::Meeting(0, ROOM), "Alerts came while nobody looked.")),
    after(&[(1.0, Join(2, "demo"))], cell("meeting", "at-risk", Day, 85.0, View::Meeting(2, "demo"), "Scores fall, alerts rise, and all of it is simulated.")),
    // ── activity ───────────────────────────────────────────────────────────────────────────────────────────────
    cell("activity", "empty", GOOD, 0.0, View::Activity, "Nothing has happened yet."),
    cell("activity", "few", PARTLY, 32.0, View::Activity, "An analysis began and ended."),
    after(&[(1.0, Join(2, "demo")), (20.0, Stop), (28.0, Start)], cell("activity", "many", Day, 85.0, View::Activity, "Analyses, alerts, a failed upload and a loss of the connection.")),
    wishing("q=nothing-like-it", cell("activity", "no-match", Day, 85.0, View::Activity, "Nothing of it is about such a file.")),
    cell("activity", "dropped", Scene::Notices(1_100), 60.0, View::Activity, "More than is kept: the oldest are gone."),
    after(&[(1.0, Join(2, "demo"))], cell("activity", "paused", Day, 40.0, View::PausedActivity(30), "What came since the page was held waits behind the button.")),
    // ── the pause ──────────────────────────────────────────────────────────────────────────────────────────────
    cell("pause", "nothing", GOOD, 20.0, View::Paused(1), "Held, and nothing has changed since."),
    cell("pause", "changes", Day, 14.0, View::Paused(30), "Held, and something has changed since."),
    // ── the debug panel ────────────────────────────────────────────────────────────────────────────────────────
    cell("debug", "loading", GOOD, 2.0, View::DebugLoading, "The panel is being fetched."),
    cell("debug", "not-loaded", GOOD, 2.0, View::DebugNotLoaded, "The panel could not be fetched."),
    cell("debug", "empty", GOOD, 20.0, View::DebugLater, "Opened in the middle, and nothing has been said since."),
    cell("debug", "live", Day, 14.0, View::Debug(&[]), "All that four servers and the page have said to each other."),
    cell("debug", "polling", POLLED, 10.6, View::Debug(&[Search("polling")]), "A server that is reached by polling alone."),
    cell("debug", "event", GOOD, 10.6, View::Debug(&[Search("progress_update"), Choose(0)]), "An event, what it means, and what was made of it."),
    cell("debug", "secret", GOOD, 10.6, View::Debug(&[Search("CONNECT"), Choose(0)]), "The page's token was taken out before it was kept."),
    after(&[(20.0, Frames(1, WITH_PICTURE)), (20.1, Bytes(PICTURE)), (20.2, Frames(1, WITH_PICTURE))], cell("debug", "binary", GOOD, 20.5, View::Debug(&[Search("media_update"), Choose(1)]), "An event with its attachment, and one whose attachment has not come.")),
    after(&[(20.0, Frames(3, UNKNOWN)), (20.1, Frames(2, ODD))], cell("debug", "unhandled", GOOD, 20.5, View::Debug(&[Press(".unhandled button"), Choose(0)]), "Events that nobody here knows, and some of which nothing can be made.")),
    after(&[(20.0, Frames(1, ODD))], cell("debug", "unreadable", GOOD, 20.5, View::Debug(&[Press(".unhandled button"), Choose(0)]), "An event that is known, and cannot be read.")),
    after(&[(20.0, Frames(1, BROKEN))], cell("debug", "broken", GOOD, 20.02, View::Debug(&[Search("JSON"), Choose(0)]), "A frame that breaks the protocol.")),
    cell("debug", "no-match", GOOD, 10.6, View::Debug(&[Search("nothing-like-it")]), "Nothing in the record is called so."),
    after(&[(20.0, Frames(10_100, UNKNOWN))], cell("debug", "full", GOOD, 20.5, View::Debug(&[]), "More than is kept: the oldest are gone.")),
    cell("debug", "paused", GOOD, 10.6, View::Debug(&[Press(".actions button")]), "The list is held, and the record goes on."),
    cell("debug", "cleared", GOOD, 10.6, View::Debug(&[Press(".actions button + button")]), "What there was has been put away."),
    // ── settings ───────────────────────────────────────────────────────────────────────────────────────────────
    cell("settings", "not-asked", GOOD, 2.0, View::Settings(Permission::NotAsked, false), "Nobody was asked yet whether the page may notify."),
    cell("settings", "granted", GOOD, 2.0, View::Settings(Permission::Granted, true), "The page may notify, and is wanted to."),
    cell("settings", "denied", GOOD, 2.0, View::Settings(Permission::Denied, false), "The browser does not let the page notify."),
    cell("settings", "unsupported", GOOD, 2.0, View::Settings(Permission::Unsupported, false), "The browser cannot notify."),
    after(&[(1.0, SignOut)], cell("settings", "signed-out", GOOD, 2.0, View::Settings(Permission::NotAsked, false), "Nobody is signed in.")),
    // ── whole pages ────────────────────────────────────────────────────────────────────────────────────────────
    after(&[(1.0, Join(2, "demo"))], cell("page", "live", Day, 85.0, View::Page, "Four servers, and everything on one page.")),
    cell("page", "analysis", ANALYSIS_PAYLOADS, 300.0, View::Page, "Every payload that an analysis server sends."),
    cell("page", "library", LIBRARY_PAYLOADS, 240.0, View::Page, "Every payload that a library's server sends."),
    cell("page", "interview", INTERVIEW_PAYLOADS, 140.0, View::Page, "Every payload that an interview server sends."),
    cell("page", "meeting", MEETING_PAYLOADS, 10.0, View::Page, "Every payload that a meeting server sends."),
    cell("meeting", "every-payload", MEETING_PAYLOADS, 1.0, View::Meeting(0, ROOM), "Every payload that a meeting server sends."),
    // ── set-up ─────────────────────────────────────────────────────────────────────────────────────────────────
    cell("set-up", "wrong", GOOD, 0.0, View::NotSetUp("`servers[0].url` is missing: it must be a URL"), "The page's configuration cannot be used."),
];

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use telltale::domain::view::{ModelView, Status};
    use telltale::domain::{MeetingId, MeetingKey, Source};
    use telltale::session::record::inspect::{Outcome, Row, Rows};
    use telltale::session::record::{Record, MAX_ENTRIES};
    use telltale::time::{Instant, Timestamp};

    use super::*;
    use crate::gallery::scene::play;

    #[test]
    fn each_cell_has_an_address_of_its_own() {
        let plain = |part: &str| {
            part.chars()
                .all(|letter| letter.is_ascii_lowercase() || letter == '-')
        };
        for (index, cell) in CELLS.iter().enumerate() {
            assert!(plain(cell.component) && plain(cell.state), "{}", cell.state);
            let twins = CELLS[index + 1..].iter();
            let mut twins = twins
                .filter(|other| (other.component, other.state) == (cell.component, cell.state));
            assert!(twins.next().is_none(), "{}/{}", cell.component, cell.state);
        }
    }

    #[test]
    fn no_event_of_a_scene_is_one_that_its_server_does_not_send() {
        for cell in CELLS {
            // Their payloads are there because they are odd.
            let is_odd = |(_, deed): &(f64, Deed)| matches!(deed, Frames(..) | Bytes(_));
            if matches!(cell.scene, Scene::Payloads(..)) || cell.deeds.iter().any(is_odd) {
                continue;
            }
            for state in play(cell, None).session().sources() {
                let counters = state.counters;
                assert_eq!(
                    (
                        counters.malformed,
                        counters.unknown,
                        counters.protocol_errors
                    ),
                    (0, 0, 0),
                    "{}/{}",
                    cell.component,
                    cell.state
                );
            }
        }
    }

    #[test]
    fn a_connection_is_in_the_state_that_its_cell_is_called_by() {
        for (component, state, connection) in [
            ("pill", "connecting", "Connecting"),
            ("pill", "live", "Live"),
            ("pill", "catching-up", "CatchingUp"),
            ("pill", "reconnecting", "Reconnecting"),
            ("pill", "offline", "Offline"),
            ("pill", "sign-in-again", "SignInAgain"),
            ("pill", "stopped", "Stopped"),
            ("banner", "reconnecting", "Reconnecting"),
            ("banner", "offline", "Offline"),
            ("banner", "sign-in-again", "SignInAgain"),
            ("banner", "stopped", "Stopped"),
            ("banner", "not-fetched", "NotFetched"),
            ("banner", "delayed", "Delayed"),
            ("panel", "stalled", "Live"),
            ("panel", "disconnected", "Reconnecting"),
            ("list", "failed", "Reconnecting"),
        ] {
            let world = play(find(component, state), None);

            let found = format!("{:?}", world.session().sources()[0].connection);

            assert!(
                found.starts_with(connection),
                "{component}/{state}: {found}"
            );
        }
    }

    #[test]
    fn a_media_is_in_the_state_that_its_cell_is_called_by() {
        for (state, status, word) in [
            ("queued", Status::Queued, "Queued"),
            ("live", Status::Running, "Running"),
            ("stalled", Status::Running, "Running"),
            ("retrying", Status::Running, "Retrying"),
            ("second-attempt", Status::Running, "Running"),
            ("partly", Status::PartlyComplete, "Failed"),
            ("failed", Status::Failed, "Failed"),
            ("done", Status::Complete, "Completed"),
            ("cancelled", Status::Cancelled, "Completed"),
            ("undecided", Status::PartlyComplete, "Failed"),
            ("video-done", Status::Complete, "Completed"),
            ("video-failed", Status::Failed, "Failed"),
            ("interview", Status::Complete, "Completed"),
            ("interview-failed", Status::Failed, "Failed"),
        ] {
            let cell = find("panel", state);
            let View::Panel(id) = cell.view else {
                panic!("a panel is of a media");
            };
            let world = play(cell, None);

            let key = crate::world::media(id).expect("an id");
            let view = world.session().media(&key, world.now());
            let view = view.unwrap_or_else(|| panic!("{state}: it is not known"));

            assert_eq!(view.status, status, "{state}");
            let models = view.run.expect("it ran").models;
            let has = |model: &ModelView| format!("{:?}", model.state).starts_with(word);
            assert!(models.iter().any(has), "{state}: no model is {word}");
        }
    }

    #[test]
    fn the_runs_before_are_in_the_state_that_their_cell_is_called_by() {
        for (state, newest, earlier) in [
            ("done", Status::Complete, None),
            ("second-run", Status::Complete, Some(Status::Complete)),
            ("failed-before", Status::Running, Some(Status::Failed)),
        ] {
            let cell = find("media", state);
            let View::Media(id) = cell.view else {
                panic!("a media's page");
            };
            let world = play(cell, None);

            let key = crate::world::media(&world.id(id)).expect("an id");
            let view = world.session().media(&key, world.now());
            assert_eq!(view.map(|view| view.status), Some(newest), "{state}");
            let runs = world.session().earlier_runs(&key).expect("it is known");
            assert!(runs.is_fetched, "{state}");
            let found: Vec<_> = (runs.runs.iter())
                .map(|run| (run.number, run.status))
                .collect();
            let earlier: Vec<_> = earlier.into_iter().map(|it| (Some(1), it)).collect();
            assert_eq!(found, earlier, "{state}");
        }
    }

    #[test]
    fn a_meeting_is_in_the_state_that_its_cell_is_called_by() {
        // Joined, people with a score, alerts (a gap is a row among them), simulated.
        for (state, is_joined, scores, alerts, is_simulated) in [
            ("joining", false, 0, 0, false),
            ("empty", true, 0, 0, false),
            ("live", true, 2, 0, false),
            ("alerts", true, 0, 3, false),
            ("gap", true, 1, 2, false),
            ("record", false, 2, 1, false),
            ("at-risk", true, 3, 2, true),
        ] {
            let cell = find("meeting", state);
            let View::Meeting(server, id) = cell.view else {
                panic!("a meeting's page");
            };
            let world = play(cell, None);

            let key = MeetingKey {
                source: Source(server),
                id: MeetingId::new(id).expect("an id"),
            };
            let view = world.session().meeting(&key, world.now());
            let view = view.unwrap_or_else(|| panic!("{state}: it is not open"));

            let scored = view
                .participants
                .iter()
                .filter(|person| person.trust.is_some());
            assert_eq!(
                (
                    view.is_joined,
                    scored.count(),
                    view.alerts.len(),
                    view.is_simulated
                ),
                (is_joined, scores, alerts, is_simulated),
                "{state}"
            );
        }
    }

    #[test]
    fn a_record_holds_what_its_cell_is_called_by() {
        type Wanted = fn(&[Row], &Record) -> bool;
        let has: [(&str, Wanted); 9] = [
            ("live", |rows, record| {
                rows.len() > 50 && record.servers().len() == 4
            }),
            ("polling", |rows, _| {
                rows.iter().any(|row| row.name.as_str().contains("poll"))
            }),
            ("event", |rows, _| {
                (rows.iter()).any(|row| matches!(row.outcome, Outcome::Facts(_)))
            }),
            ("secret", |_, record| {
                let text = record.to_json(Timestamp::UNIX_EPOCH, Instant::default());
                text.contains(r#"40{\"token\":\"redacted\"}"#) && !text.contains("demo-1")
            }),
            ("binary", |rows, _| {
                let waiting = (rows.iter()).filter(|row| row.outcome == Outcome::Waiting);
                waiting.count() == 1
            }),
            ("unhandled", |rows, _| {
                let count = |outcome| rows.iter().filter(|row| row.outcome == outcome).count();
                (count(Outcome::Unknown), count(Outcome::Malformed)) == (3, 2)
            }),
            ("unreadable", |rows, _| {
                rows.iter().any(|row| row.outcome == Outcome::Malformed)
            }),
            ("broken", |rows, _| {
                rows.iter().any(|row| row.outcome == Outcome::Broken)
            }),
            ("full", |rows, record| {
                rows.len() == MAX_ENTRIES && record.dropped() > 100
            }),
        ];
        for (state, has) in has {
            let world = play(find("debug", state), None);

            let recording = world.recording().expect("it is recorded");
            let record = recording.record().downcast::<RefCell<Record>>();
            let record = record.expect("it is a record");
            let record = record.borrow();
            let mut rows = Rows::default();
            rows.read(&record, &|_| None);

            let rows: Vec<_> = rows.rows().iter().cloned().collect();
            assert!(has(&rows, &record), "{state}: {rows:?}");
            assert!(record.began_with_session());
        }
    }

    fn find(component: &str, state: &str) -> &'static Cell {
        let is_it = |cell: &&Cell| (cell.component, cell.state) == (component, state);
        CELLS.iter().find(is_it).expect("it is in the table")
    }
}
