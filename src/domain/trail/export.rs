//! The audit trail as a file: CSV for spreadsheets, JSON for programs. Both hold the same columns.
//!
//! **Law:** a file says of each time whose clock it is. What is written is [`table`]'s.

use super::{Entry, Trail, What};
use crate::domain::table::{self, iso, Format};
use crate::domain::view::Band;
use crate::json::Value;
use crate::time::{Instant, Timestamp};

/// What a file says beside the entries.
pub struct About<'a> {
    /// The meeting's id.
    pub meeting: &'a str,
    /// What the server is called here.
    pub server: &'a str,
    /// Whether the data of the meeting are made up (a demonstration).
    pub is_simulated: bool,
    /// When the file is made, by this device's clock.
    pub exported: Timestamp,
    /// What this device's clock showed at a moment.
    pub wall: &'a dyn Fn(Instant) -> Timestamp,
}

/// The columns, in their order. `time` is the server's where it said one, else this device's, and `clock` says which;
/// `heard` is always this device's. A `gap` without a `to` has not ended: it goes on when the file is made.
pub const COLUMNS: [&str; 14] = [
    "time",
    "clock",
    "heard",
    "event",
    "participantId",
    "participantName",
    "severity",
    "from",
    "to",
    "type",
    "message",
    "confidence",
    "score",
    "simulated",
];

impl Trail {
    /// A spreadsheet.
    #[must_use]
    pub fn to_csv(&self, about: &About) -> String {
        table::csv(&COLUMNS, &mut self.rows(about))
    }

    /// One object: what the file is about, and the entries with the columns as members.
    #[must_use]
    pub fn to_json(&self, about: &About) -> String {
        #[allow(clippy::cast_precision_loss)] // nobody hears 2⁵³ entries
        let dropped = self.dropped as f64;
        let members = [
            ("meetingId", about.meeting.into()),
            ("server", about.server.into()),
            ("exported", iso(about.exported)),
            ("simulated", about.is_simulated.into()),
            ("dropped", dropped.into()),
        ];
        table::json(&members, &COLUMNS, &mut self.rows(about))
    }

    fn rows<'a>(&'a self, about: &'a About) -> impl Iterator<Item = Vec<Value>> + 'a {
        // A spreadsheet has no other place for it.
        let first = self.entries.front().filter(|_| self.dropped > 0);
        let dropped = first.map(|first| {
            let mut row = row(first, about);
            for cell in &mut row[4..13] {
                *cell = Value::Null;
            }
            row[3] = "dropped".into();
            row[10] = [&self.dropped.to_string(), " entries made room"]
                .concat()
                .into();
            row
        });
        let entries = self.entries.iter().map(|entry| row(entry, about));
        // It has no end yet, and so no entry.
        let gap = self.unheard_since.map(|since| {
            let mut row = vec![Value::Null; COLUMNS.len()];
            let exported = iso(about.exported);
            row[0] = exported.clone();
            row[1] = "device".into();
            row[2] = exported;
            row[3] = "gap".into();
            row[7] = iso((about.wall)(since));
            row[13] = about.is_simulated.into();
            row
        });
        dropped.into_iter().chain(entries).chain(gap)
    }
}

/// What a file is called: `meeting-standup-2026-02-20T10-30-12Z.csv`.
#[must_use]
pub fn file_name(about: &About, format: Format) -> String {
    let name = ["meeting-", about.meeting].concat();
    table::file_name(&name, about.exported, format)
}

