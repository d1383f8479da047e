//! Each shape that a run or a meeting can take, from the first event to what a person has seen and heard of it.
//!
//! A fixture says what the server sends and answers, and beside it the end state, the cards and the announcements that
//! must come of it. Each is replayed through a whole session in virtual time, in six variants: as it is, and as a
//! channel delivers it that repeats, reorders and loses. Truth does not depend on the channel, so the end state is the
//! same in all of them, unless the fixture says why it cannot be.

#[path = "replay/fixture.rs"]
mod fixture;
#[path = "replay/player.rs"]
mod player;
#[path = "replay/told.rs"]
mod told;
#[path = "replay/world.rs"]
mod world;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::time::Duration;

use fixture::{Fixture, Outcome, Step, What};
use player::Player;
use telltale::domain::Source;
use telltale::json;
use telltale::protocol::backoff::Jitter;
use telltale::protocol::Response;
use telltale::session::record::{Record, Tap};
use telltale::session::state::{Command, Secret};
use telltale::session::{Answer, Config, Input, Output, Session};
use telltale::time::{Instant, Timestamp};
use world::World;

/// When the first step of a fixture is: the page has been open for a while.
const FIRST: Instant = Instant::from_millis(60_000);
/// When a person opens the page, unless late.
const ENTERS: Instant = Instant::from_millis(50_000);
/// After the last step: whatever the session asks again for is answered by then (an end that nobody sends is looked for
/// during 90 seconds, and lists are compared every 60).
const REST: Duration = Duration::from_secs(200);
/// Within this time the copies of an event arrive.
const SHUFFLED: Duration = Duration::from_secs(2);
/// Other orders in which the copies arrive; the end must be the same in each.
const ORDERS: u64 = 20;

/// How a fixture is told.
#[derive(Clone, Copy, PartialEq)]
enum Variant {
    AsItIs,
    /// Every event comes twice.
    Twice,
    /// Every event comes three times, in another order for each seed.
    Shuffled(u64),
    /// The connection is lost in the middle; a snapshot follows.
    Disconnected,
    /// The page is opened in the middle.
    Late,
    /// The last event never comes.
    LastLost,
}

const VARIANTS: [Variant; 6] = [
    Variant::AsItIs,
    Variant::Twice,
    Variant::Shuffled(0),
    Variant::Disconnected,
    Variant::Late,
    Variant::LastLost,
];

#[test]
fn every_shape_comes_to_its_end_its_cards_and_its_announcements_in_every_variant() {
    let mut faults = String::new();
    for fixture in fixture::all() {
        for variant in VARIANTS {
            let (expected, found) = (fixture.expected(variant.name()), replay(&fixture, variant));
            if expected != found {
                let (name, variant) = (&fixture.name, variant.name());
                faults += &format!("\n{name}, {variant}:\n{}", difference(&expected, &found));
            }
        }
    }
    assert!(faults.is_empty(), "{faults}");
}

#[test]
fn every_shape_comes_to_its_end_in_whatever_order_the_copies_arrive() {
    for fixture in fixture::all() {
        let expected = fixture.expected(Variant::Shuffled(0).name());
        for seed in 1..=ORDERS {
            let found = replay(&fixture, Variant::Shuffled(seed));

            assert_eq!(found.end, expected.end, "{}, order {seed}", fixture.name);
            let ends = |cards: &[String]| {
                let ends = cards.iter().filter(|card| card.starts_with("ended "));
                ends.cloned().collect::<Vec<_>>()
            };
            let name = &fixture.name;
            assert_eq!(
                ends(&found.cards),
                ends(&expected.cards),
                "{name}, order {seed}"
            );
        }
    }
}

/// What a person saw is what whoever gets their record sees, to each line and figure.
#[test]
fn a_record_of_every_shape_in_every_variant_plays_to_the_same_view() {
    for fixture in fixture::all() {
        for variant in VARIANTS {
            let world = told(&fixture, variant);
            let (file, seen) = world.exported();

            let played = Player::play(&file);

            let (session, now, meetings) = played.session();
            let (name, variant) = (&fixture.name, variant.name());
            assert_eq!(
                world::end(session, now, meetings),
                seen,
                "{name}, {variant}"
            );
            assert!(
                !file.contains("t0ken") && !file.contains("ada@"),
                "{name}, {variant}"
            );
        }
    }
}

