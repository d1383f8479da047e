//! The result of one analysis as a file: CSV for spreadsheets, JSON for programs.
//!
//! **Law:** nothing in it is invented. What nobody said is an empty cell, a verdict is as likely as it is on the page,
//! and a model's confidence is what that model reported for its own label.
//!
//! JSON says once what the file is about. A spreadsheet has no place for that beside its rows, so each row begins with
//! it: the files of several results can be put under one another. What is written is [`table`]'s.

use super::{MediaView, ModelState, ModelView, RunView, Verdict};
use crate::domain::fact::Label;
use crate::domain::table::{self, iso, Format};
use crate::domain::Text;
use crate::json::Value;
use crate::time::Timestamp;

/// What a file says beside the result.
pub struct About<'a> {
    /// What the server is called here.
    pub server: &'a str,
    /// When the file is made, by this device's clock.
    pub exported: Timestamp,
}

/// What the file is about, in its order. `began` and `ended` are the server's times, `exported` is this device's.
/// `verdictBy` is `models` or `server`, `score` the server's own; `proof` is always false: a score is none.
pub const ABOUT: [&str; 18] = [
    "server",
    "mediaId",
    "name",
    "run",
    "status",
    "verdict",
    "verdictBy",
    "score",
    "sayFake",
    "sayReal",
    "proof",
    "modelsExpected",
    "modelsCompleted",
    "modelsFailed",
    "began",
    "ended",
    "exported",
    "simulated",
];

/// The columns of a model, in their order. `attempts` is after how many a failure is final, `confidence` from 0 to 1.
pub const MODEL: [&str; 9] = [
    "model",
    "state",
    "attempt",
    "attempts",
    "label",
    "confidence",
    "seconds",
    "error",
    "modelSimulated",
];

impl MediaView {
    /// A spreadsheet: a row for each model that was named, and one without a model if none was.
    #[must_use]
    pub fn to_csv(&self, about: &About) -> String {
        let columns = [&ABOUT[..], &MODEL[..]].concat();
        let first = self.about(about);
        let models = self.models();
        let nobody = models
            .is_empty()
            .then(|| MODEL.map(|_| Value::Null).to_vec());
        let rows = models.iter().map(row).chain(nobody);
        table::csv(&columns, &mut rows.map(|row| [&first[..], &row].concat()))
    }

    /// One object: what the file is about, and each model that was named as an entry.
    #[must_use]
    pub fn to_json(&self, about: &About) -> String {
        let said = ABOUT.into_iter().zip(self.about(about));
        let said: Vec<_> = said.filter(|(_, value)| !value.is_null()).collect();
        table::json(&said, &MODEL, &mut self.models().iter().map(row))
    }

    /// What a file is called: `result-clip-mp4-2026-02-20T10-30-12Z.csv`; after the media's id where it has no name.
    #[must_use]
    pub fn file_name(&self, exported: Timestamp, format: Format) -> String {
        let name = self
            .name
            .as_ref()
            .map_or(self.key.id.as_str(), Text::as_str);
        table::file_name(&["result-", name].concat(), exported, format)
    }

    fn models(&self) -> &[ModelView] {
        self.run.as_ref().map_or(&[], |run| &run.models)
    }

    fn about(&self, about: &About) -> Vec<Value> {
        let run = self.run.as_ref();
        let verdict = run.map_or(&Verdict::None, |run| &run.verdict);
        let count = |of: fn(&RunView) -> u32| number(run.map(of));
        let time =
            |of: fn(&RunView) -> Option<Timestamp>| run.and_then(of).map(iso).unwrap_or_default();
        let (fake, real) = said(verdict);
        let cells: [Value; ABOUT.len()] = [
            about.server.into(),
            self.key.id.as_str().into(),
            word(self.name.as_ref().map(Text::as_str)),
            number(run.and_then(|run| run.number)),
            self.status.as_str().into(),
            word(verdict.as_str()),
            word(by(verdict)),
            match verdict {
                Verdict::Server(server) => server.score.map(Value::Number).unwrap_or_default(),
                _ => Value::Null,
            },
            number(fake),
            number(real),
            false.into(),
            number(
                run.filter(|run| run.percent.is_some())
                    .map(|run| run.expected),
            ),
            count(|run| run.completed),
            count(|run| run.failed),
            time(|run| run.started),
            time(|run| run.ended),
            iso(about.exported),
            run.map(|run| run.is_simulated.into()).unwrap_or_default(),
        ];
        cells.into()
    }
}

