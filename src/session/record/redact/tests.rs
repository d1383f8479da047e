use super::*;
use proptest::prelude::*;

const TOKEN: &str = "s3cr3t-t0k3n/with+signs=";

#[test]
fn a_secret_is_taken_out_of_every_place_in_which_it_can_stand() {
    for (text, clean) in [
        // What proves who we are, in CONNECT and in the answer to signing in.
        (r#"40{"token":"abc"}"#, r#"40{"token":"redacted"}"#),
        (
            r#"40/chat,{"token":"abc","n":1.50}"#,
            r#"40/chat,{"token":"redacted","n":1.50}"#,
        ),
        (
            r#"{"data":{"accessToken" : "a.b","refresh_token":"c"}}"#,
            r#"{"data":{"accessToken" : "redacted","refresh_token":"redacted"}}"#,
        ),
        (
            r#"{"X-Api-Key":"k","client_secret":"s","JWT":"j"}"#,
            r#"{"X-Api-Key":"redacted","client_secret":"redacted","JWT":"redacted"}"#,
        ),
        (
            r#"{"secretKey":"s","aws_access_key":"a","userPwd":"p","pwd":7}"#,
            r#"{"secretKey":"redacted","aws_access_key":"redacted","userPwd":"redacted","pwd":"redacted"}"#,
        ),
        (
            r#"{"email":"ada@x.test","password":"p\"w","otp":123456}"#,
            r#"{"email":"redacted","password":"redacted","otp":"redacted"}"#,
        ),
        (
            r#"{"E-Mail":"a@x.test","userEmailAddress":"b@x.test","mail":["c@x.test"],"n":1}"#,
            r#"{"E-Mail":"redacted","userEmailAddress":"redacted","mail":"redacted","n":1}"#,
        ),
        (
            r#"{"headers":{"Authorization":"Bearer a b","Set-Cookie":["a=1","b=2"]}}"#,
            r#"{"headers":{"Authorization":"redacted","Set-Cookie":"redacted"}}"#,
        ),
        (
            r#"{"credentials":{"user":"u","x":["}",2]},"y":1}"#,
            r#"{"credentials":"redacted","y":1}"#,
        ),
        // JSON in a string of JSON.
        (
            r#"42["e","{\"token\":\"abc\",\"n\":1}"]"#,
            r#"42["e","{\"token\":\"redacted\",\"n\":1}"]"#,
        ),
        // Cut off, or no JSON at all.
        (r#"{"token":"abc"#, r#"{"token":"redacted""#),
        (r#"{"token":abc}"#, r#"{"token":"redacted"}"#),
        (r#"{"secret":["abc",{"#, r#"{"secret":"redacted""#),
        // Addresses, headers and cookies.
        (
            "/socket.io/?EIO=4&token=a%2Fb&x=1",
            "/socket.io/?EIO=4&token=redacted&x=1",
        ),
        (
            "https://u:p@host.test/x?access_token=abc#y",
            "https://redacted@host.test/x?access_token=redacted#y",
        ),
        // Who has the signature has what it is an address of.
        (
            "https://h/a.mp4?X-Amz-Date=1&X-Amz-Signature=ab12&x=1",
            "https://h/a.mp4?X-Amz-Date=1&X-Amz-Signature=redacted&x=1",
        ),
        (
            "https://h/a.mp4?sp=r&sig=a%2Fb%3D",
            "https://h/a.mp4?sp=r&sig=redacted",
        ),
        (
            "X-Api-Key: k1\nx-auth-token:t1\nx: 1",
            "X-Api-Key: redacted\nx-auth-token:redacted\nx: 1",
        ),
        // As Python writes an object.
        (
            r#"{"detail":"{'Authorization': 'Token abc', 'access_token':'d e', 'n': 1}"}"#,
            r#"{"detail":"{'Authorization': 'redacted', 'access_token':'redacted', 'n': 1}"}"#,
        ),
        (
            "Authorization: Basic dTpw\nx: 1",
            "Authorization: redacted\nx: 1",
        ),
        ("Cookie: a=1; b=2", "Cookie: redacted"),
        ("theme=dark; jwt=abc; x=1", "theme=dark; jwt=redacted; x=1"),
        // Behind an escape, whose letter is none of the name: a server that says which headers came.
        (
            r#"{"error":"GET /x\r\nAuthorization: Basic dTpw\r\nCookie: a=1\r\nHost: h"}"#,
            r#"{"error":"GET /x\r\nAuthorization: redacted\r\nCookie: redacted\r\nHost: h"}"#,
        ),
        (
            r#"["sent:\nBearer abcdefgh\tx","\neyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"]"#,
            r#"["sent:\nBearer redacted\tx","\nredacted"]"#,
        ),
        // Wherever it is, by its look.
        (
            "sent Bearer abcdefgh/ij+k= there",
            "sent Bearer redacted there",
        ),
        (
            r#"["note","eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"]"#,
            r#"["note","redacted"]"#,
        ),
    ] {
        let mut redactor = Redactor::default();

        assert_eq!(redactor.text(text, Place::Text).0, clean, "{text}");
    }
}

#[test]
fn what_is_no_secret_stays_to_the_letter() {
    for text in [
        r#"42["media_update",{"id":"m1","score":65.0,"name":"a@b.mp4","hasToken":true}]"#,
        r#"42["e",{"token":null,"password":"","tokens":12}]"#,
        r#"451-["video-frame",{"_placeholder":true,"num":0}]"#,
        "Invalid token: expired. Bearer token missing.",
        "the field 'token': missing, 'password' : it is short",
        r#"{"design":"x","X-Request-Id: 7":"y","said":"a\nb"}"#,
        r#"{"sid":"S1","pid":7,"tokenless":"x"}"#,
        "2probe",
        "{\"a\": \"\\u00e9\\\\\" , \"b\" : [ ] }",
        "\"",
        "",
        "é=ü&=;",
    ] {
        let mut redactor = Redactor::default();

        assert_eq!(redactor.text(text, Place::Text).0, text);
    }
}

#[test]
fn the_mark_of_a_page_is_not_looked_for_in_times_and_ids() {
    let mut redactor = Redactor::default();
    for mark in ["2026", "20261121", "m1", "next"] {
        let list = [r#"{"nextToken":""#, mark, r#""}"#].concat();

        let (clean, new) = redactor.text(&list, Place::Text);

        assert_eq!(clean, r#"{"nextToken":"redacted"}"#);
        assert!(new.is_empty(), "{mark}");
    }
}

#[test]
fn sessions_are_told_apart_by_a_number() {
    let mut redactor = Redactor::default();
    for (text, clean) in [
        (
            r#"0{"sid":"E1","pingInterval":25000}"#,
            r#"0{"sid":"redacted-1","pingInterval":25000}"#,
        ),
        (
            r#"40{"sid":"S1","pid":"P1"}"#,
            r#"40{"sid":"redacted-2","pid":"redacted-3"}"#,
        ),
        ("?EIO=4&sid=E1", "?EIO=4&sid=redacted-1"),
        (
            r#"40{"sid":"S2","pid":"P1"}"#,
            r#"40{"sid":"redacted-4","pid":"redacted-3"}"#,
        ),
    ] {
        assert_eq!(redactor.text(text, Place::Session).0, clean);
    }
}

#[test]
fn a_token_that_was_seen_once_is_taken_out_everywhere() {
    let mut redactor = Redactor::default();
    let answer = json::write(&Value::object([("token", TOKEN.into())]));

    let (_, new) = redactor.text(&answer, Place::Text);

    assert_eq!(new.out_of(TOKEN.to_owned()), WORD);
    assert!(redactor.learn(TOKEN).is_empty());
    assert!(redactor.text(&answer, Place::Text).1.is_empty());
    for text in [
        format!(r#"42["server:announcement",{{"message":"hello {TOKEN}!"}}]"#),
        format!("/x?q={}", percent_encoded(TOKEN)),
        json::write(&Value::from(format!(r#"{{"said":"{TOKEN}"}}"#))),
        format!(
            r#""\u{:04x}{}""#,
            u32::from(TOKEN.as_bytes()[0]),
            &TOKEN[1..]
        ),
    ] {
        let (clean, _) = redactor.text(&text, Place::Text);

        assert!(clean.contains(WORD), "{clean}");
        assert!(!clean.contains(TOKEN) && !clean.contains(&percent_encoded(TOKEN)));
    }
    assert!(redactor
        .secrets()
        .are_in(format!("\u{0}{TOKEN}").as_bytes()));
    assert!(!redactor.secrets().are_in(b"anything else"));
}

#[test]
fn only_what_is_new_is_given_back_and_no_more_than_is_remembered() {
    let mut redactor = Redactor::default();
    redactor.learn(TOKEN);
    let tokens = (0..1000).map(|number| format!(r#"{{"token":"seen-number-{number}"}}"#));
    let text: String = tokens.collect();

    let (_, new) = redactor.text(&text, Place::Text);

    assert_eq!(new.0.len(), MAX_SECRETS);
    assert_eq!(new.out_of(TOKEN.to_owned()), TOKEN);
    assert_eq!(new.out_of("seen-number-999".to_owned()), WORD);
}

#[test]
fn a_secret_is_looked_for_once_in_each_way_it_can_be_written() {
    for (secret, ways) in [("0f92ab-c_d.e~f", 1), ("a+b/c=defg", 3), (r#"quo"te\d"#, 4)] {
        assert_eq!(Secret::new(secret, true).ways.len(), ways, "{secret}");
    }
}

#[test]
fn what_a_page_gave_is_not_forgotten_for_what_a_server_says() {
    let mut redactor = Redactor::default();
    let seen_first = "seen-and-then-given";
    let say = |redactor: &mut Redactor, token: &str| {
        redactor.text(&format!(r#"{{"token":"{token}"}}"#), Place::Text);
    };
    redactor.learn(TOKEN);
    say(&mut redactor, seen_first);
    redactor.learn(seen_first);
    for number in 0..2 * MAX_SECRETS {
        say(&mut redactor, &format!("seen-number-{number}"));
    }

    for (said, clean) in [
        (TOKEN, WORD),
        (seen_first, WORD),
        ("seen-number-127", WORD),
        ("seen-number-66", WORD),
        ("seen-number-65", "seen-number-65"),
    ] {
        assert_eq!(redactor.secrets().out_of(said.to_owned()), clean, "{said}");
    }
    assert_eq!(redactor.secrets.0.len(), MAX_SECRETS);
}

#[test]
fn what_a_page_gave_makes_room_only_for_what_it_gives() {
    let mut redactor = Redactor::default();
    for number in 0..=MAX_SECRETS {
        redactor.learn(&format!("given-number-{number:02}"));
    }
    redactor.text(r#"{"token":"seen-at-last"}"#, Place::Text);

    for (said, clean) in [
        ("given-number-00", "given-number-00"),
        ("given-number-01", WORD),
        ("given-number-64", WORD),
        ("seen-at-last", "seen-at-last"),
    ] {
        assert_eq!(redactor.secrets().out_of(said.to_owned()), clean, "{said}");
    }
}

#[test]
fn a_password_is_looked_for_only_where_it_stands_for_one() {
    let mut redactor = Redactor::default();
    redactor.text(r#"{"password":"analysis"}"#, Place::Text);

    let event = r#"42["analysis_started",{"id":"m1"}]"#;

    assert_eq!(redactor.text(event, Place::Text).0, event);
}

#[test]
fn no_more_secrets_are_remembered_than_a_page_can_have() {
    let mut redactor = Redactor::default();
    for number in 0..1000 {
        redactor.learn(&format!("token number {number}"));
        redactor.text(&format!("?sid=s{number}"), Place::Session);
    }

    assert_eq!(redactor.secrets.0.len(), MAX_SECRETS);
    assert_eq!(redactor.sessions.len(), MAX_SESSIONS);
    let (last, _) = redactor.text("?sid=s999", Place::Session);
    assert_eq!(last, "?sid=redacted-1000");
}

proptest! {
    #![proptest_config(proptest::test_runner::Config {
        rng_seed: proptest::test_runner::RngSeed::Fixed(2026),
        failure_persistence: None,
        ..proptest::test_runner::Config::default()
    })]

    #[test]
    fn any_text_is_read_without_panic_and_what_it_teaches_is_in_it_no_more(
        text in "(\"|token|:|=|\\{|\\}|\\[|\\]|,|\\\\|Bearer |eyJ|://|@|sid|\\PC){0,40}",
    ) {
        let mut redactor = Redactor::default();
        let (clean, _) = redactor.text(&text, Place::Session);

        prop_assert_eq!(redactor.secrets().out_of(clean.clone()), clean);
    }

    #[test]
    fn a_token_that_is_known_occurs_in_no_text(
        token in "[!-~]{8,40}",
        before in "\\PC{0,20}",
        after in "\\PC{0,20}",
    ) {
        let mut redactor = Redactor::default();
        redactor.learn(&token);
        for text in [
            [&*before, &token, &after].concat(),
            json::write(&Value::from([&*before, &token, &after].concat())),
        ] {
            let (clean, _) = redactor.text(&text, Place::Text);

            prop_assert!(!clean.contains(&token), "{}", clean);
            if let Ok(Value::String(said)) = json::parse(&clean) {
                prop_assert!(!said.contains(&token), "{}", said);
            }
        }
    }
}
