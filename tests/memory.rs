//! What a page keeps in memory of a full list, 5,000 media, and of one full meeting, 1,000 people with a score a second
//! for five minutes.
//!
//! That is not all that a page may keep: there may be ten meetings, each with pictures and a trail of a megabyte, and
//! what the session and the views hold.
//!
//! Counts the bytes that are asked for, which unlike a time are the same each time, and fails above the budget. On a
//! page it is a little less: pointers have four bytes there. Has no harness, whose threads would ask for bytes, too.

use std::alloc::{GlobalAlloc, Layout, System};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

use telltale::domain::fact::{
    Fact, Label, MediaFields, MeetingSaid, Modality, ModelSaid, Outcome, Rules, RunRef, Scope,
    Snapshot,
};
use telltale::domain::store::MAX_MEDIA;
use telltale::domain::{
    MediaId, MeetingId, MeetingKey, ModelId, ParticipantId, RunId, Source, Store, Text,
};
use telltale::time::{Instant, Timestamp};

const SERVER: Source = Source(0);
const MODELS: usize = 5;
const PEOPLE: usize = 1_000;
/// Scores of each person: as many as a curve has points.
const SCORES: usize = 300;
const BUDGET: usize = 50_000_000;

#[global_allocator]
static COUNTED: Counted = Counted;

/// The system's allocator, counted.
struct Counted;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

impl Counted {
    fn add(bytes: usize) {
        let live = LIVE.fetch_add(bytes, Ordering::Relaxed) + bytes;
        PEAK.fetch_max(live, Ordering::Relaxed);
    }
}

// SAFETY: everything is passed on to the system's allocator as it came; counting allocates nothing.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Self::add(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(memory, layout) }
    }
}

