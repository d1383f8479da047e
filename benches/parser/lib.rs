//! What `page.js` measures: the way of a frame into a packet and back, as the driver and the client go it.

use js_sys::{ArrayBuffer, Uint8Array};
use telltale::protocol::engine::packet::{Data, Packet as EnginePacket};
use telltale::protocol::socket::decoder::Decoder;
use telltale::protocol::socket::packet::Packet;
use telltale::protocol::{Frame, Limits};
use telltale::time::Instant;
use wasm_bindgen::prelude::wasm_bindgen;

/// A decoder, and the packets that are kept.
#[wasm_bindgen]
pub struct Parser {
    decoder: Decoder,
    kept: Vec<Packet>,
}

#[wasm_bindgen]
impl Parser {
    #[wasm_bindgen(constructor)]
    #[allow(clippy::new_without_default)] // JavaScript has `new`
    pub fn new() -> Self {
        Self {
            decoder: Decoder::new(Limits::default()),
            kept: Vec::new(),
        }
    }

    /// Decodes a text frame and drops the packet; says whether there was one.
    pub fn decode(&mut self, frame: String) -> bool {
        self.packet(&Frame::Text(frame)).is_some()
    }

    /// Takes a text frame over the border from JavaScript and does nothing with it; gives its bytes.
    pub fn cross(&mut self, frame: String) -> usize {
        frame.len()
    }

    /// Decodes a binary frame and drops the packet; says whether there was one.
    pub fn decode_binary(&mut self, frame: &ArrayBuffer) -> bool {
        let bytes = Uint8Array::new(frame).to_vec();
        self.packet(&Frame::Binary(bytes)).is_some()
    }

    /// Decodes a frame and keeps the packet.
    pub fn keep(&mut self, frame: String) {
        let packet = self.packet(&Frame::Text(frame));
        self.kept.extend(packet);
    }

    /// Decodes a binary frame and keeps the packet.
    pub fn keep_binary(&mut self, frame: &ArrayBuffer) {
        let bytes = Uint8Array::new(frame).to_vec();
        let packet = self.packet(&Frame::Binary(bytes));
        self.kept.extend(packet);
    }

    /// Makes of the one packet that is kept so many: what an application has at hand when it sends.
    pub fn multiply(&mut self, count: usize) {
        let packet = self.kept.last().cloned();
        self.kept.resize(
            count,
            packet.expect("a packet is kept before it is multiplied"),
        );
    }

    /// Encodes a packet that is kept, into frames; gives the text, which is what goes over the border to JavaScript.
    /// (A WebSocket reads attachments where they lie.)
    pub fn encode(&mut self) -> String {
        let packet = self
            .kept
            .pop()
            .expect("there are as many as were multiplied");
        let encoded = packet
            .encode(Limits::default().attachments)
            .expect("what was decoded can be encoded");
        let attachments: Vec<Frame> = encoded
            .attachments
            .iter()
            .map(|bytes| Frame::Binary(bytes.to_vec()))
            .collect();
        std::hint::black_box(&attachments);
        match EnginePacket::Message(Data::Text(&encoded.text)).encode() {
            Frame::Text(text) => text,
            Frame::Binary(_) => unreachable!("a text is written as text"),
        }
    }

    fn packet(&mut self, frame: &Frame) -> Option<Packet> {
        match EnginePacket::decode(frame) {
            Ok(EnginePacket::Message(data)) => {
                let packet = self.decoder.decode(data, Instant::from_millis(0));
                packet.expect("the frame is good")
            }
            _ => None,
        }
    }
}
