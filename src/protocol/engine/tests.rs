//! One session at a time, without a layer above it.

use super::*;
use crate::protocol::config::Config;

const OPEN: &str = r#"0{"sid":"e1","pingInterval":25000,"pingTimeout":20000}"#;

// G01, G02, G03, G04, G05, H10, B21
#[test]
fn frames_mean_what_the_protocol_says() {
    for (frame, news) in [
        ("2", Some(News::Ping)),
        ("2probe", Some(News::Ping)),
        ("3", None),
        ("3probe", None),
        ("5", None),
        ("6", None),
        ("1", None),
        ("4x", Some(News::Message(text("x")))),
        ("bAQI=", Some(News::Message(Frame::Binary(vec![1, 2])))),
        ("0{}", Some(lost(ProtocolError::SecondHandshake))),
        ("9", Some(lost(ProtocolError::UnknownEnginePacket('9')))),
        ("", Some(lost(ProtocolError::EmptyFrame))),
    ] {
        let mut rig = Rig::opened();

        assert_eq!(rig.receive(frame).first(), news.as_ref(), "{frame}");
    }
}

// H09
#[test]
fn before_the_handshake_there_is_no_message_and_no_heartbeat() {
    let mut rig = Rig::new();

    for frame in [r#"42["pre"]"#, "2"] {
        assert_eq!(rig.receive(frame), []);
    }
    assert_eq!(rig.engine.deadline(), rig.engine.opening_until());
    assert_eq!(rig.receive(OPEN), [News::Opened]);
    assert_eq!(rig.engine.deadline(), Some(at(35_000)));
}

#[test]
fn nothing_is_heard_after_the_end() {
    let mut rig = Rig::opened();
    assert_eq!(rig.receive("9").len(), 1);
    rig.engine.abort(&mut rig.outbox);

    assert_eq!(rig.receive("4x"), []);
    assert_eq!(rig.engine.deadline(), None);
}

struct Rig {
    engine: Engine,
    outbox: Outbox,
}

impl Rig {
    fn new() -> Self {
        let mut outbox = Outbox::new(1);
        let config = Config::new("http://h").unwrap();
        let engine = Engine::open(&config, Memory::default(), at(0), &mut outbox);
        Self { engine, outbox }
    }

    fn opened() -> Self {
        let mut rig = Self::new();
        assert_eq!(rig.receive(OPEN), [News::Opened]);
        rig
    }

    fn receive(&mut self, frame: &str) -> Vec<News> {
        if let Some(transport) = self.engine.transport_id() {
            self.engine
                .handle_frame(transport, text(frame), at(0), &mut self.outbox);
        }
        std::iter::from_fn(|| self.engine.poll_news(at(0), &mut self.outbox)).collect()
    }
}

fn lost(error: ProtocolError) -> News {
    News::Lost(broken(error))
}

fn text(text: &str) -> Frame {
    Frame::Text(text.into())
}

fn at(millis: u64) -> Instant {
    Instant::from_millis(millis)
}
