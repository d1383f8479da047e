//! Takes secrets out of a text before it is kept.
//!
//! **Law:** what is kept never held a secret. A secret is known by where it stands (a member, a parameter or a header
//! of a telling name), by its look (a JSON web token, what follows `Bearer`), or because it was seen once in such a
//! place or given by the page: then it is taken out wherever it stands.
//!
//! It reads letters, not values: what is broken or cut off is what a record is read for, and has secrets too. All else
//! stays as it was, to the letter, so that what is kept decodes as what came did.
//!
//! Left out: file names, ids and what people wrote. A record is a recording.

use crate::backend::request::percent_encoded;
use crate::json::{self, Value};

/// What stands in the place of a secret.
pub const WORD: &str = "redacted";

/// Secrets that are remembered: a page's servers, each with the tokens of some signings-in. The oldest leaves first,
/// and one that the page gave only for another of these: no server can talk until it is forgotten.
const MAX_SECRETS: usize = 64;

/// Sessions that are told apart, by their number. The oldest leaves first and gets a new one if it comes again.
const MAX_SESSIONS: usize = 64;

/// A shorter text is taken out where it stands for a secret, but not looked for elsewhere: what it is made of is in
/// every text.
const SHORTEST: usize = 4;

/// A shorter text, or one of digits only, is not taken for a token that is worth looking for, whatever its name: it may
/// be the mark of a page of a list, and what it is made of is in times and ids.
const SHORTEST_SEEN: usize = 8;

/// A longer text is no token: no server takes a header of that length.
const LONGEST: usize = 16 * 1024;

/// JSON within a string of JSON, so many times: what is deeper is not looked into.
const MAX_NESTED: usize = 3;

/// See the module.
#[derive(Default)]
pub struct Redactor {
    secrets: Secrets,
    /// The sessions that were seen, and how many there were before the first of these.
    sessions: Vec<String>,
    sessions_before: usize,
}

/// Texts that are taken out wherever they stand.
#[derive(Clone, Default)]
pub struct Secrets(Vec<Secret>);

#[derive(Clone)]
struct Secret {
    text: String,
    /// Every way in which a text may write it, each once, the longest first.
    ways: Vec<String>,
    /// By the page; else it was seen in a text.
    is_given: bool,
}

/// What a text is, as far as its names are concerned.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Anything.
    Text,
    /// A packet or an address in which `sid` and `pid` name a session: who knows it can speak in our name.
    Session,
}

impl Redactor {
    /// Looks for this text, which the page gave, everywhere from now on. Gives back what was not known before: what is
    /// kept already has to be gone through for it.
    pub fn learn(&mut self, secret: &str) -> Secrets {
        Secrets(self.remember(secret, true).into_iter().collect())
    }

    fn remember(&mut self, secret: &str, is_given: bool) -> Option<Secret> {
        let is_one = (SHORTEST..=LONGEST).contains(&secret.len()) && secret != WORD;
        if !is_one {
            return None;
        }
        let secrets = &mut self.secrets.0;
        if let Some(known) = secrets.iter_mut().find(|known| known.text == secret) {
            known.is_given |= is_given;
            return None;
        }
        if secrets.len() >= MAX_SECRETS {
            match secrets.iter().position(|known| !known.is_given) {
                Some(oldest) => drop(secrets.remove(oldest)),
                None if is_given => drop(secrets.remove(0)),
                None => return None,
            }
        }
        let secret = Secret::new(secret, is_given);
        secrets.push(secret.clone());
        Some(secret)
    }

    /// A text without its secrets. Those that it teaches are taken out of it, too, and given back beside it: no more of
    /// them than are remembered.
    pub fn text(&mut self, text: &str, place: Place) -> (String, Secrets) {
        let mut learnt = Vec::new();
        let text = self.members(text, place, MAX_NESTED, &mut learnt);
        let text = self.parameters(&text, place, &mut learnt);
        let mut new = Vec::new();
        for secret in learnt {
            if let Some(secret) = self.remember(&secret, false) {
                if new.len() >= MAX_SECRETS {
                    new.remove(0);
                }
                new.push(secret);
            }
        }
        (self.secrets.out_of(text), Secrets(new))
    }

