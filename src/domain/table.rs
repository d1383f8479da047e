//! Rows as a file: CSV for spreadsheets, JSON for programs. Both hold the same columns.
//!
//! **Law:** a cell of a spreadsheet is never a formula: what a server wrote may not compute anything where it is
//! opened.

use crate::json::{self, Value};
use crate::time::Timestamp;

/// A spreadsheet (RFC 4180, UTF-8 with a byte order mark, without which spreadsheets take it for something else).
/// Every text stands in quotes, so that a comma or a semicolon in it ends no cell anywhere.
#[must_use]
pub fn csv(columns: &[&str], rows: &mut dyn Iterator<Item = Vec<Value>>) -> String {
    let mut text = "\u{FEFF}".to_owned();
    let head: Vec<_> = columns.iter().map(|column| Value::from(*column)).collect();
    line(&head, &mut text);
    for row in rows {
        line(&row, &mut text);
    }
    text
}

/// One object: what the file is about, and the rows as `entries` with the columns as members. What a row does not say
/// is left out.
#[must_use]
pub fn json(
    about: &[(&str, Value)],
    columns: &[&str],
    rows: &mut dyn Iterator<Item = Vec<Value>>,
) -> String {
    let member = |name: &str, value: Value| (name.to_owned(), value);
    let entries = rows.map(|row| {
        let members = columns.iter().zip(row);
        let said = members.filter(|(_, value)| !value.is_null());
        Value::Object(said.map(|(name, value)| member(name, value)).collect())
    });
    let entries = Value::Array(entries.collect());
    let about = (about.iter()).map(|(name, value)| member(name, value.clone()));
    let whole = about.chain([member("entries", entries)]);
    json::write(&Value::Object(whole.collect()))
}

/// What a file is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For spreadsheets: [`csv()`].
    Csv,
    /// For programs: [`json()`].
    Json,
}

impl Format {
    /// Its media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv;charset=utf-8",
            Self::Json => "application/json",
        }
    }

    /// How the name of such a file ends, without the dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }
}

/// What a file is called: `meeting-standup-2026-02-20T10-30-12Z.csv`. Of the name of what is in it, only what every
/// system takes, and no more than leaves the time to be seen where names are cut.
#[must_use]
pub fn file_name(of: &str, exported: Timestamp, format: Format) -> String {
    const MOST: usize = 72;
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let mut name: String = (of.chars().take(MOST))
        .map(|letter| if is_plain(letter) { letter } else { '-' })
        .collect();
    name.push('-');
    let time = exported.to_string();
    let seconds = time.split('.').next().unwrap_or_default();
    name.push_str(&seconds.replace(':', "-"));
    name.push_str("Z.");
    name.push_str(format.extension());
    name
}

/// A moment as a cell: ISO 8601 with its zone.
#[must_use]
pub fn iso(at: Timestamp) -> Value {
    at.to_string().into()
}

fn line(cells: &[Value], into: &mut String) {
    for (index, value) in cells.iter().enumerate() {
        if index > 0 {
            into.push(',');
        }
        match value {
            Value::Null => {}
            Value::String(text) => cell(text, into),
            number => into.push_str(&json::write(number)),
        }
    }
    into.push_str("\r\n");
}

/// A text in quotes. One that a spreadsheet would compute gets an apostrophe, which makes it a text there.
fn cell(text: &str, into: &mut String) {
    const COMPUTED: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\n'];
    into.push('"');
    if text.starts_with(COMPUTED) {
        into.push('\'');
    }
    for (index, part) in text.split('"').enumerate() {
        if index > 0 {
            into.push_str("\"\"");
        }
        into.push_str(part);
    }
    into.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_no_text_leaves_its_cell() {
        for (text, written) in [
            ("=1+1", r#""'=1+1""#),
            ("+1", r#""'+1""#),
            ("-1", r#""'-1""#),
            ("@SUM(A1)", r#""'@SUM(A1)""#),
            ("\t=1", "\"'\t=1\""),
            ("\r=1", "\"'\r=1\""),
            ("\n=1", "\"'\n=1\""),
            ("a=1", r#""a=1""#),
            (r#"a","=1"#, r#""a"",""=1""#),
            (r#"=HYPERLINK("x")"#, r#""'=HYPERLINK(""x"")""#),
            ("a;=1", r#""a;=1""#),
            ("", r#""""#),
        ] {
            let mut cells = String::new();

            cell(text, &mut cells);

            assert_eq!(cells, written);
        }
    }

    #[test]
    fn what_a_row_does_not_say_is_an_empty_cell_and_no_member() {
        let rows = || {
            let row = vec![Value::from("=a"), Value::Null, 2.0.into()];
            std::iter::once(row)
        };
        let columns = ["x", "y", "z"];

        assert_eq!(
            csv(&columns, &mut rows()),
            "\u{FEFF}\"x\",\"y\",\"z\"\r\n\"'=a\",,2\r\n"
        );
        assert_eq!(
            json(&[("of", "me".into())], &columns, &mut rows()),
            r#"{"of":"me","entries":[{"x":"=a","z":2}]}"#
        );
    }
}
