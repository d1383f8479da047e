//! What the list's law means, story by story.

use super::*;
use crate::domain::view::Verdict;
use crate::domain::{MediaId, Source};
use crate::ui::media_list::choice::OUTCOMES;

#[test]
fn rows_are_in_the_chosen_order_and_equal_ones_newest_first() {
    for (address, rows) in [
        ("#/media", "e d c b a"),
        ("#/media?sort=name", "a b c e d"),
        ("#/media?sort=status", "d a e b c"),
        ("#/media?sort=progress", "a d e c b"),
        ("#/media?status=complete", "b"),
        ("#/media?status=partly", ""),
        ("#/media?result=pending", "e d a"),
        ("#/media?result=fake&status=complete", "b"),
        ("#/media?q=CLIP", "c b a"),
        ("#/media?q=%20clip%2010%20", "c"),
        ("#/media?q=clip&sort=name&status=running", "a"),
        ("#/media?q=nothing", ""),
    ] {
        let mut list = List::new(&[
            of("e", "other.mov", Status::Queued),
            row("d", None, Status::Running, 20, Verdict::None),
            of("c", "Clip 10.mp4", Status::Failed),
            row("b", Some("clip 9.mp4"), Status::Complete, 100, FAKE),
            row("a", Some("clip 8.mp4"), Status::Running, 90, Verdict::None),
        ]);
        list.choose(address);

        list.step();

        assert_eq!(list.shown(), rows, "{address}");
    }
}

#[test]
fn the_counts_of_states_leave_only_the_state_itself_out_of_account() {
    let mut list = List::new(&[
        of("d", "a.wav", Status::Running),
        of("c", "b.wav", Status::Running),
        of("b", "a2.wav", Status::Failed),
        row("a", Some("a3.wav"), Status::Complete, 100, FAKE),
    ]);
    list.choose("#/media?q=a&status=failed");

    let tally = list.step();

    // `.wav` has an a.
    assert_eq!(tally.of_status, [2, 0, 1, 0, 1, 0, 0]);
    assert_eq!((tally.all, tally.rows), (4, 1));
    assert_eq!((tally.running, tally.queued), (2, 0));
    let occurring: Vec<_> = OUTCOMES.into_iter().filter(|one| tally.has(*one)).collect();
    assert_eq!(occurring, [Outcome::Fake, Outcome::None, Outcome::Pending]);

    list.choose("#/media?q=a2&status=running");
    let tally = list.step();

    assert_eq!((tally.of_status, tally.rows), ([0, 0, 0, 0, 1, 0, 0], 0));
}

#[test]
fn what_is_new_comes_in_at_the_top_and_waits_for_whoever_reads_on() {
    let mut list = List::new(&[
        of("b", "b", Status::Complete),
        of("a", "a", Status::Complete),
    ]);
    list.step();

    list.entries.insert(0, of("c", "c", Status::Queued));
    let tally = list.step();
    assert_eq!((list.shown(), tally.waiting), ("c b a".to_owned(), 0));

    list.is_at_top = false;
    list.entries.insert(0, of("d", "d", Status::Queued));
    list.entries.insert(3, of("between", "", Status::Queued));
    let tally = list.step();
    assert_eq!((list.shown(), tally.waiting), ("c b a".to_owned(), 2));
    assert_eq!(tally.all, 5);

    list.asked += 1;
    let tally = list.step();
    assert_eq!(list.shown(), "d c b between a");
    assert_eq!(tally.waiting, 0);
}

#[test]
fn what_waits_comes_in_when_one_is_back_at_the_top() {
    let mut list = List::new(&[of("a", "a", Status::Complete)]);
    list.step();
    list.is_at_top = false;
    list.entries.insert(0, of("b", "b", Status::Queued));
    list.step();

    list.is_at_top = true;
    let tally = list.step();

    assert_eq!((list.shown(), tally.waiting), ("b a".to_owned(), 0));
}

#[test]
fn a_run_that_shows_no_share_is_sorted_behind_those_that_do() {
    let running = |id, percent| MediaEntry {
        percent,
        ..row(id, Some(id), Status::Running, 0, Verdict::None)
    };
    let mut list = List::new(&[
        of("d", "d", Status::Queued),
        running("c", None),
        running("b", Some(0)),
        running("a", Some(60)),
    ]);
    list.choose("#/media?sort=progress");

    list.step();

    assert_eq!(list.shown(), "a b c d");
}

