use std::path::Path;

use super::*;
use crate::gallery::cells::{Scene, CELLS};
use crate::gallery::scene;
use telltale::backend::Kind;

const PARTS: [Part; 3] = [Part::Texts, Part::Words, Part::Codes];

#[test]
fn the_corpus_has_every_kind_of_payload_once_and_enough_of_them() {
    let payloads = payloads();

    let mut texts: Vec<_> = payloads.iter().map(|payload| &payload.text).collect();
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), payloads.len(), "no payload is there twice");
    assert!(payloads.len() >= 200, "{} payloads", payloads.len());
    let kinds: BTreeSet<_> = payloads.iter().map(|payload| &*payload.kind).collect();
    assert!(kinds.len() >= 25, "{kinds:?}");
    assert!(!kinds.contains(""));
}

#[test]
fn each_text_of_each_fixture_is_hostile_in_exactly_one_part() {
    let mut texts = 0;
    for (kind, payload) in fixtures() {
        let whole = sayings(&payload);
        let made: Vec<_> = PARTS
            .map(|part| Hostile::new(wish(part)).value("", &whole))
            .into();
        let mut leaves = Vec::new();
        collect("", &whole, &made.iter().collect::<Vec<_>>(), &mut leaves);
        for (field, text, made) in leaves {
            texts += 1;
            let changed = made.iter().filter(|made| **made != text).count();
            let wanted =
                usize::from(!text.is_empty() && !["token", "accessToken"].contains(&&*field));
            assert_eq!(changed, wanted, "{kind}: `{field}` of {text:?}");
        }
    }
    assert!(texts > 1_000, "{texts} texts");
}

#[test]
fn each_field_of_each_fixture_reaches_a_page_of_the_gallery() {
    let mut reached: BTreeSet<(String, String)> = BTreeSet::new();
    for cell in CELLS {
        let (Scene::Fixture(kind, _) | Scene::Payloads(kind, _)) = cell.scene else {
            continue;
        };
        for part in PARTS {
            let world = scene::play(cell, Some(wish(part)));
            let fields = world.hostile().expect("its servers mean harm").fields();
            reached.extend(fields.into_iter().map(|field| (kind.to_owned(), field)));
        }
    }
    let mut missing = BTreeSet::new();
    for (kind, payload) in fixtures() {
        let whole = sayings(&payload);
        for part in PARTS {
            let hostile = Hostile::new(wish(part));
            hostile.value("", &whole);
            let fields = hostile.fields().into_iter();
            missing.extend(fields.map(|field| (kind.clone(), field)));
        }
    }
    missing.retain(|field| !reached.contains(field));

    assert_eq!(
        missing,
        BTreeSet::new(),
        "no scene of the gallery sends these"
    );
}

#[test]
fn a_media_with_a_hostile_id_is_still_that_media() {
    for number in 0..u16::try_from(payloads().len()).unwrap() {
        let hostile = Hostile::new(Wish {
            number: Some(number),
            ..wish(Part::Texts)
        });
        let id = hostile.id("med-1");
        let request = Kind::Analysis.backend().fetch(&scope(&id), None);
        let path = request.map(|request| request.path);

        assert_eq!(hostile.original(&id), "med-1");
        let path = path.expect("an id has a path");
        assert_eq!(
            hostile.original_path(&path),
            "/api/v1/media/med-1",
            "{id:?}"
        );
    }
}

#[test]
fn a_harmless_twin_has_the_same_lines_and_nothing_else_of_a_payload() {
    for (text, twin) in [
        ("<img src=x onerror=alert(1)>", "harmless"),
        ("first\nsecond", "nnnnn\nnnnnnn"),
        ("a\u{0}\u{202E}b", "n\u{0}\u{202E}n"),
        ("\n\n", "\n\n"),
        ("é\nต😀", "ñ\nṅ𝐧"),
        ("مقابلة", "harmless"),
        // But what is taken out of a record in both of them alike.
        ("x\r\nSet-Cookie: a=1", "n\r\nSet-Cookie: a=1"),
    ] {
        assert_eq!(harmless(text, Part::Texts), twin, "{text:?}");
    }
    for (code, twin) in [
        ("0.5", "0.5"),
        ("<img src=x onerror=alert(1)>", "+harmless"),
        (" javascript:alert(1)", " jharmless"),
        ("Demo", "Dharmless"),
        ("\u{202E}Demo", "\u{202E}nnnn"),
    ] {
        assert_eq!(harmless(code, Part::Codes), twin, "{code:?}");
    }
    let markup = ['<', '>', '&', '"', '\'', '=', ':', '/'];
    for payload in payloads() {
        let twin = harmless(&payload.text, Part::Texts);
        let own = twin.replace("Set-Cookie: session=1", "");
        assert!(!own.contains(markup), "{}: {twin}", payload.kind);
        assert!(
            twin == "harmless" || twin.len() == payload.text.len(),
            "{twin}"
        );
    }
}