fn row(model: &ModelView) -> Vec<Value> {
    let (label, confidence, took) = match &model.state {
        ModelState::Completed {
            label,
            confidence,
            took,
        } => (label.as_ref(), *confidence, *took),
        _ => (None, None, None),
    };
    let cells: [Value; MODEL.len()] = [
        model.id.as_str().into(),
        model.state.as_str().into(),
        // Of a result that was only fetched nobody knows which attempt it is of.
        number(Some(model.attempt).filter(|attempt| *attempt > 0)),
        number(model.attempts),
        word(label.map(Label::as_str)),
        confidence.map(Value::Number).unwrap_or_default(),
        took.map(|took| took.as_secs_f64().into())
            .unwrap_or_default(),
        word(model.state.error().map(Text::as_str)),
        model.is_simulated.into(),
    ];
    cells.into()
}

/// How many models say fake, and how many real, where the verdict is theirs.
fn said(verdict: &Verdict) -> (Option<u32>, Option<u32>) {
    match *verdict {
        Verdict::NotFinal { fake, real } => (Some(fake), Some(real)),
        Verdict::LikelyFake { fake, of } => (Some(fake), Some(of.saturating_sub(fake))),
        Verdict::LikelyReal { real, of } => (Some(of.saturating_sub(real)), Some(real)),
        Verdict::Disagree { each } => (Some(each), Some(each)),
        Verdict::None | Verdict::Server(_) => (None, None),
    }
}

fn by(verdict: &Verdict) -> Option<&'static str> {
    match verdict {
        Verdict::None => None,
        Verdict::Server(_) => Some("server"),
        _ => Some("models"),
    }
}

fn number(number: Option<u32>) -> Value {
    number
        .map(|number| f64::from(number).into())
        .unwrap_or_default()
}

