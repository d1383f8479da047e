//! Servers that mean harm: in place of their texts they send a payload of `tests/fixtures/hostile.json`.
//!
//! Law: **every text of a payload is sent in one [`Part`] or another**, whatever its field is called, so that a field
//! that is new is hostile from its first day. Beside each payload there is a harmless text of the same shape
//! ([`Wish::is_harmless`]): a page on which the two differ in more than their letters has believed a server.
//!
//! Ids stay apart from each other and are taken back where the page sends them, so that a media whose id is markup is
//! still that media.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use telltale::backend::{DecodeError, Kind as Backend};
use telltale::domain::Text;
use telltale::json::{self, Value};
use telltale::ui::route;

/// A text that is no server's: `kind` says what it tries, and half of a surrogate pair in it reads as U+FFFD.
struct Payload {
    #[cfg(test)]
    kind: String,
    text: String,
}

/// Which of the texts are hostile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// What is free: names, messages, ids, addresses.
    Texts,
    /// Words that we know some of and show the others of: severities, predictions, names of figures.
    Words,
    /// What only programs read: kinds of events, times, numbers that are sent as text.
    Codes,
}

impl Part {
    const ALL: [(Self, &'static str); 3] = [
        (Self::Texts, "texts"),
        (Self::Words, "words"),
        (Self::Codes, "codes"),
    ];
}

/// What stands in an address: `7-texts`, `7-words-harmless`, or `each` for the payloads one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Wish {
    /// Which payload, counted from 0; `None` is one after the other.
    pub number: Option<u16>,
    /// In which texts.
    pub part: Part,
    /// Its harmless twin instead.
    pub is_harmless: bool,
}

impl Wish {
    /// Reads one.
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.split('-');
        let number = match words.next()? {
            "each" => None,
            number => Some(number.parse().ok()?),
        };
        let part = words.next()?;
        let (part, _) = Part::ALL.into_iter().find(|(_, name)| *name == part)?;
        let is_harmless = match words.next() {
            None => false,
            Some("harmless") => true,
            Some(_) => return None,
        };
        let wish = Self {
            number,
            part,
            is_harmless,
        };
        words.next().is_none().then_some(wish)
    }

    /// Writes it.
    pub fn name(self) -> String {
        let number = self.number.map_or("each".to_owned(), |it| it.to_string());
        let part = Part::ALL.into_iter().find(|(part, _)| *part == self.part);
        let twin = if self.is_harmless { "-harmless" } else { "" };
        [
            number.as_str(),
            "-",
            part.map_or("", |(_, name)| name),
            twin,
        ]
        .concat()
    }
}

/// See the module.
pub struct Hostile {
    part: Part,
    /// The texts that are sent, in this order.
    said: Vec<String>,
    next: Cell<usize>,
    /// The fields that were made hostile so far.
    fields: RefCell<BTreeSet<String>>,
}

/// What a text is for whoever reads it.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// Never said to a person, and sent back to the server alone.
    Secret,
    Code,
    Word,
    Id,
    Text,
}

/// Bytes of a payload that go into an id, so that it stays one with the id behind it.
const IN_ID: usize = 80;
/// How long a harmless text may be whose length makes no difference to a view.
const SHORT: usize = 80;
/// Objects whose keys are names of figures, which are shown.
const NAMED_FIGURES: [&str; 2] = ["results", "analytics"];

impl Hostile {
    /// Servers that send this.
    ///
    /// # Panics
    /// If the corpus is none: it was read when this was built.
    pub fn new(wish: Wish) -> Self {
        let payloads = payloads();
        let payloads = match wish.number {
            Some(number) => vec![&payloads[usize::from(number) % payloads.len()]],
            None => payloads.iter().collect(),
        };
        let said = payloads.into_iter().map(|payload| match wish.is_harmless {
            true => harmless(&payload.text, wish.part),
            false => payload.text.clone(),
        });
        Self {
            part: wish.part,
            said: said.collect(),
            next: Cell::new(0),
            fields: RefCell::default(),
        }
    }

    /// An event: its name and its payloads. The name of an event of the interviews ends with an id.
    pub fn packet(&self, packet: &Value) -> Value {
        let [Value::String(event), payloads @ ..] = packet.as_array() else {
            return packet.clone();
        };
        let named = event
            .strip_prefix("analysis:")
            .and_then(|rest| rest.split_once(':'));
        let event = match named {
            Some((what, id)) => ["analysis:", what, ":", &self.id(id)].concat(),
            None => event.clone(),
        };
        let payloads = payloads.iter().map(|value| self.value("", value));
        Value::Array(std::iter::once(event.into()).chain(payloads).collect())
    }