#[test]
fn a_row_keeps_its_place_whatever_becomes_of_it() {
    for address in ["#/media?sort=status", "#/media?sort=progress"] {
        let mut list = List::new(&[
            row("c", Some("c"), Status::Running, 10, Verdict::None),
            row("b", Some("b"), Status::Running, 5, Verdict::None),
            of("a", "a", Status::Complete),
        ]);
        list.choose(address);
        let before = list.step().arrangement;

        list.entries[1].percent = Some(60);
        list.entries[0].status = Status::Complete;
        let tally = list.step();
        assert_eq!(
            (list.shown().as_str(), tally.arrangement),
            ("c b a", before)
        );

        // A name that comes late moves nothing either.
        list.entries[2].name = Text::name("0");
        list.step();
        assert_eq!(list.shown(), "c b a");

        list.asked += 1;
        list.step();
        assert_eq!(list.shown(), "b c a", "{address}");
    }
}

#[test]
fn a_row_that_its_filter_would_leave_out_stays_until_the_filter_is_touched() {
    let mut list = List::new(&[
        of("c", "c", Status::Running),
        of("b", "b", Status::Running),
        of("a", "a", Status::Complete),
    ]);
    list.choose("#/media?status=running");
    list.step();

    list.entries[0].status = Status::Complete;
    let tally = list.step();
    assert_eq!((list.shown().as_str(), tally.left), ("c b", 1));
    assert_eq!(tally.of_status[2], 2, "the counts are those of now");

    list.choose("#/media?status=running&sort=name");
    let tally = list.step();
    assert_eq!((list.shown().as_str(), tally.left), ("b", 0));
}

#[test]
fn a_media_that_a_filter_lets_in_now_is_new_to_the_list() {
    let mut list = List::new(&[
        of("c", "c", Status::Failed),
        of("b", "b", Status::Running),
        of("a", "a", Status::Failed),
    ]);
    list.choose("#/media?status=failed");
    list.is_at_top = false;
    list.step();

    list.entries[1].status = Status::Failed;
    assert_eq!(list.step().waiting, 1);
    assert_eq!(list.shown(), "c a");

    list.is_at_top = true;
    list.step();
    assert_eq!(list.shown(), "c b a");
}

#[test]
fn a_media_that_is_gone_takes_its_row_with_it() {
    let mut list = List::new(&[
        of("c", "c", Status::Complete),
        of("b", "b", Status::Complete),
        of("a", "a", Status::Complete),
    ]);
    list.is_at_top = false;
    let before = list.step().arrangement;

    list.entries.remove(1);
    let tally = list.step();

    assert_eq!(list.shown(), "c a");
    assert_ne!(tally.arrangement, before);
    assert_eq!((tally.waiting, tally.left), (0, 0));
}

#[test]
fn a_media_that_moves_in_the_list_keeps_its_row() {
    let mut list = List::new(&[of("b", "b", Status::Queued), of("a", "a", Status::Complete)]);
    list.choose("#/media?q=a&sort=name");
    list.step();
    list.choose("#/media");
    list.step();

    // Its time of creation became known, and it is the older one.
    list.entries.swap(0, 1);
    list.step();

    assert_eq!(list.shown(), "b a");
}

#[test]
fn while_the_list_is_loaded_its_rows_go_to_their_places() {
    let mut list = List::new(&[
        of("c", "c", Status::Complete),
        of("a", "a", Status::Complete),
    ]);
    list.is_loading = true;
    list.step();

    // The second server's part of it; with the last part the loading is over.
    list.entries.insert(1, of("b", "b", Status::Complete));
    list.entries.swap(0, 2);
    list.is_loading = false;
    list.step();
    assert_eq!(list.shown(), "a b c");

    list.entries.swap(0, 2);
    list.step();
    assert_eq!(list.shown(), "a b c", "it is over");
}

#[test]
fn a_part_that_is_loaded_late_waits_for_whoever_reads_on() {
    let mut list = List::new(&[of("a", "a", Status::Complete)]);
    list.step();
    list.is_at_top = false;

    list.is_loading = true;
    list.entries.insert(0, of("b", "b", Status::Complete));
    let tally = list.step();

    assert_eq!((list.shown().as_str(), tally.waiting), ("a", 1));
}

