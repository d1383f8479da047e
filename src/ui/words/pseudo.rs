//! English made strange: longer, with marks on its letters, in brackets.
//!
//! Whoever reads it sees what does not come from the catalogue, because it has no brackets, and where a text that is as
//! long as a German one does not fit.

/// The text in this language. What stands in braces is filled in later and stays as it is.
pub fn pseudo(text: &str) -> String {
    if !text.contains(|letter: char| letter.is_ascii_alphabetic()) {
        return text.to_owned();
    }
    let mut strange = String::from("⟦");
    let mut is_name = false;
    for letter in text.chars() {
        match letter {
            '{' => is_name = true,
            '}' => is_name = false,
            _ => {}
        }
        let shown = if is_name { letter } else { marked(letter) };
        strange.push(shown);
        // Vowels twice: two fifths more, as texts grow that are translated from English.
        if shown != letter && "aeiouy".contains(letter) {
            strange.push(shown);
        }
    }
    strange.push('⟧');
    strange
}

fn marked(letter: char) -> char {
    const PLAIN: &str = "AEIOUYCNSZaeiouycnsz";
    const MARKED: &str = "ÅÉÎÖÛÝÇÑŠŽåéîöûýçñšž";
    let at = PLAIN.chars().position(|plain| plain == letter);
    at.and_then(|at| MARKED.chars().nth(at)).unwrap_or(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_gets_brackets_marks_and_more_vowels_but_keeps_what_is_filled_in() {
        for (text, strange) in [
            ("Sign in", "⟦Šîîgñ îîñ⟧"),
            ("Run {n}", "⟦Rûûñ {n}⟧"),
            (", ", ", "),
            ("{done} of {n} models", "⟦{done} ööf {n} möödéélš⟧"),
            ("{large} {small}", "⟦{large} {small}⟧"),
        ] {
            assert_eq!(pseudo(text), strange);
        }
    }
}