    /// Those that are known.
    #[must_use]
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// Members of objects, by their names.
    fn members(
        &mut self,
        text: &str,
        place: Place,
        deep: usize,
        learnt: &mut Vec<String>,
    ) -> String {
        let mut written = String::with_capacity(text.len());
        // Up to where the text is written.
        let mut done = 0;
        let mut at = 0;
        while let Some(quote) = text[at..].find('"') {
            let start = at + quote;
            let end = literal(text, start);
            let colon = skip_blanks(text, end);
            if !text[colon..].starts_with(':') {
                let inside = deep.checked_sub(1).and_then(|deep| {
                    let inner = unescaped(&text[start..end])?;
                    let clean = self.members(&inner, place, deep, learnt);
                    // The letter of an escape is none of the name behind it.
                    let clean = self.parameters(&clean, place, learnt);
                    let clean = self.secrets.out_of(clean);
                    (clean != inner).then_some(clean)
                });
                if let Some(inside) = inside {
                    written.push_str(&text[done..start]);
                    written.push_str(&json::write(&Value::String(inside)));
                    done = end;
                }
                at = end;
                continue;
            }
            let value = skip_blanks(text, colon + 1);
            at = value;
            let name = &text[start + 1..end.saturating_sub(1).max(start + 1)];
            let Some(kind) = Kind::of(name, place) else {
                continue;
            };
            let value_end = value_end(text, value);
            let said = &text[value..value_end];
            if !matches!(said, "" | "null" | "true" | "false" | "\"\"") {
                written.push_str(&text[done..value]);
                written.push('"');
                written.push_str(&self.word(kind, said, learnt));
                written.push('"');
                done = value_end;
            }
            at = value_end;
        }
        written.push_str(&text[done..]);
        written
    }

    /// `token=…` of an address or a cookie, `Authorization: …`, `'token': '…'`, `Bearer …`, `//name:password@`, and
    /// what looks like a JSON web token.
    fn parameters(&mut self, text: &str, place: Place, learnt: &mut Vec<String>) -> String {
        let mut written = String::with_capacity(text.len());
        let mut done = 0;
        let mut at = 0;
        let mut before = "";
        while at < text.len() {
            let word_end = at + run(&text[at..], is_token_letter);
            if word_end == at {
                at += text[at..].chars().next().map_or(1, char::len_utf8);
                continue;
            }
            let word = &text[at..word_end];
            let start = at;
            at = word_end;
            let after = &text[word_end..];
            let secret = if is_web_token(word) {
                Some((start, word_end, Kind::Token))
            } else if is_scheme(before) && word.len() >= 8 {
                // All of it: base64 has letters that a name has not.
                let end = start + run(&text[start..], |letter| !is_end(letter));
                Some((start, end, Kind::Token))
            } else if after.starts_with('=') && word_end + 1 < text.len() {
                let value = word_end + 1;
                let end = value + run(&text[value..], |letter| !is_end(letter));
                Kind::of(word, place).map(|kind| (value, end, kind))
            } else if after.starts_with(':') && is_header(word) {
                let value = skip_blanks(text, word_end + 1);
                let end = value + run(&text[value..], |letter| !is_line_end(letter));
                Kind::of(word, place).map(|kind| (value, end, kind))
            } else if let Some(value) = in_single_quotes(text, start, word_end) {
                let end = value + run(&text[value..], |letter| letter != '\'');
                Kind::of(word, place).map(|kind| (value, end, kind))
            } else if after.starts_with("://") {
                let value = word_end + 3;
                let host = run(&text[value..], |letter| {
                    !is_end(letter) && !matches!(letter, '/' | '?' | '#')
                });
                let name = text[value..value + host].rfind('@');
                name.map(|name| (value, value + name, Kind::Other))
            } else {
                None
            };
            before = word;
            if let Some((from, to, kind)) = secret.filter(|(from, to, _)| from < to) {
                let said = &text[from..to];
                if said != WORD {
                    let word = self.word(kind, said, learnt);
                    written.push_str(&text[done..from]);
                    written.push_str(&word);
                    done = to;
                }
                at = to;
            }
        }
        written.push_str(&text[done..]);
        written
    }

