//! L: the browser's life cycle, workers, and safety.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant as Clock};

use telltale::protocol::engine::packet::Packet as EnginePacket;
use telltale::protocol::socket::decoder::Decoder;
use telltale::protocol::{Config, Frame, Limits, Retries, SocketId};
use telltale::time::Instant;

use crate::peer::Meeting;
use crate::proxy::Proxy;
use crate::runner::{browser, long, peer, soak, Case};
use crate::script::{reconnecting, OPEN};

pub const CASES: &[Case] = &[
    browser("L01", "a reload is a close that the server sees at once"),
    browser("L02", "a page that is left hears no disconnect"),
    browser(
        "L03",
        "a page comes back from the back/forward cache and is connected again",
    ),
    browser("L04", "the client runs in a worker and in a shared one"),
    browser("L05", "a service worker may hold it without a warning"),
    browser(
        "L06",
        "a client that is dropped leaves nothing, whatever it was doing",
    ),
    browser("L07", "a strict content security policy is enough"),
    long(
        "L08",
        "ten million spoilt frames are read without harm",
        l08,
    ),
    peer(
        "L09",
        "packets mean the same to the reference's parsers",
        l09,
    ),
    peer(
        "L10",
        "over a bad network each message is answered once",
        l10,
    ),
];

/// Through both decoders, in sequences, as a hostile server would send them. What they make of a frame is compared
/// with the reference's parsers in L09.
fn l08() {
    const FRAMES: u64 = 10_000_000;
    let workers = std::thread::available_parallelism().map_or(2, |count| count.get() as u64);
    std::thread::scope(|scope| {
        for worker in 0..workers {
            scope.spawn(move || spoil(worker, FRAMES / workers + 1));
        }
    });
}

fn spoil(seed: u64, frames: u64) {
    let good: Vec<Vec<u8>> = [
        OPEN,
        "2probe",
        "40",
        r#"40/a,{"sid":"S1","pid":"P1"}"#,
        "41/a,",
        r#"42["x",1,"2",{"3":[true,null,-1.5e3]}]"#,
        r#"42/a,17["é😀",{"a":"\u001e\ud800"}]"#,
        r#"43/a,17[{"b":[]}]"#,
        r#"44{"message":"no","data":{"content":[1]}}"#,
        r#"452-["b",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#,
        r#"461-7[{"_placeholder":true,"num":0}]"#,
        "bAQIDBA==",
    ]
    .map(|text| text.as_bytes().to_vec())
    .into();
    let mut lots = Lots(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut decoder = Decoder::new(Limits::default());
    let now = Instant::from_millis(0);
    let mut understood = 0;
    for _ in 0..frames {
        let mut bytes = good[lots.below(good.len())].clone();
        for _ in 0..lots.below(4) {
            lots.spoil(&mut bytes);
        }
        let frame = match String::from_utf8(bytes) {
            Ok(text) => Frame::Text(text),
            Err(error) => Frame::Binary(error.into_bytes()),
        };
        let decoded = match EnginePacket::decode(&frame) {
            Ok(EnginePacket::Message(data)) => decoder.decode(data, now),
            Ok(_) => Ok(None),
            // As the client does: what follows an error is on another connection.
            Err(error) => Err(error),
        };
        match decoded {
            Ok(packet) => understood += u64::from(packet.is_some()),
            Err(_) => decoder.reset(),
        }
    }
    assert!(
        understood > frames / 20,
        "only {understood} of {frames} meant anything"
    );
}

/// Chance, the same each time.
struct Lots(u64);

impl Lots {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % (limit as u64)).unwrap_or(0)
    }

    /// Changes, inserts, removes or doubles something.
    fn spoil(&mut self, bytes: &mut Vec<u8>) {
        const LIKELY: &[u8] = b"0123456789-,/[]{}\":b\\u \x1e\xff\x80";
        let byte = match self.below(2) {
            0 => LIKELY[self.below(LIKELY.len())],
            _ => self.next().to_le_bytes()[0],
        };
        let at = self.below(bytes.len() + 1);
        match self.below(4) {
            0 if at < bytes.len() => bytes[at] = byte,
            1 => bytes.insert(at, byte),
            2 => bytes.truncate(at),
            _ => bytes.extend_from_within(at..),
        }
    }
}

