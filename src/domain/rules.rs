//! The rules of progress, time, state and verdict, and the shapes that runs of the real servers have, as tests.

mod attempts;
mod attribution;
mod cancelled;
mod changes;
mod earlier;
mod ends;
mod progress;
mod runs;
mod snapshots;
