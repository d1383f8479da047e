//! The servers of the demonstration and what they hold when the page is opened.

use std::time::Duration;

use telltale::domain::Source;
use telltale::time::Instant;

use crate::servers::analysis::Analysis;
use crate::servers::interview::Interview;
use crate::servers::library::Library;
use crate::servers::meeting::Meeting;
use crate::servers::Moment;
use crate::world::World;

/// When the page is opened, by its own clock: what was sent before needs times before.
pub const OPENED: Instant = Instant::from_millis(2 * 3_600_000);
/// The same day each time.
const SEED: u64 = 21;
/// The server that takes media.
pub const MEDIA: Source = Source(0);

/// What people sent before, and how many seconds ago.
const MEDIA_BEFORE: [(&str, u64); 6] = [
    ("press-briefing-genuine.mov", 5_400),
    ("call-recording-partly.wav", 3_100),
    ("clip-88-broken.mp4", 1_900),
    ("مقابلة مع الوزير ٢٠٢٦.mp4", 1_200),
    ("panel-undecided.mp4", 700),
    ("interview-0412.mp4", 9),
];
const VIDEOS_BEFORE: [(&str, u64); 2] =
    [("Pier at dusk.mp4", 4_000), ("Night market flagged.mp4", 6)];
const INTERVIEW_IN: Duration = Duration::from_secs(20);

/// Opens the page, and somebody signs in.
pub fn enter(world: &mut World) {
    world.start();
    world.sign_in();
}

/// The servers and a page that is not open yet.
pub fn closed(epoch_millis: f64) -> World {
    World::new(
        vec![
            (
                "analysis",
                "Analysis",
                Box::new(Analysis::new(&MEDIA_BEFORE, at(epoch_millis))),
            ),
            (
                "library",
                "Library",
                Box::new(Library::new(&VIDEOS_BEFORE, at(epoch_millis))),
            ),
            ("meeting", "Meetings", Box::new(Meeting::new())),
            (
                "interview",
                "Interviews",
                Box::new(Interview::new(INTERVIEW_IN, at(epoch_millis))),
            ),
        ],
        SEED,
        OPENED,
        epoch_millis,
    )
}

fn at(epoch_millis: f64) -> Moment {
    Moment::opened(OPENED, epoch_millis)
}