/// Thousands of packets and sequences, drawn by lot, through ours and through the reference's.
fn l09() {
    let output = Command::new("node")
        .args([
            "tests/differential/run.js",
            "--count",
            "20000",
            "--seed",
            "190",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("node is installed");
    let said = String::from_utf8_lossy(&output.stdout);
    let faults = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{faults}");
    assert!(said.contains(" 0 unexplained"), "{said}");
}

/// A hundred messages a second while connections break, slow down and fall silent. Each one has a number of its own by
/// which the server can tell a second try from a second message.
fn l10() {
    let mut meeting = Meeting::new(r#"{"server":{"pingInterval":300,"pingTimeout":300}}"#);
    let proxy = Proxy::to(meeting.port(0));
    let client = meeting.add(soaking(&proxy));
    meeting.clients[client].connect("");
    meeting.told(client, "connected");

    let mut lots = Lots(190);
    let started = Clock::now();
    let (mut emitted, mut accidents) = (0_u64, 0_u64);
    while started.elapsed() < soak() {
        while emitted < u64::try_from(started.elapsed().as_millis() / 10).unwrap_or(0) {
            meeting.clients[client].emit(&format!("ack=2000 [\"count\",{emitted}]"));
            emitted += 1;
        }
        meeting.pass(10);
        if u64::from(started.elapsed().as_secs() as u32) > accidents {
            accidents += 1;
            proxy.set_silent(lots.below(4) == 0);
            proxy.set_delay(lots.below(3) as u64);
            if lots.below(3) == 0 {
                proxy.cut();
            }
        }
    }
    proxy.set_silent(false);
    proxy.set_delay(0);
    meeting.until_within(
        Duration::from_secs(60),
        "every message is answered",
        |meeting| {
            let answers = meeting.clients[client].count("answer");
            (answers as u64 == emitted).then_some(())
        },
    );

    let told = &meeting.clients[client].told;
    let mut answers = BTreeMap::new();
    for line in told.iter().filter(|line| line.starts_with("answer")) {
        *answers.entry(line.as_str()).or_insert(0) += 1;
    }
    assert_eq!(answers.len() as u64, emitted);
    assert!(
        answers.values().all(|count| *count == 1),
        "one was answered twice"
    );
    assert_eq!(meeting.clients[client].count("no answer"), 0);
    let kept = meeting.clients[client]
        .driver
        .client
        .buffers(SocketId::MAIN);
    assert_eq!((kept.acks, kept.waiting, kept.early), (0, 0, 0));
    let first_seen = meeting.numbers("count");
    let in_order = first_seen.windows(2).all(|pair| pair[0] < pair[1]);
    assert!(
        in_order && first_seen.len() as u64 == emitted,
        "{} messages were seen",
        first_seen.len()
    );
}

fn soaking(proxy: &Proxy) -> Config {
    let mut config = reconnecting();
    config.endpoint = crate::script::at(&proxy.url()).endpoint;
    let soon = Duration::from_millis(50);
    config.reconnection.first = (soon, soon);
    config.reconnection.base = soon;
    config.reconnection.cap = Duration::from_millis(500);
    config.reconnection.breaker_after = u32::MAX; // the network's faults, of which there are many here
    config.retries = Some(Retries {
        count: u32::MAX,
        ack_timeout: Duration::from_secs(2),
    });
    config.timeouts.open = Duration::from_secs(1);
    config.timeouts.connect = Duration::from_secs(1);
    config.limits.acks = 1_000_000;
    config.limits.buffered_emits = 1_000_000;
    config.limits.buffered_bytes = 1_000_000_000;
    config
}
