//! What only paper needs, which has no address: of which server it is, of what there, and as of when.

use leptos::prelude::*;

use super::hooks::use_telltale;
use super::language::use_language;
use super::live::part;
use super::words::{self, Key};
use super::{foreign, format};
use crate::domain::{Source, Text};

/// The line of one thing of a server, which has this id there.
pub(super) fn paper(source: Source, id: Text) -> AnyView {
    line(vec![use_telltale().server_name(source)], Some(id))
}

/// The line of a page that is of all servers.
pub(super) fn paper_of_all() -> AnyView {
    let names = use_telltale().with_sources(|sources| {
        let names = sources.iter().map(|state| state.name.as_str().to_owned());
        names.collect::<Vec<_>>()
    });
    line(names, None)
}

fn line(servers: Vec<String>, id: Option<Text>) -> AnyView {
    let telltale = use_telltale();
    // To the minute, so that the page is not written to each second.
    let at = Memo::new(move |_| {
        let at = telltale.wall_time(telltale.now().get());
        let _ = use_language();
        (format::day(at), format::time(at))
    });
    view! {
        <p class="meta paper">
            {part(move || {
                let (day, time) = at.get();
                let server = words::list_of(&servers);
                let values = [("server", &*server), ("day", &day), ("time", &time)];
                foreign::sentence(match id.clone() {
                    None => words::with(Key::Printed, &values).into(),
                    id => words::sentence(Key::PrintedOf, &values, id),
                })
            })}
        </p>
    }
    .into_any()
}