fn row(entry: &Entry, about: &About) -> Vec<Value> {
    let heard = (about.wall)(entry.heard);
    let event;
    let mut severity_now = Value::Null;
    let [mut from, mut to, mut of_type] = [Value::Null, Value::Null, Value::Null];
    let [mut said, mut confident, mut scored] = [Value::Null, Value::Null, Value::Null];
    let text = |text: &Option<crate::domain::Text>| {
        let text = text.as_ref().map(|text| text.as_str().into());
        text.unwrap_or_default()
    };
    match &entry.what {
        What::Joined => event = "joined",
        What::Left => event = "left",
        What::There => event = "there",
        What::Gone => event = "gone",
        What::YouLeft => event = "you-left",
        What::ConnectionLost => event = "connection-lost",
        What::ConnectionBack => event = "connection-back",
        What::Alert {
            severity,
            raised_from,
            kind,
            message,
            confidence,
        } => {
            event = if raised_from.is_some() {
                "raised"
            } else {
                "alert"
            };
            if let Some(before) = raised_from {
                from = before.as_str().into();
                to = severity.as_str().into();
            }
            severity_now = severity.as_str().into();
            of_type = text(kind);
            said = text(message);
            confident = confidence.map(Value::Number).unwrap_or_default();
        }
        What::Acknowledged {
            is_acknowledged,
            severity,
            kind,
        } => {
            event = if *is_acknowledged {
                "acknowledged"
            } else {
                "unacknowledged"
            };
            severity_now = severity.as_str().into();
            of_type = text(kind);
        }
        What::Trust {
            from: before,
            to: now,
            score,
        } => {
            event = "trust";
            from = band(*before).into();
            to = band(*now).into();
            scored = score
                .map(|score| f64::from(score).into())
                .unwrap_or_default();
        }
        What::Gap { began, ended } => {
            event = "gap";
            from = iso((about.wall)(*began));
            to = iso((about.wall)(*ended));
        }
    }
    let participant = entry.participant.as_ref().map(|id| id.as_str().into());
    let cells: [Value; COLUMNS.len()] = [
        iso(entry.at.unwrap_or(heard)),
        if entry.at.is_some() {
            "server".into()
        } else {
            "device".into()
        },
        iso(heard),
        event.into(),
        participant.unwrap_or_default(),
        text(&entry.name),
        severity_now,
        from,
        to,
        of_type,
        said,
        confident,
        scored,
        about.is_simulated.into(),
    ];
    cells.into()
}