    /// What to write for a secret of this kind, which is written so in the text.
    fn word(&mut self, kind: Kind, said: &str, learnt: &mut Vec<String>) -> String {
        let bare = match json::parse(said) {
            Ok(Value::String(text)) => text,
            _ => said.trim_matches('"').to_owned(),
        };
        match kind {
            // One that is redacted already, as when a record is gone through again.
            _ if bare.starts_with(WORD) => bare,
            Kind::Session => [WORD, "-", &self.session(bare).to_string()].concat(),
            Kind::Token => {
                let is_number = bare.bytes().all(|byte| byte.is_ascii_digit());
                if bare.len() >= SHORTEST_SEEN && !is_number {
                    learnt.push(bare);
                }
                WORD.to_owned()
            }
            Kind::Other => WORD.to_owned(),
        }
    }

    /// Sessions are told apart: whether a connection took up the one before is what it is about.
    fn session(&mut self, id: String) -> usize {
        let known = self.sessions.iter().position(|known| *known == id);
        let at = known.unwrap_or_else(|| {
            if self.sessions.len() >= MAX_SESSIONS {
                self.sessions.remove(0);
                self.sessions_before += 1;
            }
            self.sessions.push(id);
            self.sessions.len() - 1
        });
        self.sessions_before + at + 1
    }
}

impl Secrets {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A text without them.
    #[must_use]
    pub fn out_of(&self, mut text: String) -> String {
        for way in self.0.iter().flat_map(|secret| &secret.ways) {
            if text.contains(way.as_str()) {
                text = text.replace(way.as_str(), WORD);
            }
        }
        text
    }

    /// A value without them in its strings.
    #[must_use]
    pub fn out_of_value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.out_of(text)),
            Value::Array(elements) => {
                let elements = elements.into_iter();
                Value::Array(elements.map(|element| self.out_of_value(element)).collect())
            }
            other => other,
        }
    }

    /// Whether one of them is in these bytes.
    #[must_use]
    pub fn are_in(&self, bytes: &[u8]) -> bool {
        self.0.iter().any(|secret| {
            let secret = secret.text.as_bytes();
            bytes.windows(secret.len()).any(|part| part == secret)
        })
    }

    /// Whether one of them is in these bytes, or may begin at their end, of which no more is left.
    #[must_use]
    pub fn may_be_in_head(&self, head: &[u8]) -> bool {
        let begins = |secret: &Secret| {
            let secret = secret.text.as_bytes();
            (SHORTEST..secret.len()).any(|bytes| head.ends_with(&secret[..bytes]))
        };
        self.are_in(head) || self.0.iter().any(begins)
    }
}

impl Secret {
    fn new(text: &str, is_given: bool) -> Self {
        let once = escaped(text);
        let mut ways = Vec::new();
        for way in [
            percent_encoded(text),
            escaped(&once),
            once,
            // As some servers write a slash.
            text.replace('/', "\\/"),
            text.to_owned(),
        ] {
            if !ways.contains(&way) {
                ways.push(way);
            }
        }
        Self {
            text: text.to_owned(),
            ways,
            is_given,
        }
    }
}

/// What kind of secret a name is of.
#[derive(Clone, Copy)]
enum Kind {
    /// Looked for everywhere else, too.
    Token,
    /// Told apart by a number.
    Session,
    /// Taken out where it stands: a password or an address of mail may be a word of every text.
    Other,
}

impl Kind {
    /// Of `access_token`, `accessToken` and `X-Access-Token` alike.
    fn of(name: &str, place: Place) -> Option<Self> {
        const TOKENS: [&str; 8] = [
            "token",
            "jwt",
            "apikey",
            "accesskey",
            "secret",
            "secretkey",
            "privatekey",
            "bearer",
        ];
        const OTHERS: [&str; 12] = [
            "password",
            "passwd",
            "pwd",
            "passphrase",
            "authorization",
            "cookie",
            "credential",
            "credentials",
            // Of e-mail, too.
            "mail",
            "mailaddress",
            "otp",
            // Of an address that was signed, which opens what it is of.
            "signature",
        ];
        // The end of a name tells: a longer one is not looked at as a whole.
        let mut plain: Vec<char> = (name.chars().rev())
            .filter(char::is_ascii_alphanumeric)
            .take(24)
            .collect();
        plain.reverse();
        let plain: String = plain.iter().map(char::to_ascii_lowercase).collect();
        if TOKENS.iter().any(|end| plain.ends_with(end)) {
            return Some(Self::Token);
        }
        if plain == "sid" || plain == "pid" {
            return (place == Place::Session).then_some(Self::Session);
        }
        let is_other =
            OTHERS.iter().any(|end| plain.ends_with(end)) || plain == "sessionid" || plain == "sig";
        is_other.then_some(Self::Other)
    }
}