#[test]
fn only_an_event_that_nobody_knows_is_called_as_its_server_likes() {
    let hostile = Hostile::new(wish(Part::Texts));
    let payload = json::write(&hostile.text("any").into());
    for (frame, made) in [
        (r#"42["no:such",1]"#, format!("42[{payload},1]")),
        (
            r#"42["media_update",1]"#,
            r#"42["media_update",1]"#.to_owned(),
        ),
        (r#"42["cut"#, r#"42["cut"#.to_owned()),
        ("3probe", "3probe".to_owned()),
    ] {
        assert_eq!(hostile.frame(frame), made);
    }
}

#[test]
fn half_of_a_surrogate_pair_is_sent_as_one() {
    let value = Value::object([("name", "cut \u{FFFD}".into())]);

    assert_eq!(wire(&value), r#"{"name":"cut \ud800"}"#);
    assert_eq!(json::parse(&wire(&value)), Ok(value));
}

#[test]
fn a_wish_is_read_as_it_is_written() {
    for (text, is_one) in [
        ("0-texts", true),
        ("199-codes-harmless", true),
        ("each-texts", true),
        ("texts", false),
        ("0-words-harmful", false),
        ("0-words-harmless-x", false),
        ("-1-texts", false),
    ] {
        let wish = Wish::parse(text);

        assert_eq!(wish.is_some(), is_one, "{text}");
        assert_eq!(wish.map(Wish::name), wish.map(|_| text.to_owned()));
    }
}

fn wish(part: Part) -> Wish {
    Wish {
        number: Some(0),
        part,
        is_harmless: false,
    }
}

fn scope(id: &str) -> telltale::domain::fact::Scope {
    let id = telltale::domain::MediaId::new(id).expect("an id of bounded length");
    telltale::domain::fact::Scope::Media(id)
}

/// Everything that a fixture has a server say, under the kind of server.
fn fixtures() -> Vec<(String, Value)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut all = Vec::new();
    for kind in Kind::ALL {
        let kind = kind.name();
        for file in std::fs::read_dir(root.join(kind)).expect("each backend has fixtures") {
            let path = file.expect("a file").path();
            let text = std::fs::read_to_string(&path).expect("a text");
            let values = match path.extension().is_some_and(|ending| ending == "jsonl") {
                true => text
                    .lines()
                    .map(|line| json::parse(line).unwrap())
                    .collect(),
                false => vec![json::parse(&text).unwrap()],
            };
            all.extend(values.into_iter().map(|value| (kind.to_owned(), value)));
        }
    }
    all
}

/// What a server says of it: not our own words around it, and not the names of events.
fn sayings(of: &Value) -> Value {
    let mut said = vec![of.get("snapshot").clone()];
    said.extend(of.get("args").as_array().iter().cloned());
    let replies = |of: &Value| -> Vec<Value> {
        let replies = of.as_object().iter();
        replies
            .map(|(_, reply)| reply.as_array()[1].clone())
            .collect()
    };
    let payloads = |event: &Value| event.as_array().get(1..).unwrap_or_default().to_vec();
    said.extend(replies(of.get("before")));
    for step in of.get("steps").as_array() {
        said.extend(replies(step.get("rest")));
        said.extend(payloads(step.get("event")));
        for (_, answer) in step.get("emits").as_object() {
            said.extend(payloads(answer));
        }
        said.extend(step.get("upload").get("answer").as_array().get(1).cloned());
    }
    Value::Array(said)
}

/// Each text with its field, and what became of it.
fn collect(
    field: &str,
    value: &Value,
    made: &[&Value],
    into: &mut Vec<(String, String, Vec<String>)>,
) {
    match value {
        Value::String(text) => {
            let made = made
                .iter()
                .map(|made| made.as_str().unwrap_or_default().to_owned());
            into.push((field.to_owned(), text.clone(), made.collect()));
        }
        Value::Array(values) => {
            for (at, value) in values.iter().enumerate() {
                let made: Vec<_> = made.iter().map(|made| &made.as_array()[at]).collect();
                collect(field, value, &made, into);
            }
        }
        Value::Object(members) => {
            for (at, (name, value)) in members.iter().enumerate() {
                let made: Vec<_> = made.iter().map(|made| &made.as_object()[at].1).collect();
                collect(name, value, &made, into);
            }
        }
        _ => {}
    }
}
