//! The client for applications, against a plain Socket.IO server.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use telltale::json::typed::Bytes;
use telltale::json::Value;
use telltale::protocol::{AckError, Config, DisconnectReason, EmitError, State, TransportKind};
use telltale::web::socket_io::{self, Builder, Error, Socket, Subscription};
use wasm_bindgen_test::wasm_bindgen_test;

use super::{text_of, until};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Progress {
    percent: f64,
    note: Option<String>,
}

/// What listeners wrote down.
#[derive(Clone, Default)]
struct Heard(Rc<RefCell<Vec<String>>>);

impl Heard {
    fn write(&self, line: impl Into<String>) {
        self.0.borrow_mut().push(line.into());
    }

    fn lines(&self) -> Vec<String> {
        self.0.borrow().clone()
    }

    async fn has(&self, line: &str) {
        until(line, || self.0.borrow().iter().any(|heard| heard == line)).await;
    }
}

// E19
#[wasm_bindgen_test]
async fn events_are_of_the_applications_own_types() {
    let socket = connected().await;
    let progress = Progress {
        percent: 40.0,
        note: None,
    };
    let heard = Heard::default();
    let (all, first) = (heard.clone(), heard.clone());
    let expected = progress.clone();
    let _all = socket.on("echo", move |(media, progress): (String, Progress)| {
        assert_eq!(progress, expected);
        all.write(format!("all {media}"));
    });
    let _first = socket.on("echo", move |media: String| {
        first.write(format!("first {media}"))
    });

    socket.emit("echo", ("m1", &progress)).unwrap();

    heard.has("first m1").await;
    assert_eq!(heard.lines(), ["all m1", "first m1"]);
}

#[wasm_bindgen_test]
async fn an_answer_is_awaited_as_a_type() {
    let socket = connected().await;

    let echoed: (String, u32) = socket.emit_with_ack("echo", ("a", 7)).await.unwrap();
    assert_eq!(echoed, ("a".to_owned(), 7));
    let nothing: () = socket.emit_with_ack("echo", ()).await.unwrap();
    assert_eq!(nothing, ());
    let wrong = socket.emit_with_ack::<u8>("echo", "text").await;
    assert!(matches!(wrong, Err(Error::Payload(_))), "{wrong:?}");
    let silence = socket.timeout(Duration::from_millis(50));
    let silence = silence.emit_with_ack::<()>("silence", ()).await;
    assert_eq!(silence, Err(Error::Ack(AckError::Timeout)));
    let reserved = socket.emit_with_ack::<()>("connect", ()).await;
    assert_eq!(reserved, Err(Error::Emit(EmitError::ReservedEvent)));
}

#[wasm_bindgen_test]
async fn an_answer_that_is_not_awaited_any_more_frees_its_place() {
    let socket = connected().await;

    let waiting = socket.emit_with_ack::<()>("silence", ());
    assert_eq!(socket.buffers().acks, 1);
    drop(waiting);

    assert_eq!(socket.buffers().acks, 0);
}

#[wasm_bindgen_test]
async fn attachments_arrive_as_bytes_on_both_sides() {
    for transports in [vec![TransportKind::WebSocket], vec![TransportKind::Polling]] {
        let mut config = Config::new(&echo().await).unwrap();
        config.transports.order = transports;
        let socket = Builder::of(config).connect();
        let bytes = Bytes::from((0..=255).collect::<Vec<u8>>());

        let (is_buffer, back): (bool, Bytes) =
            socket.emit_with_ack("is buffer", &bytes).await.unwrap();

        assert!(is_buffer);
        assert_eq!(back, bytes);
    }
}

#[wasm_bindgen_test]
async fn a_servers_question_is_answered() {
    let socket = connected().await;
    let heard = Heard::default();
    let answers = heard.clone();
    let _question = socket.on_request("question", |number: u32| (number + 1, "because"));
    let _answered = socket.on("answered", move |(number, why): (u32, String)| {
        answers.write(format!("{number} {why}"));
    });

    socket.emit("ask me", 41).unwrap();

    heard.has("42 because").await;
}

#[wasm_bindgen_test]
async fn namespaces_share_a_connection_and_have_their_own_auth() {
    let socket = connected().await;
    let heard = Heard::default();
    let welcomed = heard.clone();
    let opens = socket.counters().opens;

    let chat = socket.namespace("/chat").unwrap();
    let chat = chat.auth(Value::object([("name", "Ada".into())])).connect();
    let _welcome = chat.on_raw("welcome", move |args, _| {
        welcomed.write(args[0].get("name").as_str().unwrap_or_default());
    });

    heard.has("Ada").await;
    assert_eq!(socket.counters().opens, opens);
    assert_ne!(chat.id(), socket.id());
    drop(chat);
    let echoed: String = socket.emit_with_ack("echo", "still").await.unwrap();
    assert_eq!(echoed, "still");
}

