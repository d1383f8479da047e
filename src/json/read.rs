//! Reading: RFC 8259 to the letter, in one pass, in time and memory that are linear in the text.
//!
//! Recursion is bounded by [`MAX_DEPTH`]. Everything is a slice of the text until it is kept.

use super::{double, Error, Value, MAX_DEPTH};

/// Up to so many members an object's keys are compared one by one as they come, which is cheaper than sorting them.
const FEW: usize = 16;

/// So many digits are exact in a double, without rounding.
const EXACT_DIGITS: usize = 15;

pub(super) fn document(text: &str) -> Result<Value, Error> {
    let mut reader = Reader { text, at: 0 };
    reader.skip_blanks();
    let value = reader.value(0)?;
    reader.skip_blanks();
    if reader.at < text.len() {
        return reader.expected("the end");
    }
    Ok(value)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    /// A value that begins here, inside of so many arrays and objects.
    fn value(&mut self, depth: usize) -> Result<Value, Error> {
        match self.peek() {
            Some(b'"') => self.string().map(Value::String),
            Some(b'{' | b'[') if depth == MAX_DEPTH => Err(Error::TooDeep),
            Some(b'{') => self.object(depth + 1),
            Some(b'[') => self.array(depth + 1),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            _ => self.expected("a value"),
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, Error> {
        self.at += 1;
        let mut elements = Vec::new();
        self.skip_blanks();
        if self.take(b']') {
            return Ok(Value::Array(elements));
        }
        loop {
            elements.push(self.value(depth)?);
            self.skip_blanks();
            if self.take(b']') {
                return Ok(Value::Array(elements));
            }
            if !self.take(b',') {
                return self.expected("',' or ']'");
            }
            self.skip_blanks();
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, Error> {
        self.at += 1;
        let mut members: Vec<(String, Value)> = Vec::new();
        self.skip_blanks();
        if self.take(b'}') {
            return Ok(Value::Object(members));
        }
        loop {
            if self.peek() != Some(b'"') {
                return self.expected("a key");
            }
            let key = self.string()?;
            self.skip_blanks();
            if !self.take(b':') {
                return self.expected("':'");
            }
            self.skip_blanks();
            let value = self.value(depth)?;
            let known = match members.len() {
                0..=FEW => members.iter().position(|(known, _)| *known == key),
                _ => None,
            };
            match known {
                Some(place) => members[place].1 = value,
                None => members.push((key, value)),
            }
            self.skip_blanks();
            if self.take(b'}') {
                break;
            }
            if !self.take(b',') {
                return self.expected("',' or '}'");
            }
            self.skip_blanks();
        }
        if members.len() > FEW {
            keep_last(&mut members);
        }
        Ok(Value::Object(members))
    }

    fn number(&mut self) -> Result<Value, Error> {
        let begin = self.at;
        let is_negative = self.take(b'-');
        let mut digits = 0.0;
        let first = self.at;
        if !self.take(b'0') {
            self.digits(&mut digits)?;
        }
        let mut count = self.at - first;
        let mut power = 1.0;
        if self.take(b'.') {
            let point = self.at;
            self.digits(&mut digits)?;
            let decimals = self.at - point;
            count += decimals;
            for _ in 0..decimals.min(EXACT_DIGITS) {
                power *= 10.0;
            }
        }
        let has_exponent = self.take(b'e') || self.take(b'E');
        if has_exponent {
            let _sign = self.take(b'+') || self.take(b'-');
            self.digits(&mut 0.0)?;
        }
        if count <= EXACT_DIGITS && !has_exponent {
            // The digits and the power are exact, so their quotient is the double that is nearest.
            let number = digits / power;
            return Ok(Value::Number(if is_negative { -number } else { number }));
        }
        let text = self.text.get(begin..self.at).unwrap_or_default();
        // What is too large becomes infinite, what is too small zero, as in JavaScript.
        double::read(text).map_or_else(
            || self.expected("a number"),
            |number| Ok(Value::Number(number)),
        )
    }

    /// One digit or more, after those in `value`, which is exact up to [`EXACT_DIGITS`] in all.
    fn digits(&mut self, value: &mut f64) -> Result<(), Error> {
        let begin = self.at;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            *value = *value * 10.0 + f64::from(digit - b'0');
            self.at += 1;
        }
        if self.at == begin {
            return self.expected("a digit");
        }
        Ok(())
    }

    fn word(&mut self, word: &'static str, value: Value) -> Result<Value, Error> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        if !rest.starts_with(word.as_bytes()) {
            return self.expected(word);
        }
        self.at += word.len();
        Ok(value)
    }

    /// The string whose quotation mark is here.
    fn string(&mut self) -> Result<String, Error> {
        self.at += 1;
        let plain = self.plain();
        if self.take(b'"') {
            return Ok(plain.to_owned());
        }
        let mut string = plain.to_owned();
        loop {
            if self.take(b'"') {
                return Ok(string);
            }
            if !self.take(b'\\') {
                return self.expected("'\"'"); // the end, or a control character
            }
            string.push(self.escaped()?);
            string.push_str(self.plain());
        }
    }

    /// What of a string stands for itself.
    fn plain(&mut self) -> &'a str {
        let begin = self.at;
        while let Some(byte) = self.peek() {
            if byte == b'"' || byte == b'\\' || byte < 0x20 {
                break;
            }
            self.at += 1;
        }
        // Both ends lie beside ASCII or at an end.
        self.text.get(begin..self.at).unwrap_or_default()
    }

    /// What a backslash before here means.
    fn escaped(&mut self) -> Result<char, Error> {
        let letter = match self.peek() {
            Some(letter @ (b'"' | b'\\' | b'/')) => char::from(letter),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{C}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                return self.unit();
            }
            _ => return self.expected("an escape"),
        };
        self.at += 1;
        Ok(letter)
    }

    /// A character in one or two UTF-16 units; half of a pair is U+FFFD.
    fn unit(&mut self) -> Result<char, Error> {
        let high = self.hex()?;
        let after = self.at;
        if (0xD800..0xDC00).contains(&high) && self.take(b'\\') && self.take(b'u') {
            // Four digits that are none are an error here as well as later.
            let low = self.hex()?;
            if (0xDC00..0xE000).contains(&low) {
                let code = 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
        }
        if (0xD800..0xDC00).contains(&high) {
            self.at = after; // whatever follows stands for itself
        }
        Ok(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hex(&mut self) -> Result<u32, Error> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            let Some(digit) = digit else {
                return self.expected("a hexadecimal digit");
            };
            code = code << 4 | digit;
            self.at += 1;
        }
        Ok(code)
    }

    fn skip_blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    #[inline(always)]
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline(always)]
    fn take(&mut self, byte: u8) -> bool {
        let is_here = self.peek() == Some(byte);
        self.at += usize::from(is_here);
        is_here
    }

    fn expected<T>(&self, expected: &'static str) -> Result<T, Error> {
        Err(Error::Syntax {
            at: self.at,
            expected,
        })
    }
}

