//! When to fetch the state of a server.
//!
//! [`Snapshots`] takes wishes (a reconnect, an unknown media, silence) and gives out requests: one in flight at a time
//! for each scope, none sooner than [`SPACING`] after the last (but the number of models, which waits for no other, and
//! no other for it), no more than one in [`STEADY`] for long, a failed one again with growing patience, and none at all
//! for as long as the server asks. Servers count their calls (one locks its user out after 100 in 15 minutes), so
//! wishes are coalesced and never turned into a storm.
//!
//! Who wishes, and where:
//!
//! | wish | by |
//! |---|---|
//! | a connection that took up no session of before; at once, or spread over 3 s if the server had closed it | `link` |
//! | an unknown media or run, a count or a run's number that does not fit | `domain` |
//! | an end that the server does not say, a run of which nothing is heard | `domain` |
//! | the page is back after 30 s out of sight, was frozen or slept | `connections` |
//! | an event of a known media that could not be read | `telling` |
//! | something was left out to stay within a limit | `domain`, `backend` |
//! | an event that says less than the server stores (a video's attempt began or ended, an end without result) | `backend` |
//! | a minute has passed while something runs, five while nothing does | here |
//! | a recovered connection has outlived the one before it for the server | `link` |

use std::time::Duration;

use crate::domain::fact::Scope;
use crate::protocol::backoff::Jitter;
use crate::sorted::Map;
use crate::time::Instant;

/// The least time between two requests to one server. The number of models keeps none: nothing is said of how
/// far a run is without it.
pub const SPACING: Duration = Duration::from_secs(2);
/// The least time between two requests to one server, in the long run: six in a minute are 90 in the 15 minutes in
/// which one of the servers takes no more than 100 of any kind.
pub const STEADY: Duration = Duration::from_secs(10);
/// Requests that are made at once, [`SPACING`] apart, after a quiet time: what a page asks for when it is opened, and a
/// reconnect or two.
pub const BURST: u32 = 6;
/// Requests that the first list after connecting is ahead of all others: nothing is known before it, whatever was asked
/// for before. With these and [`BURST`] it is 98 in 15 minutes.
const RESERVE: u32 = 2;
/// How long a request may take before it is given up.
pub const TIMEOUT: Duration = Duration::from_secs(10);
/// How long to wait before a failed request is made again: the first time, and at most.
const RETRY: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(60));
/// For how long a server may ask to be left alone: as long as the slowest of them locks its user out. What asks for
/// more is as likely a mistake.
const LEFT_ALONE: Duration = Duration::from_secs(15 * 60);
/// How often the list is compared while an analysis runs, or no event tells what does, and while none runs: what was
/// lost without a trace is found here (anti-entropy). A fifth more or less, by lot: pages that were opened together
/// shall not ask together.
const COMPARE: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(300));
/// Wishes that wait at most. A flood of events for unknown media asks for the list instead.
const WISHES: usize = 64;

/// Tells requests apart; grows with each, so that an answer to an older one is known as such.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RequestId(pub u64);

/// A request that must be made now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetch {
    /// Tells its answer apart.
    pub id: RequestId,
    /// What to fetch.
    pub scope: Scope,
}

/// See the module.
#[derive(Debug)]
pub struct Snapshots {
    wishes: Map<Scope, Instant>,
    flying: Map<Scope, (RequestId, Instant)>,
    /// Asked for while the same was in flight: what flies was requested too early to contain it.
    again: Map<Scope, ()>,
    /// What failed: how often in a row, and until when it is not asked again whoever wishes for it.
    patience: Map<Scope, (u32, Instant)>,
    /// Until when the server asked to be left alone, whatever is wished for and whatever happens here.
    left_alone_until: Option<Instant>,
    next_id: u64,
    last_request: Option<Instant>,
    /// When all requests so far are paid for, at one in [`STEADY`]: as far ahead as they came too fast.
    paid_until: Instant,
    /// How many reached nobody since there last was a connection; at most [`BURST`].
    unreached: u32,
    /// The list was not asked for since there is a connection.
    is_first: bool,
    compare_at: Option<Instant>,
    jitter: Jitter,
}