#[wasm_bindgen_test]
async fn a_token_that_was_refused_is_renewed_by_the_provider() {
    let asked = Heard::default();
    let asks = asked.clone();
    let url = format!("{}/guarded", echo().await);
    let socket = Builder::new(&url).unwrap().auth_provider(move |refusal| {
        let token = if refusal.is_some() { "fresh" } else { "stale" };
        asks.write(refusal.map(|refusal| refusal.message).unwrap_or_default());
        async move { Ok(Some(Value::object([("token", token.into())]))) }
    });

    let socket = socket.connect();

    until("it is admitted", || socket.is_connected()).await;
    assert_eq!(asked.lines(), ["", "expired"]);
}

#[wasm_bindgen_test]
async fn a_refusal_is_a_state_and_the_way_back_is_connect() {
    let url = format!("{}/guarded", echo().await);
    let socket = Builder::new(&url).unwrap();
    let socket = socket
        .auth(Value::object([("token", "old".into())]))
        .connect();

    until("it is refused", || {
        matches!(socket.state(), State::Refused(_))
    })
    .await;
    let State::Refused(refusal) = socket.state() else {
        unreachable!()
    };
    assert_eq!(refusal.message, "expired");
    assert_eq!(refusal.data.get("token").as_str(), Some("old"));

    socket.set_auth(Value::object([("token", "fresh".into())]));
    socket.connect();
    until("it is admitted", || socket.is_connected()).await;
}

#[wasm_bindgen_test]
async fn where_it_stands_is_told_and_a_session_is_recovered() {
    let heard = Heard::default();
    let socket = connected().await;
    let id = socket.id();
    let (connects, losses, states, told) =
        (heard.clone(), heard.clone(), heard.clone(), heard.clone());
    let _connects = socket.on_connect(move |_, recovered| {
        connects.write(if recovered { "recovered" } else { "connected" });
    });
    let _losses = socket.on_disconnect(move |reason| losses.write(reason.as_str()));
    let _states = socket.on_state(move |state| {
        let name = format!("{state:?}");
        states.write(name.split([' ', '{', '(']).next().unwrap_or_default());
    });
    let _told = socket.on("told", move |text: String| told.write(text));
    // An offset comes with the first event only.
    socket.emit("echo", "first").unwrap();
    let _: () = socket.emit_with_ack("echo", ()).await.unwrap();

    socket.emit("cut and tell", "while away").unwrap();

    heard.has("Connected").await;
    assert_eq!(
        heard.lines(),
        [
            "transport close",
            "Waiting",
            "Opening",
            "Connecting",
            "while away",
            "recovered",
            "Connected"
        ]
    );
    assert_eq!(socket.id(), id);
}

#[wasm_bindgen_test]
async fn a_listener_may_do_anything_with_its_socket() {
    let socket = connected().await;
    let heard = Heard::default();
    let mine: Rc<RefCell<Vec<Subscription>>> = Rc::default();
    let (weak, lines, own) = (socket.downgrade(), heard.clone(), mine.clone());
    let first = socket.on("echo", move |count: u32| {
        let socket = weak.upgrade().unwrap();
        lines.write(format!("first {count}"));
        let later = lines.clone();
        let added = socket.on("echo", move |count: u32| {
            later.write(format!("added {count}"))
        });
        socket.emit("echo", count + 1).unwrap();
        // Its own subscription and the next one's.
        own.borrow_mut().clear();
        own.borrow_mut().push(added);
        socket.off("nothing");
        assert!(socket.is_connected());
    });
    let lines = heard.clone();
    let second = socket.on("echo", move |count: u32| {
        lines.write(format!("second {count}"))
    });
    mine.borrow_mut().extend([first, second]);

    socket.emit("echo", 1).unwrap();

    heard.has("added 2").await;
    assert_eq!(heard.lines(), ["first 1", "added 2"]);
}

// E16
#[wasm_bindgen_test]
async fn what_is_off_still_hears_the_event_that_is_being_told() {
    let socket = connected().await;
    let heard = Heard::default();
    let (weak, first, second) = (socket.downgrade(), heard.clone(), heard.clone());
    socket
        .on("echo", move |text: String| {
            first.write(format!("first {text}"));
            weak.upgrade().unwrap().off("echo");
        })
        .keep();
    socket
        .on("echo", move |text: String| {
            second.write(format!("second {text}"))
        })
        .keep();

    socket.emit("echo", "a").unwrap();
    socket.emit("echo", "b").unwrap();
    let _: () = socket.emit_with_ack("echo", ()).await.unwrap();

    assert_eq!(heard.lines(), ["first a", "second a"]);
}

