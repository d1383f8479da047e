mod analysis;
mod connection;
mod meeting;

use super::analysis::about_parts;
use super::*;
use crate::backend::Parts;
use crate::domain::fact::{Label, Metric, ServerVerdict, Severity};
use crate::domain::trail::What;
use crate::domain::view::{
    AlertGroupView, Band, ModelState, ModelView, RunView, Status, Verdict, VideoView,
};
use crate::domain::{ModelId, Summary};
use crate::session::state::Connection;
use crate::time::Instant;
use crate::toast::scene::group_view;

#[test]
fn a_servers_text_is_set_apart_without_markup_if_it_is_read_from_the_other_side() {
    for (text, apart) in [
        ("clip.mp4", "clip.mp4"),
        ("für Ödön.mp4", "für Ödön.mp4"),
        ("مقطع.mp4", "\u{2068}مقطع.mp4\u{2069}"),
        ("שלום", "\u{2068}שלום\u{2069}"),
        ("a\u{200F}b", "\u{2068}a\u{200F}b\u{2069}"),
    ] {
        assert_eq!(isolated(text), apart);
    }
}

#[test]
fn a_title_has_eighty_characters_of_a_servers_text() {
    let long = "ä".repeat(81);
    for (text, shown) in [
        ("clip.mp4", "clip.mp4".to_owned()),
        (&"ä".repeat(80), "ä".repeat(80)),
        (&long, "ä".repeat(80) + "…"),
    ] {
        assert_eq!(in_title(text), shown);
    }
}

#[test]
fn counts_have_their_plurals() {
    let at = || Some("10:30".to_owned());
    for (said, words) in [
        (about_parts(1, Parts::Models), "1 model"),
        (about_parts(0, Parts::Analyses), "0 analyses"),
        (about_parts(2, Parts::Analyses), "2 analyses"),
        (more_parts(1, Parts::Models), "1 more model"),
        (more_parts(3, Parts::Analyses), "3 more analyses"),
        (list_count(1, 0, 0, 0), "1 item"),
        (
            list_count(100, 0, 0, 240),
            "100 items · 240 older ones are not listed",
        ),
        (list_count(12, 1, 2, 0), "12 items · 1 analyzing · 2 queued"),
        (list_part(3, 12, 0), "3 of 12 items"),
        (
            list_part(0, 100, 240),
            "0 of 100 items · 240 older ones are not listed",
        ),
        (list_part(0, 1, 0), "0 of 1 item"),
        (found(0, 0), "No items match these filters."),
        (
            found(0, 1),
            "No items match these filters. 1 older one is not listed",
        ),
        (found(1, 0), "1 item"),
        (found(12, 0), "12 items"),
        (news(1, 0), "1 new item"),
        (news(3, 0), "3 new items"),
        (news(0, 1), "1 no longer match"),
        (news(3, 2), "3 new · 2 no longer match"),
        (
            list_updated(Duration::from_secs(59)),
            "Last updated 59 s ago",
        ),
        (
            list_updated(Duration::from_secs(179)),
            "Last updated 2 min ago",
        ),
        (filters(0), "Filters"),
        (filters(2), "Filters (2)"),
        (seen(1, at()), "Seen once · 10:30"),
        (seen(4, at()), "Seen 4 times · last 10:30"),
        (seen(4, None), "Seen 4 times"),
    ] {
        assert_eq!(said, words);
    }
}

fn flat(sentence: Sentence) -> String {
    let foreign = sentence
        .foreign
        .map_or_else(String::new, |text| ["[", text.as_str(), "]"].concat());
    sentence.before + &foreign + &sentence.after
}

#[test]
fn what_was_a_moment_ago_was_just_now() {
    for (millis, said) in [
        (0, "just now"),
        (999, "just now"),
        (1_000, "1 s ago"),
        (61_000, "1 min 1 s ago"),
    ] {
        assert_eq!(ago(Duration::from_millis(millis)), said);
    }
}