impl Snapshots {
    /// Nothing is wished for. `seed` is all the chance there will be.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            wishes: Map::new(),
            flying: Map::new(),
            again: Map::new(),
            patience: Map::new(),
            left_alone_until: None,
            next_id: 0,
            last_request: None,
            paid_until: Instant::default(),
            unreached: 0,
            is_first: false,
            compare_at: None,
            jitter: Jitter::new(seed),
        }
    }

    /// Wishes for a scope, not before `at`. An earlier wish for the same wins.
    pub fn want(&mut self, scope: Scope, at: Instant) {
        if self.flying.contains_key(&scope) {
            self.again.insert(scope, ());
            return;
        }
        let is_new = scope != Scope::List && !self.wishes.contains_key(&scope);
        if is_new && self.wishes.len() >= WISHES {
            self.want(Scope::List, at);
            return;
        }
        let patience = self.patience.get(&scope).map(|(_, until)| *until);
        let at = patience.map_or(at, |until| at.max(until));
        let due = self.wishes.entry(scope).or_insert(at);
        *due = at.min(*due);
    }

    /// The requests that are due: call it after every input, make them all. At most one for each call and scope.
    pub fn poll_fetch(&mut self, now: Instant) -> Option<Fetch> {
        // The number of models first, then the list, which answers most other wishes too; then what has waited longest.
        let spaced = self.spaced();
        let scope = (self.wishes.iter())
            .filter(|(scope, due)| spaced[rank(scope)].max(**due) <= now)
            .min_by_key(|(scope, due)| (rank(scope), **due))
            .map(|(scope, _)| scope.clone())?;
        self.wishes.remove(&scope);
        self.left_alone_until = None;
        self.next_id += 1;
        let id = RequestId(self.next_id);
        self.flying.insert(scope.clone(), (id, now + TIMEOUT));
        self.paid_until = self.paid_until.max(now) + STEADY;
        self.is_first &= scope != Scope::List;
        // Nothing waits for the number of models, which is small and asked for once a connection.
        if scope != Scope::Models {
            self.last_request = Some(now);
        }
        Some(Fetch { id, scope })
    }

    /// The answer to a request has come and could be used. `None` if it answers nothing that is still asked: then it
    /// must not be applied.
    pub fn answered(&mut self, id: RequestId, is_active: bool, now: Instant) -> Option<Scope> {
        let scope = self.take(id)?;
        self.patience.remove(&scope);
        if scope == Scope::List {
            let pause = if is_active { COMPARE.0 } else { COMPARE.1 };
            self.compare_at = Some(now + self.about(pause));
        }
        self.ask_again(&scope, now);
        Some(scope)
    }

    /// The request failed: it is made again, later each time. Nothing is asked before `retry_after` if the server said
    /// so.
    pub fn failed(
        &mut self,
        id: RequestId,
        retry_after: Option<Duration>,
        now: Instant,
    ) -> Option<Scope> {
        let scope = self.take(id)?;
        let failures = self.failures(&scope);
        let wait = (RETRY.0 * 2_u32.saturating_pow(failures.min(8))).min(RETRY.1);
        if let Some(asked) = retry_after {
            let until = now + asked.min(LEFT_ALONE);
            self.left_alone_until = self.left_alone_until.max(Some(until));
        }
        // As many as there are wishes: a scope that failed is wished for.
        if self.patience.len() < WISHES || self.patience.contains_key(&scope) {
            let patience = (failures.saturating_add(1), now + wait);
            self.patience.insert(scope.clone(), patience);
        }
        self.again.remove(&scope);
        self.want(scope.clone(), now + wait);
        Some(scope)
    }

    /// The time has passed: gives back the requests that took too long, which count as failed.
    pub fn handle_timeout(&mut self, is_visible: bool, now: Instant) -> Vec<(RequestId, Scope)> {
        if is_visible && self.compare_at.is_some_and(|at| at <= now) {
            self.compare_at = None;
            self.want(Scope::List, now);
        }
        let late: Vec<_> = (self.flying.values())
            .filter(|(_, until)| *until <= now)
            .map(|(id, _)| *id)
            .collect();
        late.into_iter()
            .filter_map(|id| Some((id, self.failed(id, None, now)?)))
            .collect()
    }

    /// Something is different that may end a failure (a new connection, a person's wish): patience ends at `at`. What
    /// the server asked for does not.
    pub fn hurry(&mut self, at: Instant) {
        for (scope, _) in std::mem::take(&mut self.patience) {
            if let Some(due) = self.wishes.get_mut(&scope) {
                *due = (*due).min(at);
            }
        }
    }

    /// How often it was asked for in a row without an answer that could be used.
    #[must_use]
    pub fn failures(&self, scope: &Scope) -> u32 {
        (self.patience.get(scope)).map_or(0, |(failures, _)| *failures)
    }

    /// Whether anything that is asked for was not answered the last time.
    #[must_use]
    pub fn is_failing(&self) -> bool {
        !self.patience.is_empty()
    }

    /// Until when nothing is asked because the server wants to be left alone.
    #[must_use]
    pub fn left_alone_until(&self) -> Option<Instant> {
        self.left_alone_until
    }

    /// A request had no answer while there was no connection either: that the server has counted it is not likely.
    pub fn unreached(&mut self) {
        self.unreached = (self.unreached + 1).min(BURST);
    }

    /// There is a connection. Its list goes before all else, and what reached nobody does not make those wait that the
    /// server will answer. Until then it counts, because a browser also withholds answers that did come.
    pub fn reached(&mut self) {
        self.paid_until = self.paid_until - STEADY * std::mem::take(&mut self.unreached);
        self.is_first = true;
    }

    /// A time up to `most`, by lot: whoever lost a server together shall not ask it together.
    pub fn spread(&mut self, most: Duration) -> Duration {
        self.jitter.between((Duration::ZERO, most))
    }

    /// An analysis has begun: the next comparison comes sooner.
    pub fn became_active(&mut self, now: Instant) {
        // Whether it is sooner is known before a lot is drawn: it happens with each event of a run.
        if self
            .compare_at
            .is_some_and(|at| at > now + COMPARE.0 * 6 / 5)
        {
            self.compare_at = Some(now + self.about(COMPARE.0));
        }
    }

    /// When something is due.
    #[must_use]
    pub fn poll_timeout(&self, is_visible: bool) -> Option<Instant> {
        let spaced = self.spaced();
        let wishes = self.wishes.iter();
        let wish = wishes
            .map(|(scope, due)| spaced[rank(scope)].max(*due))
            .min();
        let flying = self.flying.values().map(|(_, until)| *until).min();
        let compare = self.compare_at.filter(|_| is_visible);
        [wish, flying, compare].into_iter().flatten().min()
    }

    /// The id of the last request made; an answer with a greater id was requested later.
    #[must_use]
    pub fn newest(&self) -> RequestId {
        RequestId(self.next_id)
    }

    /// Drops every wish and every request: their answers will answer nothing. Ids go on, so an answer of before can
    /// never be taken for one of after.
    pub fn reset(&mut self) {
        self.wishes.clear();
        self.flying.clear();
        self.again.clear();
        self.patience.clear();
        self.left_alone_until = None;
        self.unreached = 0;
        self.is_first = false;
        self.compare_at = None;
    }

    /// What a request that is still asked is for.
    #[must_use]
    pub fn scope_of(&self, id: RequestId) -> Option<Scope> {
        (self.flying.iter())
            .find(|(_, (flying, _))| *flying == id)
            .map(|(scope, _)| scope.clone())
    }

    fn take(&mut self, id: RequestId) -> Option<Scope> {
        let scope = self.scope_of(id)?;
        self.flying.remove(&scope);
        Some(scope)
    }

    fn ask_again(&mut self, scope: &Scope, now: Instant) {
        if self.again.remove(scope).is_some() {
            self.want(scope.clone(), now);
        }
    }

    /// When the next request may be made for a scope of each [`rank`].
    fn spaced(&self) -> [Instant; 3] {
        let paid = |ahead| {
            let paid = self.paid_until - STEADY * (ahead - 1);
            paid.max(self.left_alone_until.unwrap_or_default())
        };
        let first = match self.is_first {
            true => BURST + RESERVE,
            false => BURST,
        };
        let next = self
            .last_request
            .map_or(Instant::default(), |at| at + SPACING);
        // Without the number of models nothing is said of how far a run is: it waits for nothing but its price.
        [paid(BURST), paid(first).max(next), paid(BURST).max(next)]
    }

    /// So long, a fifth more or less.
    fn about(&mut self, pause: Duration) -> Duration {
        self.jitter.between((pause * 4 / 5, pause * 6 / 5))
    }
}