/// Where the string literal ends that begins here, its closing quote included; at the end of the text if it is cut off.
fn literal(text: &str, start: usize) -> usize {
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(start + 1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Where the value ends that begins here.
fn value_end(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    match bytes.get(start) {
        Some(b'"') => literal(text, start),
        Some(b'{' | b'[') => {
            let mut open = 0_usize;
            let mut at = start;
            while let Some(byte) = bytes.get(at) {
                match byte {
                    b'"' => {
                        at = literal(text, at);
                        continue;
                    }
                    b'{' | b'[' => open += 1,
                    b'}' | b']' => open -= 1,
                    _ => {}
                }
                at += 1;
                if open == 0 {
                    return at;
                }
            }
            text.len()
        }
        _ => {
            start
                + run(&text[start..], |letter| {
                    !is_end(letter) && !matches!(letter, '}' | ']')
                })
        }
    }
}

/// The text of a literal with escapes: they may be those of JSON within it, or hide a secret.
fn unescaped(literal: &str) -> Option<String> {
    if !literal.contains('\\') {
        return None;
    }
    match json::parse(literal).ok()? {
        Value::String(text) => Some(text),
        _ => None,
    }
}

/// As in a string of JSON.
fn escaped(text: &str) -> String {
    let literal = json::write(&Value::from(text));
    literal[1..literal.len() - 1].to_owned()
}

/// Bytes of the letters from the front that are such.
fn run(text: &str, is_such: impl Fn(char) -> bool) -> usize {
    text.find(|letter| !is_such(letter)).unwrap_or(text.len())
}

fn skip_blanks(text: &str, at: usize) -> usize {
    at + run(&text[at..], |letter| {
        matches!(letter, ' ' | '\t' | '\n' | '\r')
    })
}

/// Of a name, and of a base64url part with its dots.
fn is_token_letter(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.')
}

/// What ends a parameter's value.
fn is_end(letter: char) -> bool {
    letter.is_whitespace()
        || matches!(
            letter,
            '&' | ';' | ',' | '"' | '\'' | '\\' | '<' | '>' | '#'
        )
}

fn is_line_end(letter: char) -> bool {
    matches!(letter, '\n' | '\r' | '"' | '\\')
}

fn is_scheme(word: &str) -> bool {
    word.eq_ignore_ascii_case("bearer") || word.eq_ignore_ascii_case("basic")
}

/// One that proves who somebody is, or one of the many that begin with `X-`, of which the name tells.
fn is_header(word: &str) -> bool {
    let own = word.get(..2).unwrap_or_default();
    own.eq_ignore_ascii_case("x-")
        || [
            "authorization",
            "proxy-authorization",
            "cookie",
            "set-cookie",
        ]
        .iter()
        .any(|header| word.eq_ignore_ascii_case(header))
}

/// Where the value of `'name': 'value'` begins, in which Python writes objects.
fn in_single_quotes(text: &str, start: usize, end: usize) -> Option<usize> {
    let colon = text[..start].ends_with('\'').then_some(&text[end..])?;
    let colon = skip_blanks(text, text.len() - colon.strip_prefix('\'')?.len());
    let value = text[colon..].strip_prefix(':')?;
    let value = skip_blanks(text, text.len() - value.len());
    text[value..].starts_with('\'').then_some(value + 1)
}

/// Three parts, of which the first begins as `{"` does in base64.
fn is_web_token(word: &str) -> bool {
    word.len() >= 20 && word.starts_with("eyJ") && word.matches('.').count() >= 1
}

#[cfg(test)]
mod tests;