fn band(band: Option<Band>) -> &'static str {
    match band {
        None => "no-data",
        Some(Band::AtRisk) => "at-risk",
        Some(Band::Caution) => "caution",
        Some(Band::Trusted) => "trusted",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fact::Severity;
    use crate::domain::{ParticipantId, Text};

    #[test]
    fn each_entry_is_a_line_with_the_time_and_whose_clock_it_is() {
        for (what, at, line) in [
            (
                What::Joined,
                Some(3_000.0),
                r#""1970-01-01T00:00:03.000Z","server","1970-01-01T00:10:01.000Z","joined","p1","Ann","","","","","","","",false"#,
            ),
            (
                What::ConnectionLost,
                None,
                r#""1970-01-01T00:10:01.000Z","device","1970-01-01T00:10:01.000Z","connection-lost","p1","Ann","","","","","","","",false"#,
            ),
            (
                What::Alert {
                    severity: Severity::High,
                    raised_from: None,
                    kind: Text::name("face_swap"),
                    message: Text::message("Look"),
                    confidence: Some(0.75),
                },
                None,
                r#""1970-01-01T00:10:01.000Z","device","1970-01-01T00:10:01.000Z","alert","p1","Ann","high","","","face_swap","Look",0.75,"",false"#,
            ),
            (
                What::Alert {
                    severity: Severity::Critical,
                    raised_from: Some(Severity::Low),
                    kind: None,
                    message: None,
                    confidence: None,
                },
                None,
                r#""1970-01-01T00:10:01.000Z","device","1970-01-01T00:10:01.000Z","raised","p1","Ann","critical","low","critical","","","","",false"#,
            ),
            (
                What::Acknowledged {
                    is_acknowledged: false,
                    severity: Severity::Medium,
                    kind: Text::name("x"),
                },
                None,
                r#""1970-01-01T00:10:01.000Z","device","1970-01-01T00:10:01.000Z","unacknowledged","p1","Ann","medium","","","x","","","",false"#,
            ),
            (
                What::Trust {
                    from: None,
                    to: Some(Band::Caution),
                    score: Some(67),
                },
                None,
                r#""1970-01-01T00:10:01.000Z","device","1970-01-01T00:10:01.000Z","trust","p1","Ann","","no-data","caution","","","",67,false"#,
            ),
            (
                What::Gap {
                    began: Instant::from_millis(400),
                    ended: Instant::from_millis(1_000),
                },
                None,
                r#""1970-01-01T00:10:01.000Z","device","1970-01-01T00:10:01.000Z","gap","p1","Ann","","1970-01-01T00:10:00.400Z","1970-01-01T00:10:01.000Z","","","","",false"#,
            ),
        ] {
            let mut trail = Trail::default();
            trail.push(entry(what, at));

            let csv = trail.to_csv(&about("m"));

            let found: Vec<_> = csv.trim_start_matches('\u{FEFF}').split("\r\n").collect();
            assert_eq!(found.len(), 3, "a head, the line, and the end of the last");
            assert!(found[0].starts_with(r#""time","clock","heard","event""#));
            // Nothing is an empty cell, not an empty text.
            assert_eq!(found[1], line.replace("\"\"", ""));
        }
    }

    #[test]
    fn a_participants_id_is_no_formula_either() {
        let mut trail = Trail::default();
        let mut said = entry(What::Joined, None);
        said.participant = ParticipantId::new("=cmd|' /C calc'!A0");
        trail.push(said);

        assert!(trail
            .to_csv(&about("m"))
            .contains(r#","'=cmd|' /C calc'!A0","#));
    }

    #[test]
    fn the_json_says_what_it_is_about_and_leaves_out_what_nobody_said() {
        let mut trail = Trail::default();
        trail.push(entry(What::Left, Some(3_000.0)));

        assert_eq!(
            trail.to_json(&about("m")),
            r#"{"meetingId":"m","server":"Meetings","exported":"1970-01-01T00:20:00.000Z","simulated":false,"dropped":0,"entries":[{"time":"1970-01-01T00:00:03.000Z","clock":"server","heard":"1970-01-01T00:10:01.000Z","event":"left","participantId":"p1","participantName":"Ann","simulated":false}]}"#
        );
    }

    #[test]
    fn both_files_say_how_much_is_missing() {
        let mut trail = Trail::default();
        for _ in 0..=super::super::MAX_ENTRIES {
            trail.push(entry(What::Joined, None));
        }

        let csv = trail.to_csv(&about("m"));
        let second = csv.split("\r\n").nth(1).unwrap_or_default();
        assert!(
            second.contains(r#""dropped",,,,,,,"1 entries made room",,"#),
            "{second}"
        );
        assert!(trail.to_json(&about("m")).contains(r#""dropped":1,"#));
    }

    #[test]
    fn both_files_say_since_when_nothing_is_heard() {
        let mut trail = Trail::default();
        trail.push(entry(What::ConnectionLost, None));
        trail.unheard_since = Some(Instant::from_millis(400));

        let csv = trail.to_csv(&about("m"));
        let last = csv.split("\r\n").nth(2);
        assert_eq!(
            last,
            Some(
                r#""1970-01-01T00:20:00.000Z","device","1970-01-01T00:20:00.000Z","gap",,,,"1970-01-01T00:10:00.400Z",,,,,,false"#
            )
        );
        assert!(trail
            .to_json(&about("m"))
            .ends_with(r#""event":"gap","from":"1970-01-01T00:10:00.400Z","simulated":false}]}"#));
    }

    #[test]
    fn a_file_is_named_after_the_meeting_and_the_time() {
        for (id, name) in [
            ("standup", "meeting-standup-1970-01-01T00-20-00Z.csv"),
            ("../../etc", "meeting-------etc-1970-01-01T00-20-00Z.csv"),
            ("a b\u{202E}c", "meeting-a-b-c-1970-01-01T00-20-00Z.csv"),
        ] {
            assert_eq!(file_name(&about(id), Format::Csv), name);
        }
        let long = file_name(&about(&"x".repeat(128)), Format::Json);
        assert_eq!(long.len(), "meeting--1970-01-01T00-20-00Z.json".len() + 64);
    }

    fn entry(what: What, at: Option<f64>) -> Entry {
        Entry {
            heard: Instant::from_millis(1_000),
            at: at.and_then(Timestamp::from_unix_millis),
            participant: ParticipantId::new("p1"),
            name: Text::name("Ann"),
            what,
        }
    }

    /// A device whose page was opened ten minutes after 1970 began.
    fn about(meeting: &str) -> About<'_> {
        About {
            meeting,
            server: "Meetings",
            is_simulated: false,
            exported: Timestamp::from_unix_millis(1_200_000.0).expect("it is after 1970"),
            wall: &|at| {
                let millis = 600_000.0 + at.since_origin().as_secs_f64() * 1e3;
                Timestamp::from_unix_millis(millis).expect("it is after 1970")
            },
        }
    }
}
