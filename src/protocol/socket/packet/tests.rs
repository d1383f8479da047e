//! What is read, what is refused, what is written, and that the two agree.

use super::*;
use proptest::prelude::*;

#[test]
fn packets_are_read_and_written_as_the_protocol_says() {
    for (text, packet) in [
        ("0", packet(Body::Connect(None))),
        (
            r#"0{"token":"123"}"#,
            packet(Body::Connect(Some(
                json::parse(r#"{"token":"123"}"#).unwrap(),
            ))),
        ),
        (
            "0/a,",
            Packet {
                namespace: "/a".into(),
                ..packet(Body::Connect(None))
            },
        ),
        ("1", packet(Body::Disconnect)),
        (
            "1/a,",
            Packet {
                namespace: "/a".into(),
                ..packet(Body::Disconnect)
            },
        ),
        (
            r#"2["x",1,"2",{"3":[true]}]"#,
            event("x", r#"[1,"2",{"3":[true]}]"#),
        ),
        (
            r#"213["ev"]"#,
            Packet {
                ack: Some(13),
                ..event("ev", "[]")
            },
        ),
        (
            r#"2/é,7["x"]"#,
            Packet {
                namespace: "/é".into(),
                ack: Some(7),
                ..event("x", "[]")
            },
        ),
        (
            r#"29007199254740991["x"]"#,
            Packet {
                ack: Some(MAX_ACK_ID),
                ..event("x", "[]")
            },
        ),
        (r#"2[""]"#, event("", "[]")),
        (r#"2["error"]"#, event("error", "[]")),
        (r#"2["ping"]"#, event("ping", "[]")),
        (
            r#"2["p",{"_placeholder":true,"num":0}]"#,
            event("p", r#"[{"_placeholder":true,"num":0}]"#),
        ),
        (
            "313[]",
            Packet {
                ack: Some(13),
                ..packet(Body::Ack(vec![]))
            },
        ),
        ("3[]", packet(Body::Ack(vec![]))),
        (
            r#"4/nope,{"message":"Invalid namespace","data":null}"#,
            Packet {
                namespace: "/nope".into(),
                ..packet(Body::ConnectError(Refusal {
                    message: "Invalid namespace".into(),
                    data: Value::Null,
                }))
            },
        ),
    ] {
        assert_eq!(Packet::decode(text, 10), Ok((packet.clone(), 0)), "{text}");
        assert_eq!(packet.encode(10).unwrap().text, text);
    }
}

#[test]
fn what_can_be_read_more_than_one_way_is_read_leniently() {
    for (text, packet) in [
        (
            "1/a",
            Packet {
                namespace: "/a".into(),
                ..packet(Body::Disconnect)
            },
        ),
        ("0/", packet(Body::Connect(None))),
        (r#"2[5,"n"]"#, event("5", r#"["n"]"#)),
        (r#"2["a"] "#, event("a", "[]")),
        ("4", packet(Body::ConnectError(Refusal::default()))),
        (
            r#"4"plain""#,
            packet(Body::ConnectError(Refusal {
                message: "plain".into(),
                data: Value::Null,
            })),
        ),
        (
            r#"4{"message":7,"data":{"content":"retry"}}"#,
            packet(Body::ConnectError(Refusal {
                message: String::new(),
                data: json::parse(r#"{"content":"retry"}"#).unwrap(),
            })),
        ),
    ] {
        assert_eq!(Packet::decode(text, 10), Ok((packet, 0)), "{text}");
    }
}

#[test]
fn what_is_no_packet_is_an_error() {
    use ProtocolError::{
        AckId, AttachmentCount, EmptyPacket, Payload, ReservedEvent, UnknownPacket,
    };
    for (text, error) in [
        ("", EmptyPacket),
        (r#"7["a"]"#, UnknownPacket('7')),
        (r#"/nsp,["a"]"#, UnknownPacket('/')),
        ("2", Payload("EVENT")),
        ("2[]", Payload("EVENT")),
        ("2{}", Payload("EVENT")),
        (r#"2"a""#, Payload("EVENT")),
        ("2[null]", Payload("EVENT")),
        ("2[true]", Payload("EVENT")),
        ("2[1e400]", Payload("EVENT")),
        (r#"2[{"toString":"foo"}]"#, Payload("EVENT")),
        (r#"2["connect"]"#, ReservedEvent),
        (r#"2["disconnecting"]"#, ReservedEvent),
        (r#"2 ["sp"]"#, Payload("a packet")),
        ("2\n[\"x\"]", Payload("a packet")),
        (r#"2-1["n"]"#, Payload("a packet")),
        (r#"21.5["f"]"#, Payload("a packet")),
        (r#"20x["a"]"#, Payload("a packet")),
        (r#"2٣["a"]"#, Payload("a packet")),
        (r#"29007199254740992["a"]"#, AckId),
        (r#"299999999999999999999["a"]"#, AckId),
        (r#"0"x""#, Payload("CONNECT")),
        ("0[]", Payload("CONNECT")),
        ("1{}", Payload("DISCONNECT")),
        ("31", Payload("ACK")),
        ("31{}", Payload("ACK")),
        ("4[]", Payload("CONNECT_ERROR")),
        ("5", AttachmentCount),
        (r#"5["a"]"#, AttachmentCount),
        (r#"5-["a"]"#, AttachmentCount),
        (r#"50-["a"]"#, AttachmentCount),
        (r#"511-["a"]"#, AttachmentCount),
        (r#"599999999999999999999-["a"]"#, AttachmentCount),
        ("5a-", AttachmentCount),
        ("51.23-", AttachmentCount),
        (r#"5+1-["a"]"#, AttachmentCount),
        (r#"51e0-["a"]"#, AttachmentCount),
        (r#"5 1-["a"]"#, AttachmentCount),
    ] {
        assert_eq!(Packet::decode(text, 10).map(|_| ()), Err(error), "{text}");
    }
    for text in [r#"2["a"]x"#, r#"2["a""#, "2[abc]", "2{not json}"] {
        assert!(
            matches!(Packet::decode(text, 10), Err(ProtocolError::Json(_))),
            "{text}"
        );
    }
    let deep = ["2[\"a\",", &"[".repeat(100_000)].concat();
    assert_eq!(
        Packet::decode(&deep, 10).map(|_| ()),
        Err(ProtocolError::Json(json::Error::TooDeep))
    );
}

#[test]
fn attachments_are_taken_out_in_order() {
    let (one, two) = (bytes(&[1]), bytes(&[2]));
    let args = vec![Value::object([
        ("a", one.clone()),
        ("b", Value::Array(vec![one, Value::object([("c", two)])])),
    ])];

    let encoded = Packet {
        ack: Some(0),
        ..packet(Body::Event {
            event: "bin".into(),
            args,
        })
    }
    .encode(10)
    .unwrap();

    assert_eq!(
        encoded.text,
        r#"53-0["bin",{"a":{"_placeholder":true,"num":0},"b":[{"_placeholder":true,"num":1},{"c":{"_placeholder":true,"num":2}}]}]"#
    );
    let sent: Vec<_> = encoded.attachments.iter().map(|bytes| bytes[0]).collect();
    assert_eq!(sent, [1, 1, 2]);
}

#[test]
fn what_a_server_would_close_on_is_refused_before_it_is_sent() {
    let placeholder = json::parse(r#"{"_placeholder":true}"#).unwrap();
    let mut deep = Value::Null;
    for _ in 0..=json::MAX_DEPTH {
        deep = Value::Array(vec![deep]);
    }
    for (args, error) in [
        (vec![bytes(&[]); 10], None),
        (
            vec![bytes(&[]); 11],
            Some(EmitError::TooManyAttachments(11)),
        ),
        (vec![placeholder.clone()], None),
        (
            vec![bytes(&[]), placeholder],
            Some(EmitError::ReservedShape),
        ),
        (vec![deep], Some(EmitError::TooDeep)),
    ] {
        let packet = packet(Body::Event {
            event: "e".into(),
            args,
        });

        assert_eq!(packet.encode(10).err(), error);
    }
}

#[test]
fn a_placeholder_names_an_attachment_or_is_an_error() {
    for (num, ok) in [
        (r#","num":0"#, true),
        (r#","num":1"#, true),
        (r#","num":2"#, false),
        (r#","num":-1"#, false),
        (r#","num":0.5"#, false),
        (r#","num":"0""#, false),
        (r#","num":"splice""#, false),
        ("", false),
    ] {
        let text = ["52-[\"e\",[{\"_placeholder\":true", num, "}]]"].concat();
        let (mut packet, count) = Packet::decode(&text, 10).unwrap();

        let filled = packet.fill_in(&[Arc::from([7]), Arc::from([8])]);

        assert_eq!((count, filled.is_ok()), (2, ok), "{num}");
    }
}

proptest! {
    #![proptest_config(crate::protocol::reproducible())]

    #[test]
    fn any_text_is_a_packet_or_an_error(text in "[0-6][0-9]{0,3}-?(/[a-z]{0,3},)?[0-9]{0,20}\\PC{0,40}") {
        if let Ok((packet, 0)) = Packet::decode(&text, 10) {
            let written = packet.clone().encode(10).unwrap();
            prop_assert_eq!(Packet::decode(&written.text, 10), Ok((packet, 0)));
        }
    }

    #[test]
    fn a_packet_survives_being_written_and_read(
        namespace in "/[a-zé]{0,4}",
        ack in proptest::option::of(0..=MAX_ACK_ID),
        event in "[a-z:€\"]{1,8}x",
        args in proptest::collection::vec(value(), 0..4),
    ) {
        let packet = Packet { namespace: namespace.into(), ack, body: Body::Event { event, args } };

        let Ok(written) = packet.clone().encode(10) else { return Ok(()) };
        let (mut read, count) = Packet::decode(&written.text, 10).unwrap();
        read.fill_in(&written.attachments).unwrap();

        prop_assert_eq!(count, written.attachments.len());
        prop_assert_eq!(read, packet);
    }
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i32>().prop_map(|number| Value::Number(f64::from(number))),
        any::<String>().prop_map(Value::String),
        proptest::collection::vec(any::<u8>(), 0..8).prop_map(|bytes| Value::Bytes(bytes.into())),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            proptest::collection::btree_map("[a-z]{1,4}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn packet(body: Body) -> Packet {
    Packet {
        namespace: MAIN,
        ack: None,
        body,
    }
}

fn event(event: &str, args: &str) -> Packet {
    let args = json::parse(args).unwrap().as_array().to_vec();
    packet(Body::Event {
        event: event.to_owned(),
        args,
    })
}

fn bytes(bytes: &[u8]) -> Value {
    Value::Bytes(Arc::from(bytes))
}