/// Leaves each key in its first place, with its last value.
///
/// Sorts the places by hand, as a heap: no input makes it slower than *n* log *n*, and `std`'s sort would be five
/// kilobytes for objects of a size that no server here sends.
fn keep_last(members: &mut Vec<(String, Value)>) {
    let key = |place: usize| members.get(place).map(|(key, _)| (key, place));
    let mut places: Vec<usize> = (0..members.len()).collect();
    let sift = |places: &mut [usize], mut root: usize| loop {
        let mut largest = root;
        for child in [2 * root + 1, 2 * root + 2] {
            if child < places.len() && key(places[child]) > key(places[largest]) {
                largest = child;
            }
        }
        if largest == root {
            break;
        }
        places.swap(root, largest);
        root = largest;
    };
    for root in (0..places.len() / 2).rev() {
        sift(&mut places, root);
    }
    for end in (1..places.len()).rev() {
        places.swap(0, end);
        sift(&mut places[..end], 0);
    }
    // Equal keys are neighbours now, in the order of the text.
    let mut is_double = false;
    let mut doubled = vec![false; members.len()];
    for at in 1..places.len() {
        let (first, later) = (places[at - 1], places[at]);
        if members[first].0 == members[later].0 {
            members.swap(first, later);
            // The key's first place now holds this value and is the one to compare with next.
            places[at] = first;
            doubled[later] = true;
            is_double = true;
        }
    }
    if is_double {
        let mut doubled = doubled.into_iter();
        members.retain(|_| doubled.next() != Some(true));
    }
}