fn main() -> ExitCode {
    let mut store = Store::new();
    store.add_source(SERVER, Rules::default());
    store.connected(SERVER, at(0));

    println!("{:>26} {:>12} {:>12}", "kept", "megabytes", "bytes each");
    let media = growth(|| fill_media(&mut store));
    report("5,000 media of 5 models", media, MAX_MEDIA);
    let people = growth(|| fill_meeting(&mut store));
    report("1,000 people, 300 scores", people, PEOPLE);
    // One more of each: something else makes room.
    say_of_media(&mut store, MAX_MEDIA);
    say_of_person(&mut store, PEOPLE, 0);
    assert_eq!(store.list().count(), MAX_MEDIA);
    assert_eq!(people_of(&store), PEOPLE);
    assert!(store.counters().evicted >= 2);
    let peak = PEAK.load(Ordering::Relaxed);
    report("at the most, with both", peak, 1);

    if peak > BUDGET {
        println!("memory: {peak} bytes are more than the budget of {BUDGET}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// By how many bytes there are more in use after this.
fn growth(fill: impl FnOnce()) -> usize {
    let before = LIVE.load(Ordering::Relaxed);
    fill();
    LIVE.load(Ordering::Relaxed).saturating_sub(before)
}

fn report(what: &str, bytes: usize, count: usize) {
    let megabytes = bytes as f64 / 1e6;
    println!("{what:>26} {megabytes:>12.1} {:>12}", bytes / count);
}

fn fill_media(store: &mut Store) {
    let named: Vec<_> = (0..MAX_MEDIA).map(media).collect();
    let facts = (0..MAX_MEDIA).map(|index| Fact::Media {
        media: media(index),
        at: stamp(1),
        fields: MediaFields {
            name: Text::name(&format!("interview, camera {index}, second take.mp4")),
            created: stamp(index),
            ..MediaFields::default()
        },
    });
    let snapshot = Snapshot {
        scope: Scope::List,
        is_whole: true,
        beyond: 0,
        media: named,
        facts: facts.collect(),
    };
    store.snapshot_requested(SERVER, &Scope::List, at(0));
    store.apply_snapshot(SERVER, snapshot, at(0));
    for index in 0..MAX_MEDIA {
        say_of_media(store, index);
    }
}

/// A run of which some models have ended, one failed and is tried again, and the last is at work.
fn say_of_media(store: &mut Store, index: usize) {
    let run = RunRef::Id(RunId::new(&format!("run-of-{index}")).expect("a short name"));
    for model in 0..MODELS {
        let mut say = |at, said| {
            let fact = Fact::Model {
                media: media(index),
                run: run.clone(),
                model: ModelId::new(&format!("model-{model}")).expect("a short name"),
                at,
                said,
            };
            store.apply(SERVER, vec![fact], self::at(1));
        };
        say(stamp(1), ModelSaid::Queued);
        say(stamp(2), ModelSaid::Started);
        for step in 1..=20_u32 {
            let progress = ModelSaid::Progress {
                done: Some(f64::from(step)),
                total: Some(20.0),
                relayed: stamp(3 + step as usize),
            };
            say(None, progress);
        }
        if let Some(words) = Text::message("Looking at the frames of the second half") {
            say(
                stamp(30),
                ModelSaid::Doing {
                    text: words,
                    fraction: None,
                },
            );
        }
        if model == 3 {
            let error = Text::message("The worker ran out of memory and was stopped");
            let (is_final, attempt) = (false, Some(2));
            say(
                stamp(31),
                ModelSaid::Failed {
                    error,
                    is_final,
                    attempt,
                },
            );
        } else if model < 3 {
            let outcome = Outcome {
                label: Some(Label::Real),
                confidence: Some(0.9),
                ..Outcome::default()
            };
            say(stamp(31), ModelSaid::Completed(outcome));
        }
    }
}

fn fill_meeting(store: &mut Store) {
    store.open_meeting(meeting(), at(1));
    let people = (0..PEOPLE).map(person).collect();
    say(store, 1, MeetingSaid::Joined(Some(people)));
    for second in 0..SCORES {
        for index in 0..PEOPLE {
            say_of_person(store, index, second);
        }
    }
}

fn say_of_person(store: &mut Store, index: usize, second: usize) {
    let score = MeetingSaid::Trust {
        participant: person(index),
        score: Some((second % 100) as f64 / 100.0),
    };
    say(store, second, score);
    if second > 0 {
        return;
    }
    let word = |text: &str| Text::new(text, Text::NAME);
    let modality = |name: &str| Modality {
        name: word(name),
        figures: vec![
            (word("score"), 0.4),
            (word("jitter"), 0.1),
            (word("drift"), 0.2),
        ],
        confidence: Some(0.8),
    };
    let modalities = ["audio", "video", "behaviour"].map(modality).to_vec();
    let participant = person(index);
    say(
        store,
        second,
        MeetingSaid::Detection {
            participant,
            modalities,
        },
    );
    let participant = person(index);
    let name = Text::name(&format!("Participant number {index}"));
    say(
        store,
        second,
        MeetingSaid::ParticipantJoined { participant, name },
    );
}

fn say(store: &mut Store, second: usize, said: MeetingSaid) {
    let fact = Fact::Meeting {
        meeting: Some(meeting().id),
        at: stamp(second),
        said,
    };
    store.apply(SERVER, vec![fact], at(second));
}

fn people_of(store: &Store) -> usize {
    let view = store.meeting(&meeting(), at(SCORES));
    view.map_or(0, |view| view.participants.len())
}

fn media(index: usize) -> MediaId {
    let id = format!("6f1c2b7e-4d1a-4b63-9a57-{index:012}");
    MediaId::new(&id).expect("a short name")
}

fn person(index: usize) -> ParticipantId {
    let id = format!("9d3e8a10-7c55-4f0e-8b21-{index:012}");
    ParticipantId::new(&id).expect("a short name")
}

fn meeting() -> MeetingKey {
    MeetingKey {
        source: SERVER,
        id: MeetingId::new("meeting").expect("a short name"),
    }
}

fn stamp(second: usize) -> Option<Timestamp> {
    Timestamp::from_unix_millis(1.7e12 + second as f64 * 1e3)
}

fn at(second: usize) -> Instant {
    Instant::from_millis(1000 * second as u64)
}
