//! The layers of `src/lib.rs`, kept by a test: no file names a higher layer, and nothing below `web` names the world.
//!
//! Reads the sources as text, so cross-module paths are written `crate::…`. Comments may name what they like; the
//! tests at a file's foot are held to the same rule as the code.

use std::fs;
use std::path::{Path, PathBuf};

/// From the bottom up. Rooms of one floor do not know each other.
const FLOORS: &[&[&str]] = &[
    &["time", "json", "sorted"],
    &["protocol", "domain"],
    &["backend", "toast"],
    &["session"],
    &["web"],
    &["ui"],
    &["widget", "main", "lib"],
];

/// A room that a lower floor must not know although it lies below it.
const MUST_NOT: &[(&str, &str)] = &[
    ("backend", "protocol"),
    ("toast", "protocol"),
    ("toast", "backend"),
    ("time", "json"),
];

/// `main` is the SPA: a root of its own, which sees the library from outside.
const ROOTS: &[&str] = &["lib", "main"];

/// What nothing below `web` may name: the clock, chance, the browser and the framework.
const WORLD: &[&str] = &[
    "web_sys",
    "leptos",
    "gloo_timers",
    "wasm_bindgen",
    "std::time::Instant",
    "SystemTime",
    "rand::",
    "getrandom",
    "std::thread",
    "std::net",
    "std::fs",
    "std::env",
];

#[test]
fn no_file_names_a_higher_layer_and_nothing_below_web_names_the_world() {
    let mut faults = Vec::new();
    for path in sources(Path::new("src")) {
        let room = room_of(&path);
        if ROOTS.contains(&room.as_str()) {
            continue;
        }
        let Some(floor) = floor_of(&room) else {
            faults.push(format!("{}: no layer has a room `{room}`", path.display()));
            continue;
        };
        let text = fs::read_to_string(&path).expect("a source file is text");
        for (index, line) in text.lines().enumerate() {
            let place = format!("{}:{}", path.display(), index + 1);
            if line.trim_start().starts_with("//") {
                continue;
            }
            for named in rooms_named(line) {
                let higher = floor_of(named).is_none_or(|other| other > floor);
                let neighbour = named != room && floor_of(named) == Some(floor);
                let forbidden = MUST_NOT.contains(&(room.as_str(), named));
                if higher || neighbour || forbidden {
                    faults.push(format!("{place}: `{room}` names `{named}`"));
                }
            }
            // `json` is the one room below `web` with a browser half, and that half names js_sys only.
            let below_web = floor < floor_of("web").expect("web is a layer");
            for word in WORLD
                .iter()
                .filter(|word| below_web && line.contains(**word))
            {
                if !(room == "json" && *word == "wasm_bindgen") {
                    faults.push(format!("{place}: `{room}` names `{word}`"));
                }
            }
            if below_web && room != "json" && line.contains("js_sys") {
                faults.push(format!("{place}: `{room}` names `js_sys`"));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn the_check_finds_what_it_is_for() {
    let named: Vec<_> =
        rooms_named("use crate::ui::store; crate::json::parse(x); crate::x").collect();

    assert_eq!(named, ["ui", "json", "x"]);
    assert!(floor_of("ui") > floor_of("session"));
    assert_eq!(floor_of("x"), None);
}

fn floor_of(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

/// `src/protocol/engine/packet.rs` is in the room `protocol`.
fn room_of(path: &Path) -> String {
    let inside = path.strip_prefix("src").expect("a path below src");
    let first = inside.components().next().expect("a file has a name");
    let first = Path::new(first.as_os_str());
    first
        .file_stem()
        .expect("a file has a name")
        .to_string_lossy()
        .into_owned()
}

fn rooms_named(line: &str) -> impl Iterator<Item = &str> {
    line.split("crate::").skip(1).map(|rest| {
        let end = rest
            .find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
            .unwrap_or(rest.len());
        &rest[..end]
    })
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("src is a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}