    /// A frame with an event in it. One that no vocabulary knows is called as its server likes.
    pub fn frame(&self, text: &str) -> String {
        let (head, body) = text.split_at(text.find('[').unwrap_or(text.len()));
        let Ok(packet) = json::parse(body) else {
            return text.to_owned();
        };
        let mut packet = self.packet(&packet);
        if let Value::Array(parts) = &mut packet {
            if let [Value::String(event), args @ ..] = parts.as_mut_slice() {
                let is_known = Backend::ALL.iter().any(|kind| {
                    let said = kind.backend().decode(event, args, None);
                    said != Err(DecodeError::UnknownEvent)
                });
                if !is_known {
                    *event = self.text_of("event name", event);
                }
            }
        }
        [head, &wire(&packet)].concat()
    }

    /// What stands in a field.
    pub fn value(&self, field: &str, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text_of(field, text)),
            Value::Array(values) => {
                let values = values.iter().map(|value| self.value(field, value));
                Value::Array(values.collect())
            }
            Value::Object(members) => {
                let is_named = self.part == Part::Words && NAMED_FIGURES.contains(&field);
                let members = members.iter().map(|(name, value)| {
                    let said = match is_named && name != "confidence" {
                        true => self.names(name),
                        false => name.clone(),
                    };
                    // What is deeper in them has names, too.
                    let field = if is_named { field } else { name };
                    (said, self.value(field, value))
                });
                Value::Object(members.collect())
            }
            other => other.clone(),
        }
    }

    /// A text that is free, as the name of a person's own file is.
    pub fn text(&self, text: &str) -> String {
        self.text_of("filename", text)
    }

    /// An id as these servers have it.
    pub fn id(&self, id: &str) -> String {
        match self.part == Part::Texts && self.said.len() == 1 {
            true => self.begins(id),
            false => id.to_owned(),
        }
    }

    /// The id that this one was made of.
    pub fn original<'a>(&self, id: &'a str) -> &'a str {
        let said = cut(&self.said[0]);
        match self.part == Part::Texts && self.said.len() == 1 {
            true => id.strip_prefix(said).unwrap_or(id),
            false => id,
        }
    }

    /// What the page sent, with the ids that it was made of.
    pub fn original_value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.original(text).into(),
            Value::Array(values) => {
                let values = values.iter().map(|value| self.original_value(value));
                Value::Array(values.collect())
            }
            Value::Object(members) => {
                let members = members.iter();
                let members =
                    members.map(|(name, value)| (name.clone(), self.original_value(value)));
                Value::Object(members.collect())
            }
            other => other.clone(),
        }
    }

    /// A path with the ids that it was made of.
    pub fn original_path(&self, path: &str) -> String {
        let segments = path.split('/').map(|segment| {
            let read = route::decode(segment);
            let original = self.original(&read);
            match original.len() < read.len() {
                true => original.to_owned(),
                false => segment.to_owned(),
            }
        });
        segments.collect::<Vec<_>>().join("/")
    }

    /// The fields that were made hostile so far.
    #[cfg(test)]
    pub fn fields(&self) -> BTreeSet<String> {
        self.fields.borrow().clone()
    }

    fn text_of(&self, field: &str, text: &str) -> String {
        let kind = kind(field, text);
        let is_hostile = match kind {
            Kind::Secret => false,
            Kind::Code => self.part == Part::Codes,
            Kind::Word => self.part == Part::Words,
            Kind::Id => self.part == Part::Texts && self.said.len() == 1,
            Kind::Text => self.part == Part::Texts,
        };
        // An empty text says that there is none.
        if !is_hostile || text.is_empty() {
            return text.to_owned();
        }
        self.fields.borrow_mut().insert(field.to_owned());
        match kind {
            Kind::Id => self.begins(text),
            _ => self.said().to_owned(),
        }
    }

    fn said(&self) -> &str {
        let at = self.next.get();
        self.next.set(at + 1);
        &self.said[at % self.said.len()]
    }

    fn begins(&self, text: &str) -> String {
        [cut(self.said()), text].concat()
    }

    /// The name of a figure. Always as long on the page, whatever is said: names that stand in each other are shown as
    /// one, and a long one is folded.
    fn names(&self, name: &str) -> String {
        let said = cut(self.said());
        let shown = Text::new(&[said, "n"].concat(), 2 * IN_ID);
        let shown = shown.as_str().chars().count() - 1;
        [said, &"n".repeat(IN_ID - shown), name].concat()
    }
}

