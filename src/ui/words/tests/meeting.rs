//! What is said of a meeting: figures, alerts, gaps.

use super::*;

#[test]
fn a_figure_of_a_meeting_has_its_unit() {
    let audio = || Text::name("audio").unwrap();
    for (metric, value, words, figure) in [
        (Metric::AverageTrust, 78.9, "Average trust", "78"),
        (Metric::Cpu, 41.5, "Server processors", "41%"),
        (
            Metric::Confidence(audio()),
            90.0,
            "[Audio]: detector confidence",
            "90%",
        ),
    ] {
        assert_eq!(flat(super::metric(&metric)), words);
        assert_eq!(metric_value(&metric, value), figure);
    }
}

#[test]
fn pictures_are_told_by_their_rate() {
    let video = |frames, bytes, silent: Option<u64>| {
        super::video(&VideoView {
            frames_per_second: frames,
            bytes_per_second: bytes,
            newest_bytes: 1,
            silent_for: silent.map(Duration::from_secs),
        })
    };
    for (said, words) in [
        (video(12.4, 340_000, None), "Video frames: 12/s, 340 kB/s"),
        (video(59.6, 12, None), "Video frames: 60/s, 12 B/s"),
        (video(0.0, 0, Some(12)), "Video frames: none for 12 s"),
    ] {
        assert_eq!(said, words);
    }
}

#[test]
fn what_happened_is_told_in_words() {
    let high = |raised_from, message: Option<&str>| What::Alert {
        severity: Severity::High,
        raised_from,
        kind: Text::name("face_swap"),
        message: message.and_then(Text::message),
        confidence: None,
    };
    let second = |second: u64| Instant::from_millis(second * 1000);
    for (what, words) in [
        (high(None, Some("Look")), "High alert: [Look]"),
        (high(None, None), "High alert: [Face swap]"),
        (
            high(Some(Severity::Low), Some("Look")),
            "Severity rose from low to high: [Look]",
        ),
        (
            What::Acknowledged {
                is_acknowledged: false,
                severity: Severity::High,
                kind: None,
            },
            "Acknowledgement taken back by you[]",
        ),
        (
            What::Trust {
                from: None,
                to: Some(Band::AtRisk),
                score: Some(41),
            },
            "Trust went from No data to At risk (41)[]",
        ),
        (
            What::Gap {
                began: second(3),
                ended: second(9),
            },
            "Nothing was heard from 3 until 9. Alerts of that time may be missing.[]",
        ),
    ] {
        let said = trail_entry(&what, &|at| at.since_origin().as_secs().to_string());
        let foreign = said.foreign.map_or(String::new(), |text| text.to_string());
        assert_eq!(format!("{}[{foreign}]{}", said.before, said.after), words);
    }
}

#[test]
fn a_figure_of_a_server_is_named_in_words() {
    for (name, words) in [
        ("averageTrust", "Average trust"),
        ("total_anomalies", "Total anomalies"),
        ("participants", "Participants"),
        ("AI score", "AI score"),
    ] {
        assert_eq!(spaced(name), words);
    }
}

#[test]
fn the_title_of_an_alert_is_its_message_or_its_type_or_that_it_tells_nothing() {
    for (message, kind, line, head) in [
        ("Look\ncloser", "face_swap", "Look", "Look"),
        ("", "face_swap", "Face swap", "Face swap"),
        ("", "", "Alert", "No description"),
    ] {
        let group = AlertGroupView {
            message: Text::message(message),
            kind: Text::name(kind),
            ..group_view(1, Severity::Unknown)
        };

        assert_eq!(alert_line(&group), line);
        let title = alert_title(&group);
        let shown = title.foreign.as_ref().map(|text| text.first_line().0);
        assert_eq!(shown.unwrap_or(&title.before), head);
    }
}

#[test]
fn a_list_of_alerts_says_how_many_had_to_go() {
    for (number, words) in [(1, "1 entry was removed"), (40, "40 entries were removed")] {
        let words =
            words.to_owned() + " to make room: acknowledged alerts first, then the mildest.";
        assert_eq!(alerts_removed(number), words);
    }
}

#[test]
fn a_gap_says_that_alerts_may_be_missing() {
    let seconds = Duration::from_secs;

    assert_eq!(
        gap(seconds(40), None),
        "Alerts of the last 40 s may be missing."
    );
    assert_eq!(
        gap(seconds(154), Some(seconds(120))),
        "Nothing was heard for 34 s until 2 min ago. Alerts of that time may be missing."
    );
}