/// Which is asked for before which.
fn rank(scope: &Scope) -> usize {
    match scope {
        Scope::Models => 0,
        Scope::List => 1,
        Scope::Media(_) => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::MediaId;

    #[test]
    fn wishes_for_the_same_are_one_request() {
        let mut snapshots = Snapshots::new(7);
        for _ in 0..100 {
            snapshots.want(Scope::List, at(0));
        }

        assert_eq!(fetched(&mut snapshots, at(0)), [Scope::List]);
        assert_eq!(fetched(&mut snapshots, at(60_000)), []);
    }

    #[test]
    fn requests_keep_their_distance() {
        let mut snapshots = Snapshots::new(7);
        snapshots.want(media("a"), at(0));
        snapshots.want(media("b"), at(0));

        assert_eq!(fetched(&mut snapshots, at(0)), [media("a")]);
        assert_eq!(fetched(&mut snapshots, at(1_999)), []);
        assert_eq!(snapshots.poll_timeout(true), Some(at(2_000)));
        assert_eq!(fetched(&mut snapshots, at(2_000)), [media("b")]);
    }

    #[test]
    fn the_number_of_models_waits_for_no_other_and_no_other_for_it() {
        let mut snapshots = Snapshots::new(7);
        snapshots.want(media("a"), at(0));
        assert_eq!(fetched(&mut snapshots, at(0)), [media("a")]);
        snapshots.want(Scope::Models, at(100));
        snapshots.want(Scope::List, at(100));

        assert_eq!(snapshots.poll_timeout(true), Some(at(100)));
        assert_eq!(fetched(&mut snapshots, at(100)), [Scope::Models]);
        assert_eq!(fetched(&mut snapshots, at(2_000)), [Scope::List]);
    }

    #[test]
    fn a_wish_during_a_request_is_asked_after_it() {
        let mut snapshots = Snapshots::new(7);
        snapshots.want(Scope::List, at(0));
        let first = snapshots.poll_fetch(at(0)).unwrap();
        snapshots.want(Scope::List, at(1_000));

        assert_eq!(snapshots.poll_fetch(at(3_000)), None);
        assert_eq!(
            snapshots.answered(first.id, false, at(3_000)),
            Some(Scope::List)
        );
        assert_eq!(fetched(&mut snapshots, at(3_000)), [Scope::List]);
    }

    #[test]
    fn a_failed_request_is_made_again_with_growing_patience() {
        let mut snapshots = Snapshots::new(7);
        let mut now = at(0);
        snapshots.want(Scope::List, now);
        let mut waits = Vec::new();
        for _ in 0..8 {
            let fetch = snapshots.poll_fetch(now).unwrap();
            snapshots.failed(fetch.id, None, now);
            let due = snapshots.poll_timeout(true).unwrap();
            waits.push(due.saturating_since(now).as_secs());
            now = due;
        }

        assert_eq!(waits, [2, 4, 8, 16, 32, 60, 60, 60]);
    }

    #[test]
    fn a_wish_does_not_cut_the_patience_after_a_failure_but_a_new_connection_does() {
        let mut snapshots = Snapshots::new(7);
        snapshots.want(Scope::List, at(0));
        for millis in [0, 2_000, 6_000] {
            let fetch = snapshots.poll_fetch(at(millis)).unwrap();
            snapshots.failed(fetch.id, None, at(millis));
        }

        snapshots.want(Scope::List, at(8_000));
        assert_eq!(snapshots.poll_timeout(true), Some(at(14_000)));
        snapshots.hurry(at(9_000));
        assert_eq!(fetched(&mut snapshots, at(9_000)), [Scope::List]);
    }

    #[test]
    fn nothing_cuts_the_wait_that_a_server_asked_for_and_it_is_for_all_requests() {
        let minutes = |minutes: u64| at(minutes * 60_000);
        let mut snapshots = Snapshots::new(7);
        snapshots.want(media("a"), minutes(0));
        let fetch = snapshots.poll_fetch(minutes(0)).unwrap();
        snapshots.failed(fetch.id, Some(Duration::from_secs(900)), minutes(0));

        for minute in 1..15 {
            snapshots.reached();
            snapshots.hurry(minutes(minute));
            for scope in [Scope::List, Scope::Models, media("b")] {
                snapshots.want(scope, minutes(minute));
            }
            assert_eq!(fetched(&mut snapshots, minutes(minute)), []);
            assert_eq!(snapshots.poll_timeout(true), Some(minutes(15)));
        }
        assert_eq!(
            fetched(&mut snapshots, minutes(15)),
            [Scope::Models, Scope::List]
        );
    }

    #[test]
    fn who_signs_in_next_is_not_made_to_wait_for_the_one_before() {
        let mut snapshots = Snapshots::new(7);
        snapshots.want(Scope::List, at(0));
        let fetch = snapshots.poll_fetch(at(0)).unwrap();
        snapshots.failed(fetch.id, Some(Duration::from_secs(900)), at(0));

        snapshots.reset();
        snapshots.want(Scope::List, at(5_000));

        assert_eq!(fetched(&mut snapshots, at(5_000)), [Scope::List]);
    }

    #[test]
    fn the_first_list_after_connecting_waits_for_nothing_that_was_asked_for_before() {
        let mut snapshots = Snapshots::new(7);
        let mut now = Instant::from_millis(1000);
        for n in 0..10 {
            snapshots.want(Scope::Media(MediaId::new(&n.to_string()).unwrap()), now);
        }
        for _ in 0..BURST {
            now = snapshots.poll_timeout(true).unwrap();
            let fetch = snapshots.poll_fetch(now).unwrap();
            snapshots.answered(fetch.id, false, now);
        }

        // And two more times: a network that is lost and back again and again does not ask for ever.
        for waits in [SPACING, SPACING, STEADY] {
            let before = now;
            snapshots.reached();
            snapshots.want(Scope::List, now);
            now = snapshots.poll_timeout(true).unwrap();
            assert!(now <= before + waits, "{:?}", now.saturating_since(before));
            let fetch = snapshots.poll_fetch(now).unwrap();
            assert_eq!(fetch.scope, Scope::List);
            snapshots.answered(fetch.id, false, now);
        }
    }

    #[test]
    fn requests_that_reached_nobody_do_not_make_those_wait_that_a_server_would_answer() {
        let mut snapshots = Snapshots::new(7);
        let mut now = at(0);
        snapshots.want(Scope::List, now);
        for _ in 0..BURST + 2 {
            now = snapshots.poll_timeout(true).unwrap();
            let fetch = snapshots.poll_fetch(now).unwrap();
            snapshots.failed(fetch.id, None, now);
            snapshots.unreached();
        }

        now = now + SPACING;
        snapshots.reached();
        snapshots.hurry(now);
        assert_eq!(fetched(&mut snapshots, now), [Scope::List]);
    }

    #[test]
    fn a_server_may_ask_for_patience_but_not_for_ever() {
        for (asked, waits) in [(0, 2), (30, 30), (900, 900), (86_400, 900)] {
            let mut snapshots = Snapshots::new(7);
            snapshots.want(Scope::List, at(0));
            let fetch = snapshots.poll_fetch(at(0)).unwrap();
            snapshots.failed(fetch.id, Some(Duration::from_secs(asked)), at(0));

            assert_eq!(snapshots.poll_timeout(true), Some(at(waits * 1000)));
        }
    }

    #[test]
    fn a_request_without_an_answer_is_given_up_and_its_late_answer_dropped() {
        let mut snapshots = Snapshots::new(7);
        snapshots.want(Scope::List, at(0));
        let fetch = snapshots.poll_fetch(at(0)).unwrap();

        assert_eq!(snapshots.handle_timeout(true, at(9_999)), []);
        assert_eq!(
            snapshots.handle_timeout(true, at(10_000)),
            [(fetch.id, Scope::List)]
        );
        assert_eq!(snapshots.answered(fetch.id, false, at(10_001)), None);
    }

    #[test]
    fn an_answer_of_before_a_sign_out_answers_nothing() {
        let mut snapshots = Snapshots::new(7);
        snapshots.want(Scope::List, at(0));
        let before = snapshots.poll_fetch(at(0)).unwrap();
        snapshots.reset();
        snapshots.want(Scope::List, at(5_000));
        let after = snapshots.poll_fetch(at(5_000)).unwrap();

        assert_eq!(snapshots.answered(before.id, false, at(5_001)), None);
        assert!(after.id > before.id);
    }

    #[test]
    fn the_list_is_compared_every_minute_or_five_more_or_less_while_the_page_is_visible() {
        for (is_active, seconds) in [(true, 48..=72), (false, 240..=360)] {
            let mut pauses: Vec<_> = (0..200)
                .map(|seed| {
                    let mut snapshots = Snapshots::new(seed);
                    snapshots.want(Scope::List, at(0));
                    let fetch = snapshots.poll_fetch(at(0)).unwrap();
                    snapshots.answered(fetch.id, is_active, at(0));

                    assert_eq!(snapshots.poll_timeout(false), None);
                    let due = snapshots.poll_timeout(true).unwrap();
                    snapshots.handle_timeout(false, due);
                    assert_eq!(fetched(&mut snapshots, due), []);
                    snapshots.handle_timeout(true, due);
                    assert_eq!(fetched(&mut snapshots, due), [Scope::List]);
                    due.since_origin().as_secs()
                })
                .collect();
            pauses.sort_unstable();

            assert!(pauses.iter().all(|pause| seconds.contains(pause)));
            let spread = pauses.last().unwrap() - pauses[0];
            assert!(
                spread * 10 > (seconds.end() - seconds.start()) * 9,
                "{pauses:?}"
            );
        }
    }

    #[test]
    fn an_analysis_that_begins_brings_the_next_comparison_forward_once() {
        let mut snapshots = Snapshots::new(7);
        snapshots.want(Scope::List, at(0));
        let fetch = snapshots.poll_fetch(at(0)).unwrap();
        snapshots.answered(fetch.id, false, at(0));

        snapshots.became_active(at(1_000));
        let due = snapshots.poll_timeout(true).unwrap();
        assert!((at(49_000)..=at(73_000)).contains(&due), "{due:?}");
        for second in 2..48 {
            snapshots.became_active(at(second * 1000));
            assert_eq!(snapshots.poll_timeout(true), Some(due));
        }
    }

    /// Whoever wishes for how much: so many requests at once, so many in the first minute, so many in each after it.
    #[test]
    fn however_much_is_wished_for_six_requests_a_minute_are_made_for_long() {
        for (media, every, first, later) in [
            // One wish: one request.
            (1, 3_600_000, 1, 0),
            (1, 60_000, 1, 1),
            (1, 30_000, 2, 2),
            (1, 10_000, 6, 6),
            // Six at once, then one in ten seconds.
            (1, 2_000, 11, 6),
            (1, 100, 11, 6),
            (5, 1_000, 11, 6),
            (60, 500, 11, 6),
            (1_000, 1_000, 11, 6),
        ] {
            let mut snapshots = Snapshots::new(7);
            let mut made = Vec::new();
            for millis in (0..15 * 60_000).step_by(100) {
                if millis % every == 0 {
                    for index in 0..media {
                        snapshots.want(self::media(&index.to_string()), at(millis));
                    }
                }
                while let Some(fetch) = snapshots.poll_fetch(at(millis)) {
                    made.push(millis);
                    snapshots.answered(fetch.id, true, at(millis));
                }
            }

            let of = |minute: u64| made.iter().filter(|at| **at / 60_000 == minute).count();
            let wishes = (media, every);
            assert_eq!(of(0), first, "{wishes:?}");
            assert!(
                (1..15).all(|minute| of(minute) == later),
                "{wishes:?} {made:?}"
            );
            assert!(
                made.windows(2).all(|two| two[1] - two[0] >= 2_000),
                "{wishes:?}"
            );
            // What one of the servers takes in 15 minutes, of any kind.
            assert!(made.len() < 100, "{wishes:?}");
        }
    }

    #[test]
    fn what_has_waited_longest_is_asked_first_but_for_the_list() {
        let mut snapshots = Snapshots::new(7);
        snapshots.want(media("b"), at(0));
        snapshots.want(media("a"), at(1));
        snapshots.want(Scope::List, at(2));

        let mut order = Vec::new();
        for millis in [2, 2_002, 4_002] {
            order.extend(fetched(&mut snapshots, at(millis)));
        }

        assert_eq!(order, [Scope::List, media("b"), media("a")]);
    }

    #[test]
    fn a_flood_of_wishes_asks_for_the_list_instead() {
        let mut snapshots = Snapshots::new(7);
        for index in 0..10_000 {
            snapshots.want(media(&index.to_string()), at(0));
        }

        assert!(snapshots.wishes.len() <= WISHES + 1);
        assert_eq!(fetched(&mut snapshots, at(0)), [Scope::List]);
    }

    fn at(millis: u64) -> Instant {
        Instant::from_millis(millis)
    }

    fn media(id: &str) -> Scope {
        Scope::Media(MediaId::new(id).unwrap())
    }

    fn fetched(snapshots: &mut Snapshots, now: Instant) -> Vec<Scope> {
        std::iter::from_fn(|| snapshots.poll_fetch(now))
            .map(|fetch| fetch.scope)
            .collect()
    }
}