fn word(word: Option<&str>) -> Value {
    word.map(Value::from).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::fact::ServerVerdict;
    use crate::domain::view::scene::{media_view, model_view, run_view};

    #[test]
    fn each_model_is_a_row_and_what_nobody_said_is_an_empty_cell() {
        for (state, attempt, cells) in [
            (
                completed(Some(Label::Fake), Some(0.92), Some(41_500)),
                1,
                r#""completed",1,3,"fake",0.92,41.5,,false"#,
            ),
            (
                completed(None, None, None),
                0,
                r#""completed",,3,,,,,false"#,
            ),
            (
                completed(Text::name("=1+1").map(Label::Other), Some(0.0), Some(0)),
                2,
                r#""completed",2,3,"'=1+1",0,0,,false"#,
            ),
            (
                ModelState::Failed {
                    error: Text::message("@timeout, \"late\"\nagain"),
                },
                3,
                "\"failed\",3,3,,,,\"'@timeout, \"\"late\"\"\nagain\",false",
            ),
            (
                ModelState::Failed { error: None },
                3,
                r#""failed",3,3,,,,,false"#,
            ),
            (ModelState::NoResult, 0, r#""no-result",,3,,,,,false"#),
        ] {
            let csv = media(run(vec![model_view("-siglip", state, attempt)])).to_csv(&about());

            let (_, row) = csv.split_once("\r\n").unwrap();
            let ours = r#""Analysis","m1","'=clip.mp4",2,"partly-complete","likely-fake","models",,3,1,false,5,4,1,"1970-01-01T00:10:00.000Z",,"1970-01-01T00:20:00.000Z",false,"'-siglip","#;
            assert_eq!(row, [ours, cells, "\r\n"].concat());
        }
    }

    #[test]
    fn a_verdict_is_a_likelihood_and_says_whose_it_is() {
        let server = |label, score| Verdict::Server(ServerVerdict { label, score });
        for (verdict, said) in [
            (Verdict::None, ",,,,,"),
            (
                Verdict::NotFinal { fake: 1, real: 2 },
                r#""not-final","models",,1,2,"#,
            ),
            (
                Verdict::LikelyFake { fake: 3, of: 4 },
                r#""likely-fake","models",,3,1,"#,
            ),
            (
                Verdict::LikelyReal { real: 1, of: 1 },
                r#""likely-real","models",,0,1,"#,
            ),
            (
                Verdict::Disagree { each: 2 },
                r#""models-disagree","models",,2,2,"#,
            ),
            (
                server(Label::Fake, Some(0.75)),
                r#""likely-fake","server",0.75,,,"#,
            ),
            (server(Label::Safe, None), r#""safe","server",,,,"#),
            (
                server(Label::Other(Text::name("+x").unwrap()), None),
                r#""'+x","server",,,,"#,
            ),
        ] {
            let csv = media(RunView {
                verdict,
                ..run(Vec::new())
            })
            .to_csv(&about());

            let said = [r#","partly-complete","#, said, "false,5,"].concat();
            assert!(csv.contains(&said), "{said} is not in {csv}");
        }
    }

    #[test]
    fn a_result_without_models_is_a_row_of_its_own_and_no_entry() {
        let without_run = MediaView {
            run: None,
            name: None,
            ..media(run(Vec::new()))
        };

        let csv = without_run.to_csv(&about());

        let (_, row) = csv.split_once("\r\n").unwrap();
        assert_eq!(
            row,
            "\"Analysis\",\"m1\",,,\"partly-complete\",,,,,,false,,,,,,\"1970-01-01T00:20:00.000Z\",,,,,,,,,,\r\n"
        );
        assert_eq!(
            without_run.to_json(&about()),
            r#"{"server":"Analysis","mediaId":"m1","status":"partly-complete","proof":false,"exported":"1970-01-01T00:20:00.000Z","entries":[]}"#
        );
    }

    #[test]
    fn the_json_says_once_what_it_is_about_and_leaves_names_as_they_are() {
        let of_fake = completed(Some(Label::Fake), Some(0.92), None);
        let mut simulated = model_view("=siglip", of_fake, 1);
        simulated.is_simulated = true;

        assert_eq!(
            media(run(vec![simulated])).to_json(&about()),
            r#"{"server":"Analysis","mediaId":"m1","name":"=clip.mp4","run":2,"status":"partly-complete","verdict":"likely-fake","verdictBy":"models","sayFake":3,"sayReal":1,"proof":false,"modelsExpected":5,"modelsCompleted":4,"modelsFailed":1,"began":"1970-01-01T00:10:00.000Z","exported":"1970-01-01T00:20:00.000Z","simulated":false,"entries":[{"model":"=siglip","state":"completed","attempt":1,"attempts":3,"label":"fake","confidence":0.92,"modelSimulated":true}]}"#
        );
    }

    #[test]
    fn a_file_is_named_after_the_media_and_the_time() {
        for (name, file) in [
            (
                Some("clip 1.mp4"),
                "result-clip-1-mp4-1970-01-01T00-20-00Z.csv",
            ),
            (Some("../../x"), "result-------x-1970-01-01T00-20-00Z.csv"),
            (
                Some("مقابلة.mp4"),
                "result--------mp4-1970-01-01T00-20-00Z.csv",
            ),
            (None, "result-m1-1970-01-01T00-20-00Z.csv"),
        ] {
            let media = MediaView {
                name: name.and_then(Text::name),
                ..media(run(Vec::new()))
            };

            assert_eq!(media.file_name(about().exported, Format::Csv), file);
        }
        let long = MediaView {
            name: Text::name(&"x".repeat(200)),
            ..media(run(Vec::new()))
        };
        let most = 72 + "-1970-01-01T00-20-00Z.json".len();
        assert_eq!(long.file_name(about().exported, Format::Json).len(), most);
    }

    fn completed(label: Option<Label>, confidence: Option<f64>, took: Option<u64>) -> ModelState {
        ModelState::Completed {
            label,
            confidence,
            took: took.map(Duration::from_millis),
        }
    }

    fn run(models: Vec<ModelView>) -> RunView {
        RunView {
            verdict: Verdict::LikelyFake { fake: 3, of: 4 },
            ..run_view(models)
        }
    }

    fn media(run: RunView) -> MediaView {
        MediaView {
            name: Text::name("=clip.mp4"),
            run: Some(run),
            ..media_view("m1", Vec::new())
        }
    }

    fn about() -> About<'static> {
        About {
            server: "Analysis",
            exported: Timestamp::from_unix_millis(1_200_000.0).expect("it is after 1970"),
        }
    }
}