#[test]
fn a_record_that_a_browser_exported_plays_to_what_its_page_showed() {
    let shown = [
        "\"first.wav\": complete, 100 %, run 1, likely real by 4 of 4",
        "  container-structure completed, real 0.95",
        "  duplicate-blocks completed, real 1",
        "  entropy-windows completed, real 0.9992",
        "  spectral-flatness completed, real 1",
        "standup: joined",
        "  alert: high face_swap of p1: Look",
    ];
    for (name, file) in [
        ("websocket", include_str!("fixtures/records/websocket.json")),
        ("polling", include_str!("fixtures/records/polling.json")),
    ] {
        let played = Player::play(file);

        let (session, now, meetings) = played.session();
        // Ids of media are drawn by the server.
        let seen = world::end(session, now, meetings).into_iter().map(|line| {
            let named = line.split_once(" \"").filter(|(id, _)| id.len() == 36);
            named.map_or(line.clone(), |(_, rest)| ["\"", rest].concat())
        });
        assert_eq!(seen.collect::<Vec<_>>(), shown, "{name}");
        for state in session.sources() {
            assert!(state.connection.is_live(), "{name}: {state:?}");
        }
    }
}

/// The one that `TELLTALE_RECORD` names, to see what whoever sent it saw; else one of ours.
#[test]
fn a_file_is_played_to_its_end_and_its_view_is_printed() {
    let ours = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/records/websocket.json"
    );
    let path = std::env::var("TELLTALE_RECORD").unwrap_or_else(|_| ours.to_owned());
    let file = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));

    let played = Player::play(&file);

    let (session, now, meetings) = played.session();
    let states = (session.sources().into_iter())
        .map(|state| format!("{}: {:?}", state.name.as_str(), state.connection));
    let view: Vec<_> = states.chain(world::end(session, now, meetings)).collect();
    println!("{}", view.join("\n"));
    let servers = json::parse(&file).expect("it was played");
    let servers = servers.get("servers").as_array();
    assert!(!servers.is_empty() && view.len() >= servers.len(), "{path}");
}