#[test]
fn a_list_without_rows_has_nothing_that_could_move() {
    let mut list = List::new(&[]);
    list.is_at_top = false;
    assert_eq!(list.step().rows, 0);

    list.entries.push(of("a", "a", Status::Queued));

    assert_eq!(list.step().rows, 1);
}

#[test]
fn names_are_folded_once_and_only_if_somebody_needs_them() {
    use std::cell::Cell;
    let folds = Cell::new(0);
    let mut list = List::new(&[of("b", "b", Status::Queued), of("a", "a", Status::Queued)]);
    let step = |list: &mut List| {
        folds.set(0);
        let fold = |text: &str| {
            folds.set(folds.get() + usize::from(!text.is_empty()));
            text.to_lowercase()
        };
        let scene = Scene {
            choice: &list.choice,
            is_at_top: true,
            is_loading: false,
            asked: 0,
        };
        list.rows.step(&list.entries, scene, &fold);
        folds.get()
    };
    assert_eq!(step(&mut list), 0);

    list.choose("#/media?sort=name");
    assert_eq!(step(&mut list), 2);
    assert_eq!(step(&mut list), 0);

    list.entries.insert(0, of("c", "c", Status::Queued));
    assert_eq!(step(&mut list), 1);

    list.entries[2].name = Text::name("z");
    assert_eq!(step(&mut list), 1);
}

#[test]
fn a_row_tells_its_media_and_a_media_its_row() {
    let mut list = List::new(&[of("b", "b", Status::Queued), of("a", "a", Status::Failed)]);
    list.choose("#/media?status=failed");
    list.step();

    assert_eq!(list.rows.at(0), Some(&key("a")));
    assert_eq!(list.rows.at(1), None);
    assert_eq!(list.rows.position(&key("a")), Some(0));
    assert_eq!(list.rows.position(&key("b")), None);
    assert_eq!(list.rows.position(&key("nobody")), None);
}

#[test]
fn numbers_in_names_go_by_their_value() {
    let in_order = [
        "",
        "clip",
        "clip 2",
        "clip 9",
        "clip 010",
        "clip 88",
        "clip 88 b",
        "clip a",
        "é",
        "日",
    ];
    for (at, one) in in_order.iter().enumerate() {
        for (other_at, other) in in_order.iter().enumerate() {
            assert_eq!(
                compare_names(one, other),
                at.cmp(&other_at),
                "{one} and {other}"
            );
        }
    }
    let huge = "1".repeat(400);
    assert_eq!(compare_names(&huge, "2"), Ordering::Greater);
    assert_eq!(compare_names("007", "7"), Ordering::Equal);
}

const FAKE: Verdict = Verdict::LikelyFake { fake: 2, of: 3 };

struct List {
    rows: Rows,
    entries: Vec<MediaEntry>,
    choice: Choice,
    is_at_top: bool,
    is_loading: bool,
    asked: u32,
}

impl List {
    fn new(entries: &[MediaEntry]) -> Self {
        Self {
            rows: Rows::default(),
            entries: entries.to_vec(),
            choice: Choice::default(),
            is_at_top: true,
            is_loading: false,
            asked: 0,
        }
    }

    fn choose(&mut self, address: &str) {
        self.choice = Choice::parse(address);
    }

    fn step(&mut self) -> Tally {
        let scene = Scene {
            choice: &self.choice,
            is_at_top: self.is_at_top,
            is_loading: self.is_loading,
            asked: self.asked,
        };
        let tally = self
            .rows
            .step(&self.entries, scene, &|text| text.to_lowercase());
        assert_eq!(tally.rows, self.shown().split_whitespace().count());
        tally
    }

    /// The ids of the rows.
    fn shown(&self) -> String {
        let ids: Vec<_> = (0..)
            .map_while(|at| self.rows.at(at))
            .map(|key| key.id.as_str())
            .collect();
        ids.join(" ")
    }
}

fn key(id: &str) -> MediaKey {
    MediaKey {
        source: Source(0),
        id: MediaId::new(id).unwrap(),
    }
}

fn of(id: &str, name: &str, status: Status) -> MediaEntry {
    let percent = if status.is_ended() { 100 } else { 0 };
    row(id, Some(name), status, percent, Verdict::None)
}

fn row(id: &str, name: Option<&str>, status: Status, percent: u8, verdict: Verdict) -> MediaEntry {
    MediaEntry {
        key: key(id),
        name: name.and_then(Text::name),
        status,
        verdict,
        percent: Some(percent),
    }
}