#[wasm_bindgen_test]
async fn catch_all_listeners_come_first_and_once_is_once() {
    let socket = connected().await;
    let heard = Heard::default();
    let (any, out, once) = (heard.clone(), heard.clone(), heard.clone());
    let _once = socket.once("echo", move |text: String| {
        once.write(format!("once {text}"))
    });
    let _any = socket.on_any(move |event, args| {
        any.write(format!(
            "any {event} {}",
            args[0].as_str().unwrap_or_default()
        ));
    });
    let _out = socket.on_any_outgoing(move |event, args| {
        out.write(format!(
            "out {event} {}",
            args[0].as_str().unwrap_or_default()
        ));
    });

    socket.emit("echo", "a").unwrap();
    socket.emit("echo", "b").unwrap();

    heard.has("any echo b").await;
    let expected = [
        "out echo a",
        "out echo b",
        "any echo a",
        "once a",
        "any echo b",
    ];
    assert_eq!(heard.lines(), expected);
}

#[wasm_bindgen_test]
async fn what_is_of_another_shape_is_told_and_the_others_hear_it() {
    let socket = connected().await;
    let heard = Heard::default();
    let (malformed, well) = (heard.clone(), heard.clone());
    let _malformed = socket.on_malformed(move |told| {
        malformed.write(format!("{}: {}", told.event, told.error));
    });
    let _wrong = socket.on("echo", |_: Progress| unreachable!());
    let _well = socket.on("echo", move |text: String| well.write(text));

    socket.emit("echo", "a text").unwrap();

    heard.has("a text").await;
    let expected = r#"echo: invalid type: string "a text", expected struct Progress"#;
    assert_eq!(heard.lines(), [expected, "a text"]);
}

#[wasm_bindgen_test]
async fn volatile_is_now_or_never() {
    let socket = socket_io::connect(&echo().await).unwrap();

    let result = socket.volatile().emit("echo", "lost");
    assert_eq!(result, Err(Error::Emit(EmitError::NotConnected)));

    until("it is connected", || socket.is_connected()).await;
    let echoed: String = socket
        .volatile()
        .emit_with_ack("echo", "now")
        .await
        .unwrap();
    assert_eq!(echoed, "now");
}

#[wasm_bindgen_test]
async fn what_is_emitted_before_the_connection_goes_out_before_it_is_told() {
    let socket = socket_io::connect(&echo().await).unwrap();
    let heard = Heard::default();
    let (weak, echoes) = (socket.downgrade(), heard.clone());
    let _connect = socket.on_connect(move |_, _| {
        weak.upgrade().unwrap().emit("echo", "second").unwrap();
    });
    let _echo = socket.on("echo", move |text: String| echoes.write(text));

    socket.emit("echo", "first").unwrap();

    heard.has("second").await;
    assert_eq!(heard.lines(), ["first", "second"]);
}

// L06
#[wasm_bindgen_test]
async fn the_last_handle_ends_the_connection_whenever_it_is_dropped() {
    let witness = connected().await;
    for transport in [TransportKind::WebSocket, TransportKind::Polling] {
        let mut config = Config::new(&echo().await).unwrap();
        config.transports.order = vec![transport];
        drop(Builder::of(config.clone()).connect());
        let socket = Builder::of(config).connect();
        until("it is connected", || socket.is_connected()).await;
        let id = socket.id().unwrap();
        let alive = Rc::new(Cell::new(()));
        let kept = alive.clone();
        socket.on("echo", move |(): ()| kept.set(())).keep();
        let waiting = socket.emit_with_ack::<()>("silence", ());
        assert!(present(&witness).await.contains(&id));

        drop(socket);

        assert_eq!(Rc::strong_count(&alive), 1, "the listener is gone");
        assert_eq!(waiting.await, Err(Error::Ack(AckError::Disconnected)));
        for _ in 0..100 {
            if !present(&witness).await.contains(&id) {
                break;
            }
        }
        assert!(!present(&witness).await.contains(&id), "{transport:?}");
    }
}

#[wasm_bindgen_test]
async fn a_server_that_throws_us_out_is_told_so() {
    let mut config = Config::new(&echo().await).unwrap();
    config.reconnection.after_server_disconnect = None;
    let socket = Builder::of(config).connect();
    until("it is connected", || socket.is_connected()).await;

    socket.emit("throw me out", ()).unwrap();

    let ended = State::Ended(DisconnectReason::ServerDisconnect);
    until("it is out", || socket.state() == ended).await;
    socket.connect();
    until("it is connected", || socket.is_connected()).await;
}

async fn present(witness: &Socket) -> Vec<String> {
    witness.emit_with_ack("who is there", ()).await.unwrap()
}

async fn connected() -> Socket {
    let socket = socket_io::connect(&echo().await).unwrap();
    until("it is connected", || socket.is_connected()).await;
    socket
}

async fn echo() -> String {
    text_of("/target/browser-test-echo").await
}
