use std::time::Duration;

use telltale::domain::view::Status;
use telltale::domain::MediaKey;
use telltale::session::state::{Connection, SignIn};

use super::*;
use crate::day::{self, MEDIA};

const EPOCH: f64 = 1_930_000_000_000.0;

#[test]
fn the_page_opens_signed_in_live_and_with_all_that_was_sent_before() {
    let world = opened();

    assert!(matches!(world.session.sign_in(), SignIn::SignedIn { .. }));
    for state in world.session.sources() {
        assert!(state.connection.is_live(), "{state:?}");
        let counters = state.counters;
        assert_eq!(
            (
                counters.malformed,
                counters.unknown,
                counters.protocol_errors,
                counters.foreign
            ),
            (0, 0, 0, 0)
        );
    }
    let statuses: Vec<_> = world
        .session
        .list()
        .map(|key| status(&world, key))
        .collect();
    for expected in [
        Status::Running,
        Status::Complete,
        Status::PartlyComplete,
        Status::Failed,
    ] {
        assert!(statuses.contains(&expected), "{expected:?} of {statuses:?}");
    }
}

#[test]
fn a_file_goes_the_way_that_its_name_asks_for() {
    for (name, ends) in [
        ("any.mp4", Status::Complete),
        ("partly.mp4", Status::PartlyComplete),
        ("broken.mp4", Status::Failed),
        ("flood.mp4", Status::PartlyComplete),
    ] {
        let mut world = opened();
        let key = upload(&mut world, name);
        pass(&mut world, 2);
        assert!(!status(&world, &key).is_ended(), "{name}");

        pass(&mut world, 240);

        assert_eq!(status(&world, &key), ends, "{name}");
    }
}

#[test]
fn a_flood_is_1200_events_of_progress() {
    let mut world = opened();
    let before = world.session.sources()[0].counters.events;
    upload(&mut world, "flood.mp4");

    pass(&mut world, 240);

    // Each of the three failed attempts stops in the middle: 4 × 240 + 3 × 120, and words for what begins and ends.
    let events = world.session.sources()[0].counters.events - before;
    assert!((1320..1400).contains(&events), "{events}");
}

#[test]
fn whatever_is_lost_doubled_late_and_out_of_order_the_page_ends_where_the_servers_do() {
    let mut calm = opened();
    let key = upload(&mut calm, "partly.mp4");
    pass(&mut calm, 300);
    let truth = calm.session.media(&key, calm.now).expect("it is there");

    let mut world = opened();
    world.set_chaos(Chaos {
        lost: 40,
        doubled: 40,
        delay: Duration::from_secs(1),
        is_disordered: true,
    });
    let key = upload(&mut world, "partly.mp4");
    pass(&mut world, 300);
    let seen = world.session.media(&key, world.now).expect("it is there");

    assert_eq!(seen.status, truth.status);
    let ends = |view: &telltale::domain::view::MediaView| -> Vec<_> {
        let run = view.run.as_ref().expect("it ran");
        (run.models.iter())
            .map(|model| (model.id.clone(), format!("{:?}", model.state)))
            .collect()
    };
    let mut ends = [ends(&seen), ends(&truth)];
    ends.iter_mut().for_each(|ends| ends.sort());
    assert_eq!(ends[0].len(), 5);
    for ((model, seen), (_, truth)) in ends[0].iter().zip(&ends[1]) {
        // How it ended, without the times.
        let word = |state: &str| state.split([' ', '{', '(']).next().map(str::to_owned);
        assert_eq!(word(seen), word(truth), "{model}");
    }
}

#[test]
fn servers_that_are_stopped_are_retried_until_they_are_back_and_their_work_goes_on() {
    let mut world = opened();
    let key = upload(&mut world, "genuine.mp4");
    pass(&mut world, 3);

    world.stop(true);
    pass(&mut world, 60);
    let lost = matches!(connection(&world), Connection::Reconnecting { .. });
    assert!(lost, "{:?}", connection(&world));
    assert!(!status(&world, &key).is_ended(), "nobody has said so");
    world.stop(false);
    pass(&mut world, 30);

    assert!(connection(&world).is_live());
    assert_eq!(status(&world, &key), Status::Complete);
}

