//! How a cell's state comes about.

use std::time::Duration;

use telltale::domain::{MediaId, MediaKey, MeetingId, MeetingKey, Source};
use telltale::protocol::{Frame, Page};
use telltale::session::state::{Command, Secret};
use telltale::time::Instant;
use telltale::toast::Subject;

use super::cells::{Cell, Deed, Scene, View};
use crate::chaos::Chaos;
use crate::day::{self, OPENED};
use crate::hostile::{Hostile, Wish};
use crate::servers::scripted::{Act, Scripted};
use crate::world::{World, WRONG_PASSWORD};

/// What a clock on the wall shows at the origin: the fixtures' first step is at nine o'clock of their day.
const EPOCH_MILLIS: f64 = 1_935_651_600_000.0 - 7_200_000.0 - 2_000.0;
/// Until a fixture begins, somebody has signed in and what there was is fetched.
const SETTLED: Duration = Duration::from_secs(2);
const SEED: u64 = 5;
/// The file of a person who sends one.
const FILE_BYTES: u64 = 48_000_000;

/// The world of a cell, at its moment. If its servers mean harm, `said` is what they send.
pub fn play(cell: &Cell, said: Option<Wish>) -> World {
    let hostile = said.map(Hostile::new);
    let start = OPENED + SETTLED;
    let is_recorded = matches!(cell.view, View::Debug(_));
    let alone = |kind, (server, acts): (Scripted, _), hostile| {
        let servers: Vec<crate::world::Configured> = vec![(kind, "Server", Box::new(server))];
        let mut world = World::new(servers, SEED, OPENED, EPOCH_MILLIS).before(hostile);
        if is_recorded {
            world.record();
        }
        world.start();
        if kind != "meeting" {
            world.sign_in();
        }
        (world, start, acts)
    };
    let (mut world, start, acts) = match cell.scene {
        Scene::Day => {
            let mut world = day::closed(EPOCH_MILLIS).before(hostile);
            if is_recorded {
                world.record();
            }
            day::enter(&mut world);
            (world, OPENED, Vec::new())
        }
        Scene::Fixture(kind, fixture) => alone(kind, Scripted::new(fixture, start), hostile),
        Scene::Polled(kind, fixture) => {
            let (server, acts) = Scripted::new(fixture, start);
            alone(kind, (server.polled(), acts), hostile)
        }
        Scene::Payloads(kind, all) => alone(kind, Scripted::of_payloads(kind, all, start), hostile),
        Scene::Notices(count) => alone("library", Scripted::of_notices(count, start), hostile),
    };
    let acts = acts.into_iter().map(|(at, act)| (at, Todo::Act(act)));
    let deeds = cell.deeds.iter();
    let deeds = deeds.map(|(at, deed)| (second(start, *at), Todo::Deed(deed)));
    let mut all: Vec<_> = acts.chain(deeds).collect();
    let end = second(start, cell.at);
    // Whoever looks at a media has opened it a moment ago: its details are there.
    if let View::Media(id) | View::Panel(id) | View::Embedded(id) = cell.view {
        all.push((moment_before(end), Todo::Look(id)));
    }
    all.sort_by_key(|(at, _)| *at);
    for (at, todo) in all.into_iter().filter(|(at, _)| *at <= end) {
        pass(&mut world, at);
        match todo {
            Todo::Act(act) => act_out(&mut world, &act),
            Todo::Deed(deed) => carry_out(&mut world, deed),
            Todo::Look(id) => open(&mut world, id),
        }
    }
    pass(&mut world, end);
    world
}

enum Todo {
    Act(Act),
    Deed(&'static Deed),
    Look(&'static str),
}

/// A second counted from the scene's start; some come before it.
fn second(start: Instant, second: f64) -> Instant {
    let span = Duration::from_secs_f64(second.abs());
    match second < 0.0 {
        true => Instant::from_origin(start.since_origin().saturating_sub(span)),
        false => start + span,
    }
}

fn moment_before(end: Instant) -> Instant {
    let before = end
        .since_origin()
        .saturating_sub(Duration::from_millis(300));
    Instant::from_origin(before).max(OPENED)
}

/// A second at a time, as a page would.
fn pass(world: &mut World, until: Instant) {
    while world.now() < until {
        let next = world.now() + Duration::from_secs(1);
        world.pass_until(next.min(until));
    }
}

fn act_out(world: &mut World, act: &Act) {
    match act {
        Act::Open(id) => open(world, id),
        Act::Join(id) => join(world, 0, id),
        Act::Upload(name) => {
            world.upload(Source(0), name, FILE_BYTES);
        }
        Act::Acknowledge => {
            let toasts = world.session().toasts().iter();
            let subjects: Vec<_> = toasts.map(|toast| toast.subject.clone()).collect();
            for subject in subjects {
                if let Subject::Alert { meeting, group } = subject {
                    world.command(Command::Acknowledge { meeting, group });
                }
            }
        }
        Act::Network(is_up) => world.stop(!is_up),
    }
}

fn carry_out(world: &mut World, deed: &Deed) {
    match deed {
        Deed::Stop => world.stop(true),
        Deed::Start => world.stop(false),
        Deed::GoOffline => world.go_offline(true),
        Deed::Expire => world.expire(),
        Deed::TurnAway => world.turn_away(true),
        Deed::FallSilent => world.set_chaos(Chaos {
            lost: 100,
            ..Chaos::default()
        }),
        Deed::Slow(seconds) => world.set_chaos(Chaos {
            delay: Duration::from_secs(*seconds),
            ..Chaos::default()
        }),
        Deed::SignOut => world.command(Command::SignOut),
        Deed::MistypePassword => world.command(Command::SignIn {
            name: "ada@demo.invalid".to_owned(),
            password: Secret(WRONG_PASSWORD.to_owned()),
        }),
        Deed::Upload(name, bytes) => {
            world.upload(Source(0), name, *bytes);
        }
        Deed::Join(server, id) => join(world, *server, id),
        Deed::AnalyzeAgain(id) => {
            if let Some(id) = MediaId::new(&world.id(id)) {
                let source = Source(0);
                world.command(Command::AnalyzeAgain(MediaKey { source, id }));
            }
        }
        Deed::FailRequests => world.fail_requests(true),
        Deed::Leave(id) => {
            if let Some(id) = MeetingId::new(&world.id(id)) {
                let source = Source(0);
                world.command(Command::Leave(MeetingKey { source, id }));
            }
        }
        Deed::Hide => world.page(Page::Hidden),
        Deed::Frames(times, frame) => world.say_frame(Frame::Text((*frame).to_owned()), *times),
        Deed::Bytes(bytes) => world.say_frame(Frame::Binary(bytes.to_vec()), 1),
    }
}

fn join(world: &mut World, server: u8, id: &str) {
    if let Some(id) = MeetingId::new(&world.id(id)) {
        let source = Source(server);
        world.command(Command::Join(MeetingKey { source, id }));
    }
}

fn open(world: &mut World, id: &str) {
    if let Some(id) = MediaId::new(&world.id(id)) {
        let source = Source(0);
        world.command(Command::Open(MediaKey { source, id }));
    }
}