/// A value as it is sent: U+FFFD stands for half of a surrogate pair, which no text of ours can hold.
pub fn wire(value: &Value) -> String {
    json::write(value).replace('\u{FFFD}', "\\ud800")
}

fn payloads() -> Vec<Payload> {
    let corpus = json::parse(include_str!("../tests/fixtures/hostile.json"));
    let corpus = corpus.expect("the corpus is JSON");
    let payloads = corpus.as_array().iter().map(|payload| {
        let times = payload.get("times").as_u64().unwrap_or(1);
        let text = payload.get("text").as_str().expect("a payload is a text");
        Payload {
            #[cfg(test)]
            kind: payload.get("kind").as_str().unwrap_or_default().to_owned(),
            text: text.repeat(usize::try_from(times).expect("a few thousand at most")),
        }
    });
    payloads.collect()
}

fn kind(field: &str, text: &str) -> Kind {
    const CODES: [&str; 10] = [
        "status",
        "event",
        "eventName",
        "finalStatus",
        "mediaType",
        "source",
        "detector",
        "timestamp",
        "fileSize",
        // Among figures, where a text is read only as a number.
        "note",
    ];
    const WORDS: [&str; 9] = [
        "prediction",
        "severity",
        "phase",
        "stage",
        "sensitivityStatus",
        "type",
        "category",
        "level",
        "code",
    ];
    const IDS: [&str; 4] = ["model", "modelName", "model_name", "participants"];
    /// What the worker calls itself where a model's name is expected.
    const WORKER: &str = "Backend Worker";
    let is_number = text.parse::<f64>().is_ok();
    match field {
        "token" | "accessToken" => Kind::Secret,
        _ if CODES.contains(&field) || is_number || text == WORKER || field.ends_with("At") => {
            Kind::Code
        }
        _ if WORDS.contains(&field) => Kind::Word,
        _ if IDS.contains(&field) || field.ends_with("Id") || field.ends_with("id") => Kind::Id,
        _ => Kind::Text,
    }
}

/// As much of a payload as an id has room for.
fn cut(text: &str) -> &str {
    let mut end = text.len().min(IN_ID);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// A text with the same white space and the same letters that are taken out, but of which nothing can be made. What is
/// sent as a number stays one where numbers are read.
fn harmless(text: &str, part: Part) -> String {
    /// Of one, two, three and four bytes.
    const LETTERS: [char; 4] = ['n', 'ñ', 'ṅ', '𝐧'];
    /// Before all letters, as other signs are.
    const FIRST: char = '+';
    if part == Part::Codes && Value::from(text).as_f64().is_some() {
        return text.to_owned();
    }
    // Rows stand by the order of their names: a twin comes before or after the other names where its text does.
    let (lead, text) = match part {
        Part::Codes => text.split_at(text.len() - text.trim_start().len()),
        Part::Texts | Part::Words => ("", text),
    };
    let (first, text) = match text.chars().next().filter(|_| part == Part::Codes) {
        Some(letter) if letter.is_ascii_alphabetic() => (letter.to_string(), &text[1..]),
        Some('!'..'A') => (FIRST.to_string(), &text[1..]),
        _ => (String::new(), text),
    };
    let twin_of = |letter: char| match letter {
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => letter,
        _ if letter.is_whitespace() || letter.is_control() => letter,
        // Of a flood of marks only the first are shown.
        _ if is_mark(letter) => letter,
        // Between the words of a name, for which a space is shown.
        '-' | '_' if part == Part::Words => letter,
        // As many bytes, because that is what ids are measured in.
        _ => LETTERS[letter.len_utf8() - 1],
    };
    let lines = text.split_inclusive('\n').map(|line| {
        // A record takes the header out and says so beside it: of the twin it has the same to take out.
        match line.starts_with("Set-Cookie:") {
            true => line.to_owned(),
            false => line.chars().map(twin_of).collect(),
        }
    });
    let twin = lines.collect::<String>();
    let is_letter = |letter: char| LETTERS.contains(&letter);
    let is_plain = twin
        .chars()
        .all(|letter| is_letter(letter) || letter == ' ');
    match is_plain && lead.len() + twin.len() <= SHORT && twin.contains(is_letter) {
        true => format!("{lead}{first}harmless"),
        false => format!("{lead}{first}{twin}"),
    }
}

/// Whether a text keeps only so many of these on one letter.
fn is_mark(letter: char) -> bool {
    const FLOOD: usize = 9;
    let kept = Text::new(&letter.to_string().repeat(FLOOD), FLOOD);
    !letter.is_ascii() && kept.as_str().chars().count() < FLOOD
}

#[cfg(test)]
mod tests;
