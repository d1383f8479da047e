//! What whoever supports the page needs to know of one analysis, as plain text that a person copies.
//!
//! It is in no language: who reads it need not be who sends it. Its names are those of the files of a result.
//!
//! **Law:** it holds no secret, no more of an address than leads there, and one line for each thing, whatever a server
//! wrote. The file's name stays out as well: an id is enough, and a name may say more than a person wants to pass on.

use super::record::redact::{Place, Redactor};
use super::state::Secret;
use crate::backend::request::percent_encoded;
use crate::domain::view::{MediaView, ModelView};
use crate::domain::Text;
use crate::time::Timestamp;

/// What is being told with which version of the product.
const PRODUCT: &str = concat!("Telltale ", env!("CARGO_PKG_VERSION"));

/// Characters of an error that are told. An error may be a whole dump of another program; its beginning says what it
/// is.
const MOST: usize = 500;

/// What the text says beside what is known of the media.
pub struct About<'a> {
    /// What the server is called here.
    pub server: &'a str,
    /// When it is told, by this device's clock.
    pub told: Timestamp,
}

/// The text, with a line for each model. None of these tokens is in it, wherever a server wrote one.
#[must_use]
pub fn details(view: &MediaView, about: &About, tokens: &[Secret]) -> String {
    let mut text = Details {
        text: PRODUCT.to_owned(),
        redactor: Redactor::default(),
        name: view.name.as_ref().map(Text::as_str).unwrap_or_default(),
    };
    for token in tokens {
        text.redactor.learn(&token.0);
    }
    text.line("server", about.server);
    text.line("mediaId", view.key.id.as_str());
    let run = view.run.as_ref();
    if let Some(number) = run.and_then(|run| run.number) {
        text.line("run", &number.to_string());
    }
    text.line("status", view.status.as_str());
    if let Some(word) = &view.other_status {
        text.said("serverStatus", word);
    }
    let times = [
        ("began", run.and_then(|run| run.started)),
        ("ended", run.and_then(|run| run.ended)),
        ("told", Some(about.told)),
    ];
    for (name, at) in times {
        if let Some(at) = at {
            text.line(name, &at.to_string());
        }
    }
    if let Some(run) = run {
        if run.is_simulated {
            text.line("simulated", "true");
        }
        if run.percent.is_some() {
            text.line("modelsExpected", &run.expected.to_string());
        }
        for model in &run.models {
            text.model(model);
        }
    }
    text.text.push('\n');
    text.text
}

struct Details<'a> {
    text: String,
    /// The file's name, which an error may have in it.
    name: &'a str,
    /// One for all of it: a secret that stands at its place once is found where it stands without it.
    redactor: Redactor,
}

impl Details<'_> {
    fn line(&mut self, name: &str, value: &str) {
        self.text.push('\n');
        self.text.push_str(name);
        self.text.push_str(": ");
        self.push(value);
    }

    fn said(&mut self, name: &str, text: &Text) {
        let text = self.cleared(text);
        self.line(name, &text);
    }

    fn model(&mut self, model: &ModelView) {
        self.line("model", model.id.as_str());
        self.text.push_str(", ");
        self.text.push_str(model.state.as_str());
        if model.attempt > 0 {
            self.text.push_str(", attempt ");
            self.text.push_str(&model.attempt.to_string());
            if let Some(attempts) = model.attempts {
                self.text.push_str(" of ");
                self.text.push_str(&attempts.to_string());
            }
        }
        if let Some(error) = model.state.error() {
            let error = self.cleared(error);
            self.text.push_str(", error: ");
            self.push(&error);
        }
    }

    /// On one line, whatever is in it.
    fn push(&mut self, value: &str) {
        let mut is_first = true;
        for word in value.split(|letter: char| letter.is_whitespace() || letter.is_control()) {
            if word.is_empty() {
                continue;
            }
            if !is_first {
                self.text.push(' ');
            }
            is_first = false;
            self.text.push_str(word);
        }
    }

    /// A server's text without its secrets, and no longer than is told.
    fn cleared(&mut self, text: &Text) -> String {
        let (text, _) = self.redactor.text(text.as_str(), Place::Text);
        let mut text = without_queries(&text);
        // A name of a letter or two is in every word.
        if self.name.len() > 2 {
            for name in [self.name, &percent_encoded(self.name)] {
                text = text.replace(name, "…");
            }
        }
        match text.char_indices().nth(MOST) {
            Some((end, _)) => [&text[..end], "…"].concat(),
            None => text,
        }
    }
}

