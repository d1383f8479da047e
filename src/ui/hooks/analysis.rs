//! One media's analysis, as it comes in.

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;

use super::{use_telltale, Telltale};
use crate::domain::view::{EarlierRuns, MediaView, ModelView, RunView, Status, Verdict};
use crate::domain::{MediaKey, Summary, Text};
use crate::session::state::Command;
use crate::ui::store::MediaSignals;

/// What is known of one media and its analysis, as it comes in.
#[must_use]
pub fn use_analysis_progress(media: MediaKey) -> AnalysisProgress {
    let telltale = use_telltale();
    let signals = telltale.backing.with_value(|backing| {
        telltale
            .store
            .with_value(|store| store.media(&media, backing.as_ref()))
    });
    AnalysisProgress {
        telltale,
        signals: StoredValue::new(signals),
        key: StoredValue::new(media),
        choice: RwSignal::new(None),
    }
}

/// One media's analysis. Each method that returns a [`Signal`] makes it for the current component: call it once, in the
/// component's body. `with_…` reads and tracks in a closure.
#[derive(Clone, Copy)]
pub struct AnalysisProgress {
    telltale: Telltale,
    signals: StoredValue<Arc<MediaSignals>>,
    key: StoredValue<MediaKey>,
    /// What the person chose, and in which run: a new run shows itself again.
    choice: RwSignal<Option<(u32, bool)>>,
}

impl AnalysisProgress {
    /// Which media.
    #[must_use]
    pub fn key(self) -> MediaKey {
        self.key.get_value()
    }

    /// Reads all that is known; `None` while nothing is.
    pub fn with_view<R>(self, read: impl FnOnce(Option<&MediaView>) -> R) -> R {
        self.signals
            .with_value(|signals| signals.view.with(|view| read(view.as_ref())))
    }

    /// Reads what a row or a card shows; changes less often than the whole.
    pub fn with_summary<R>(self, read: impl FnOnce(Option<&Summary>) -> R) -> R {
        self.signals
            .with_value(|signals| signals.summary.with(|summary| read(summary.as_ref())))
    }

    /// Whether to show a panel of it: while it runs, unless a person chose otherwise.
    #[must_use]
    pub fn visible(self) -> Signal<bool> {
        Memo::new(move |_| {
            let (run, runs) = self.with_summary(|summary| {
                summary.map_or((0, false), |summary| {
                    let runs = matches!(summary.status, Status::Queued | Status::Running);
                    (summary.run, runs)
                })
            });
            match self.choice.get() {
                Some((of, chosen)) if of == run => chosen,
                _ => runs,
            }
        })
        .into()
    }

    /// Shows it, for this run.
    pub fn show(self) {
        self.choose(true);
    }

    /// Hides it, for this run. The analysis goes on.
    pub fn hide(self) {
        self.choose(false);
    }

    fn choose(self, visible: bool) {
        let run = untrack(|| self.with_summary(|summary| summary.map_or(0, |summary| summary.run)));
        self.choice.set(Some((run, visible)));
    }

    /// The file's name, once a server has said it.
    #[must_use]
    pub fn name(self) -> Signal<Option<Text>> {
        self.memo(|view| view.and_then(|view| view.name.clone()))
    }

    /// What became of it.
    #[must_use]
    pub fn status(self) -> Signal<Status> {
        self.memo(|view| view.map_or(Status::Unknown, |view| view.status))
    }

    /// What is known of it, as a copy: also what is held back while updates are paused. Nothing tracks it.
    #[must_use]
    pub fn unpaused(self) -> Option<MediaView> {
        let key = self.key();
        (self.telltale.backing).with_value(|backing| backing.media(&key))
    }

    /// The models of the newest run, in the order in which they were first named.
    #[must_use]
    pub fn models(self) -> Signal<Vec<ModelView>> {
        self.memo(|view| run(view).map(|run| run.models.clone()).unwrap_or_default())
    }

    /// 0 to 100; 100 only when every model has ended. `None` as long as nobody knows how many there are: a `<progress>`
    /// whose `value` it is has none then, and shows that something is being done.
    #[must_use]
    pub fn overall(self) -> Signal<Option<u8>> {
        self.memo(|view| run(view)?.percent)
    }

    /// Whether nothing more is expected, however it ended.
    #[must_use]
    pub fn is_complete(self) -> Signal<bool> {
        self.memo(|view| view.is_some_and(|view| view.status.is_ended()))
    }

    /// What the models say together: a likelihood.
    #[must_use]
    pub fn verdict(self) -> Signal<Verdict> {
        self.memo(|view| run(view).map(|run| run.verdict.clone()).unwrap_or_default())
    }

    /// How long it will still take, once there is enough to say.
    #[must_use]
    pub fn left(self) -> Signal<Option<Duration>> {
        self.memo(|view| run(view).and_then(|run| run.left))
    }

    /// How long it has taken until now, or took.
    #[must_use]
    pub fn elapsed(self) -> Signal<Option<Duration>> {
        self.memo(|view| run(view).and_then(|run| run.elapsed))
    }

    /// The runs before the one that is shown, newest first.
    ///
    /// They are derived for whoever calls this and for nobody else: when what a row shows is different, as when another
    /// run begins, and once a second, because a late word about an earlier run is no change. While updates are paused
    /// they stay as they are.
    #[must_use]
    pub fn earlier_runs(self) -> Memo<EarlierRuns> {
        let telltale = self.telltale;
        let (now, paused) = (telltale.now(), telltale.paused());
        Memo::new(move |before: Option<&EarlierRuns>| {
            self.with_summary(|_| now.track());
            if let Some(held) = before.filter(|_| paused.with(Option::is_some)) {
                return held.clone();
            }
            let mut runs = None;
            telltale.with_session(|session, _| {
                runs = self.key.with_value(|key| session.earlier_runs(key));
            });
            runs.unwrap_or_default()
        })
    }

    /// Asks the server to analyse it once more.
    pub fn analyze_again(self) {
        self.telltale.command(Command::AnalyzeAgain(self.key()));
    }

    /// Whether it was asked to, and has not answered yet.
    #[must_use]
    pub fn is_asked_again(self) -> bool {
        self.with_view(|view| view.is_some_and(|view| view.is_asked_again))
    }

    fn memo<T: PartialEq + Send + Sync + 'static>(
        self,
        of: impl Fn(Option<&MediaView>) -> T + Send + Sync + 'static,
    ) -> Signal<T> {
        Memo::new(move |_| self.with_view(&of)).into()
    }
}

fn run(view: Option<&MediaView>) -> Option<&RunView> {
    view.and_then(|view| view.run.as_ref())
}