#[test]
fn without_a_network_the_page_is_offline_and_then_live_again() {
    let mut world = opened();

    world.go_offline(true);
    pass(&mut world, 5);
    assert!(matches!(connection(&world), Connection::Offline { .. }));
    world.go_offline(false);
    pass(&mut world, 5);

    assert!(connection(&world).is_live());
}

#[test]
fn an_expired_token_asks_to_sign_in_again_and_that_is_enough() {
    let mut world = opened();

    world.expire();
    pass(&mut world, 20);
    assert!(matches!(connection(&world), Connection::SignInAgain { .. }));
    world.sign_in();
    pass(&mut world, 10);

    assert!(connection(&world).is_live());
}

#[test]
fn only_the_wrong_password_is_refused() {
    let mut world = opened();
    world.command(Command::SignOut);
    let mut try_with = |password: &str| {
        world.command(Command::SignIn {
            name: "x@demo.invalid".to_owned(),
            password: Secret(password.to_owned()),
        });
        pass(&mut world, 1);
        world.session.sign_in().clone()
    };

    assert!(matches!(try_with(WRONG_PASSWORD), SignIn::Refused(_)));
    assert!(matches!(try_with("anything"), SignIn::SignedIn { .. }));
}

#[test]
fn servers_that_run_ten_times_as_fast_are_through_in_a_tenth_of_the_time() {
    let mut world = opened();
    world.set_speed(10);
    let key = upload(&mut world, "genuine.mp4");

    pass(&mut world, 6);

    assert_eq!(status(&world, &key), Status::Complete);
}

#[test]
fn the_same_inputs_at_the_same_times_give_the_same_page() {
    let play = || {
        let mut world = opened();
        world.set_chaos(Chaos {
            lost: 20,
            is_disordered: true,
            ..Chaos::default()
        });
        upload(&mut world, "any.mp4");
        pass(&mut world, 15);
        let views = world
            .session
            .list()
            .map(|key| format!("{:?}", world.session.media(key, world.now)));
        views.collect::<Vec<_>>()
    };

    assert_eq!(play(), play());
}

#[test]
fn a_page_that_slept_for_days_goes_on_at_once() {
    let mut world = opened();
    world.set_speed(10);
    world.command(Command::Join(telltale::domain::MeetingKey {
        source: Source(2),
        id: telltale::domain::MeetingId::new("demo").expect("an id"),
    }));
    let end = world.now + Duration::from_secs(3 * 86_400);

    world.pass_until(end);

    assert_eq!(world.now, end);
    let events = world.session.sources()[2].counters.events;
    assert!(events < 100_000, "{events}");
}

#[test]
fn an_upload_that_is_cancelled_is_never_answered() {
    let mut world = opened();
    let id = world.upload(MEDIA, "any.mp4", 1_000);
    pass_millis(&mut world, 600);
    assert!(world.session.uploads()[0].sent > 0);

    world.cancel_upload(id);
    pass(&mut world, 2);

    assert!(world.session.uploads().is_empty());
}

fn opened() -> World {
    let mut world = day::closed(EPOCH);
    day::enter(&mut world);
    pass(&mut world, 6);
    world
}

fn upload(world: &mut World, name: &str) -> MediaKey {
    world.upload(MEDIA, name, 1_000_000);
    for _ in 0..100 {
        pass_millis(world, 100);
        let is_it = |key: &&MediaKey| {
            let named = world
                .session
                .summary(key)
                .and_then(|summary| summary.name.as_ref());
            named.is_some_and(|known| known.as_str() == name)
        };
        if let Some(key) = world.session.list().find(is_it) {
            return key.clone();
        }
    }
    panic!("{name} was never taken");
}

fn pass(world: &mut World, seconds: u64) {
    pass_millis(world, seconds * 1000);
}

/// As an animation would: a bit at a time.
fn pass_millis(world: &mut World, millis: u64) {
    let end = world.now + Duration::from_millis(millis);
    while world.now < end {
        world.pass_until(end.min(world.now + Duration::from_millis(100)));
    }
}

fn status(world: &World, key: &MediaKey) -> Status {
    world.session.summary(key).expect("it is known").status
}

fn connection(world: &World) -> Connection {
    world.session.sources()[0].connection.clone()
}