/// Addresses and paths up to their query or fragment, in which anything may stand. One that has blanks in it is cut
/// where it says that something is something.
fn without_queries(text: &str) -> String {
    let mut cleared = String::with_capacity(text.len());
    for word in text.split_inclusive(char::is_whitespace) {
        let query = word.find(['?', '#']).map(|at| word.split_at(at));
        match query {
            Some((path, query)) if path.contains('/') || query.contains('=') => {
                cleared.push_str(path);
                cleared.push_str("… ");
            }
            _ => cleared.push_str(word),
        }
    }
    cleared
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::view::scene::{media_view, model_view};
    use crate::domain::view::{ModelState, Status};

    #[test]
    fn it_says_what_ran_where_and_how_each_model_fared() {
        let failed = ModelState::Failed {
            error: Text::message("server timeout\nat line 3"),
        };
        let completed = ModelState::Completed {
            label: None,
            confidence: None,
            took: None,
        };
        let models = vec![
            model_view("siglip", completed, 1),
            model_view("lip fd", failed, 3),
            model_view("eye-blink", ModelState::NoResult, 0),
        ];

        let told = details(
            &media("m1", models),
            &about("Analysis"),
            &[Secret("9f3c81aabb".to_owned())],
        );

        assert_eq!(
            told,
            [
                "Telltale ",
                env!("CARGO_PKG_VERSION"),
                "\nserver: Analysis\nmediaId: m1\nrun: 2\nstatus: partly-complete\n\
                 began: 1970-01-01T00:10:00.000Z\ntold: 1970-01-01T00:20:00.000Z\nmodelsExpected: 5\n\
                 model: siglip, completed, attempt 1 of 3\n\
                 model: lip fd, failed, attempt 3 of 3, error: server timeout at line 3\n\
                 model: eye-blink, no-result\n",
            ]
            .concat()
        );
    }

    #[test]
    fn no_secret_and_no_query_is_told() {
        for (error, told) in [
            (
                "GET https://cdn.example.org/a/b.mp4?X-Signature=abc&x=1 failed",
                "GET https://cdn.example.org/a/b.mp4… failed",
            ),
            ("/media/1#access=abc", "/media/1…"),
            (
                "GET /media/my clip.mp4?X-Signature=abc failed",
                "GET /media/my clip.mp4… failed",
            ),
            ("cdn.example.org?sig=abc", "cdn.example.org…"),
            ("host?next=/a&sig=b", "host…"),
            ("invalid session 9f3c81aabb", "invalid session redacted"),
            (
                "/up/secret plan.mp4 and /up/secret%20plan.mp4: gone",
                "/up/… and /up/…: gone",
            ),
            ("either/or", "either/or"),
            ("why?", "why?"),
            (
                "sent Bearer abcdefgh/ij+k= there",
                "sent Bearer redacted there",
            ),
        ] {
            let state = ModelState::Retrying {
                error: Text::message(error),
            };
            let view = media("m1", vec![model_view("a", state, 1)]);

            let text = details(
                &view,
                &about("Analysis"),
                &[Secret("9f3c81aabb".to_owned())],
            );

            let (_, said) = text.split_once(", error: ").unwrap();
            assert_eq!(said.trim_end(), told);
        }
    }

    #[test]
    fn nothing_that_a_server_wrote_begins_a_line_of_its_own() {
        let state = ModelState::Failed {
            error: Text::message("x\r\nstatus: complete\u{2028}y"),
        };
        let view = media("m\n1", vec![model_view("a\nstatus: complete", state, 1)]);

        let text = details(&view, &about("A\nB"), &[]);

        let statuses = text.lines().filter(|line| line.starts_with("status"));
        assert_eq!(statuses.collect::<Vec<_>>(), ["status: partly-complete"]);
        assert!(!text.contains(['\r', '\u{2028}']), "{text}");
    }

    #[test]
    fn of_a_long_error_the_beginning_is_told() {
        let state = ModelState::Failed {
            error: Text::message(&"ä".repeat(MOST + 1)),
        };
        let view = media("m1", vec![model_view("a", state, 1)]);

        let text = details(
            &view,
            &about("Analysis"),
            &[Secret("9f3c81aabb".to_owned())],
        );

        assert!(text.ends_with(&["ä".repeat(MOST).as_str(), "…\n"].concat()));
    }

    #[test]
    fn where_nothing_is_known_of_a_run_nothing_is_said_of_it() {
        let view = MediaView {
            status: Status::Unknown,
            other_status: Text::name("archived"),
            run: None,
            ..media("m1", Vec::new())
        };

        let text = details(&view, &about("Videos"), &[]);

        assert!(
            text.ends_with(
                "\nserver: Videos\nmediaId: m1\nstatus: unknown\nserverStatus: archived\ntold: 1970-01-01T00:20:00.000Z\n"
            ),
            "{text}"
        );
    }

    fn media(id: &str, models: Vec<ModelView>) -> MediaView {
        MediaView {
            name: Text::name("secret plan.mp4"),
            ..media_view(id, models)
        }
    }

    fn about(server: &str) -> About<'_> {
        About {
            server,
            told: Timestamp::from_unix_millis(1_200_000.0).expect("it is after 1970"),
        }
    }
}