/// What asks sooner than it did there asks for what the record has no answer to. What one server's transport takes with
/// it when it is closed is not the other's, which has the same number.
#[test]
fn a_record_of_servers_that_ask_for_patience_plays_as_patiently() {
    let patience = Some(Duration::from_secs(100));
    let config = r#"{"servers":[{"kind":"analysis","url":"/x","transports":["polling"]},
        {"kind":"analysis","name":"other","url":"/y","transports":["polling"]}]}"#;
    let config = Config::parse(config, "http://page.test");
    let mut session = Session::new(config.unwrap_or_else(|error| panic!("{error}")), 5);
    let record = Record::new(session.servers(), session.seed(), true, ENTERS);
    let record = RefCell::new(record);
    let token = |server| Command::Token(Source(server), Some(Secret("t0ken".to_owned())));
    let mut inputs = VecDeque::from([
        Input::Start,
        Input::Command(token(0)),
        Input::Command(token(1)),
    ]);
    let (mut now, end) = (ENTERS, ENTERS + Duration::from_secs(6));
    let (mut polls, mut fetches) = (0, 0);

    for _ in 0..1_000 {
        let due = session.poll_timeout().filter(|due| *due <= end);
        let Some(input) = inputs.pop_front().or(due.map(|_| Input::Timeout)) else {
            break;
        };
        if let (Input::Timeout, Some(due)) = (&input, due) {
            now = now.max(due);
        }
        record.input(&input, now);
        session.handle_input(input, now);
        while let Some(output) = session.poll_output() {
            record.output(&output, now);
            match output {
                Output::Request {
                    source,
                    transport,
                    request,
                } if !request.keepalive => {
                    polls += 1;
                    let response = Response {
                        status: 503,
                        body: String::new(),
                        retry_after: patience,
                    };
                    let id = request.id;
                    inputs.push_back(Input::Responded(source, transport, id, Ok(response)));
                }
                Output::Fetch { ticket, .. } => {
                    fetches += 1;
                    let answer = Answer {
                        status: 503,
                        body: String::new(),
                        retry_after: patience,
                    };
                    inputs.push_back(Input::Answered(ticket, Ok(answer)));
                }
                _ => {}
            }
        }
    }
    let file = record.borrow().to_json(Timestamp::UNIX_EPOCH, end);
    let played = Player::play(&file);

    // Two of each server: the list, and whether the analysis itself is there.
    assert_eq!((polls, fetches), (2, 4), "{file}");
    assert_eq!(played.unanswered(), 0);
    assert_eq!(file.matches(r#""retryAfter":100"#).count(), 6, "{file}");
}

#[test]
fn what_is_expected_of_a_variant_is_of_one_that_exists() {
    for fixture in fixture::all() {
        for named in fixture.exceptions() {
            let exists = VARIANTS.iter().any(|variant| variant.name() == named);
            assert!(exists, "{}: no variant is called `{named}`", fixture.name);
        }
    }
}

fn replay(fixture: &Fixture, variant: Variant) -> Outcome {
    told(fixture, variant).outcome()
}

/// The world after a fixture was told in this way.
fn told(fixture: &Fixture, variant: Variant) -> World {
    let enters = match variant {
        Variant::Late => FIRST + fixture.away.1,
        _ => ENTERS,
    };
    let mut world = World::new(&fixture.server, enters);
    world.take(&fixture.before);
    let mut has_entered = false;
    for (at, what) in told_by(fixture, variant) {
        if at > enters && !has_entered {
            world.enter();
            has_entered = true;
        }
        if has_entered {
            world.pass_until(at);
        }
        world.take(&what);
    }
    if !has_entered {
        world.enter();
    }
    let last = fixture.steps.iter().map(|step| step.at).max();
    world.pass_until(FIRST + last.unwrap_or_default() + REST);
    world
}

/// What happens in a variant, in the order of time.
fn told_by(fixture: &Fixture, variant: Variant) -> Vec<(Instant, What)> {
    let mut jitter = Jitter::new(match variant {
        Variant::Shuffled(seed) => seed,
        _ => 0,
    });
    let is_event = |step: &Step| matches!(step.what, What::Event(_));
    let last = fixture.steps.iter().rposition(is_event);
    let mut all = Vec::new();
    for (index, step) in fixture.steps.iter().enumerate() {
        let at = FIRST + step.at;
        match (variant, &step.what) {
            (Variant::Twice, What::Event(_)) => {
                all.extend([(at, step.what.clone()), (at, step.what.clone())])
            }
            (Variant::Shuffled(_), What::Event(_)) => {
                all.extend((0..3).map(|_| {
                    let late = jitter.between((Duration::ZERO, SHUFFLED));
                    (at + late, step.what.clone())
                }));
            }
            (Variant::LastLost, What::Event(_)) if Some(index) == last => {}
            // Nobody is there to hear them, and what a person did before was done on another page.
            (Variant::Late, What::Event(_) | What::Upload(..) | What::Network { .. })
                if step.at < fixture.away.1 => {}
            (Variant::Late, What::Open(_) | What::Join(_)) => {
                all.push((
                    at.max(FIRST + fixture.away.1 + Duration::from_millis(1)),
                    step.what.clone(),
                ));
            }
            _ => all.push((at, step.what.clone())),
        }
    }
    if variant == Variant::Disconnected {
        let (lost, back) = fixture.away;
        all.push((FIRST + lost, What::Network { is_up: false }));
        all.push((FIRST + back, What::Network { is_up: true }));
    }
    all.sort_by_key(|(at, _)| *at);
    all
}

impl Variant {
    /// As a fixture calls it.
    fn name(self) -> &'static str {
        match self {
            Variant::AsItIs => "as it is",
            Variant::Twice => "twice",
            Variant::Shuffled(_) => "shuffled",
            Variant::Disconnected => "disconnected",
            Variant::Late => "late",
            Variant::LastLost => "last lost",
        }
    }
}

/// Both, where they differ, as a fixture writes them.
fn difference(expected: &Outcome, found: &Outcome) -> String {
    let mut text = String::new();
    for (what, expected, found) in [
        ("end", &expected.end, &found.end),
        ("cards", &expected.cards, &found.cards),
        ("spoken", &expected.spoken, &found.spoken),
    ] {
        if expected != found {
            text += &format!("  {what}, expected {expected:#?}\n  {what}, found {found:#?}\n");
        }
    }
    text
}
