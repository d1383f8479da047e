//! A page for the conformance cases that only a browser proves: clients of `telltale::web::socket_io`, with handles for
//! a test.
//!
//! Built as an example for wasm32 by `.ci/conformance`, loaded by `browser.test.js`, in a page or in a worker.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use js_sys::{Array, ArrayBuffer, DataView, Uint8Array};
use telltale::json::{self, Value};
use telltale::protocol::{Config, Credentials, TransportKind};
use telltale::web::socket_io::{Builder, Socket, Subscription};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

thread_local! {
    static CLIENTS: RefCell<Vec<Option<Client>>> = const { RefCell::new(Vec::new()) };
}

struct Client {
    socket: Socket,
    told: Rc<RefCell<Vec<String>>>,
    _subscriptions: Vec<Subscription>,
}

/// Starts a client of the server at `url`; gives its number. `transports` are those to use, in order, with a blank
/// between them; `credentials` are `omit`, `same-origin` or `include`.
#[wasm_bindgen]
pub fn start(url: &str, transports: &str, credentials: &str) -> usize {
    let mut config = Config::new(url).expect("the URL is good");
    config.transports.order = transports
        .split(' ')
        .map(|name| match name {
            "polling" => TransportKind::Polling,
            _ => TransportKind::WebSocket,
        })
        .collect();
    config.transports.credentials = match credentials {
        "omit" => Credentials::Omit,
        "include" => Credentials::Include,
        _ => Credentials::SameOrigin,
    };
    let socket = Builder::of(config).connect();
    let told = Rc::new(RefCell::new(Vec::new()));
    let teller = || {
        let told = told.clone();
        move |line: String| told.borrow_mut().push(line)
    };
    let (connected, disconnected, failed, heard) = (teller(), teller(), teller(), teller());
    let subscriptions = vec![
        socket.on_connect(move |id, _| connected(format!("connect {id}"))),
        socket.on_disconnect(move |reason| disconnected(format!("disconnect {reason}"))),
        socket.on_connect_error(move |reason| failed(format!("connect_error {reason}"))),
        socket.on_any(move |event, args| {
            heard(format!(
                "{event} {}",
                json::write(&Value::Array(args.into()))
            ));
        }),
    ];
    CLIENTS.with_borrow_mut(|clients| {
        clients.push(Some(Client {
            socket,
            told,
            _subscriptions: subscriptions,
        }));
        clients.len() - 1
    })
}

/// Where a client stands: the name of its state.
#[wasm_bindgen]
pub fn state(client: usize) -> String {
    let state = with(client, |client| format!("{:?}", client.socket.state()));
    let end = state.find([' ', '(']).unwrap_or(state.len());
    state[..end].to_owned()
}

/// What a client's application was told so far.
#[wasm_bindgen]
pub fn told(client: usize) -> Vec<String> {
    with(client, |client| client.told.borrow().clone())
}

/// Emits an event with these arguments, in JSON. Gives what to say if it is refused.
#[wasm_bindgen]
pub fn emit(client: usize, event: &str, args: &str) -> Option<String> {
    let args = json::parse(args).expect("the arguments are JSON");
    emit_values(client, event, args.as_array().to_vec())
}

/// Emits an event whose one argument is bytes: an `ArrayBuffer`, any view of one, a `Blob` or a `File`, which an
/// application has to read first.
#[wasm_bindgen]
pub async fn emit_bytes(client: usize, event: String, bytes: JsValue) -> Option<String> {
    let buffer = match bytes.dyn_ref::<Blob>() {
        Some(blob) => JsFuture::from(blob.array_buffer())
            .await
            .expect("the page holds the bytes"),
        None => bytes,
    };
    let bytes = if let Some(view) = buffer.dyn_ref::<DataView>() {
        let (offset, length) = (view.byte_offset(), view.byte_length());
        // A DataView of this page is of a buffer below 4 GB.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let (offset, length) = (offset as u32, length as u32);
        Uint8Array::new_with_byte_offset_and_length(&view.buffer(), offset, length)
    } else if let Some(whole) = buffer.dyn_ref::<ArrayBuffer>() {
        Uint8Array::new(whole)
    } else {
        buffer.unchecked_into::<Uint8Array>()
    };
    let value = Value::Bytes(Arc::from(bytes.to_vec()));
    emit_values(client, &event, vec![value])
}

/// The listeners that hear one event while the first of them takes all of them away, itself included, and adds one.
/// `events` receives their names as they are called.
#[wasm_bindgen]
pub fn listen_and_leave(client: usize, heard: Array) {
    with(client, |client| {
        let socket = client.socket.clone();
        let weak = socket.downgrade();
        let (first, second, late) = (heard.clone(), heard.clone(), heard);
        let leaving = socket.on("leaving", move |_: Value| {
            first.push(&"first".into());
            let socket = weak
                .upgrade()
                .expect("an event comes on a socket that is there");
            socket.off("leaving");
            let late = late.clone();
            socket
                .on("leaving", move |_: Value| {
                    late.push(&"late".into());
                })
                .keep();
        });
        leaving.keep();
        let staying = socket.on("leaving", move |_: Value| {
            second.push(&"second".into());
        });
        staying.keep();
    });
}

/// A listener that emits, leaves and comes back while it is told an event.
#[wasm_bindgen]
pub fn reenter(client: usize) {
    with(client, |client| {
        let weak = client.socket.downgrade();
        let subscription = client.socket.on("again", move |_: Value| {
            let socket = weak
                .upgrade()
                .expect("an event comes on a socket that is there");
            let _ = socket.emit("heard", ());
            socket.disconnect();
            socket.connect();
        });
        subscription.keep();
    });
}

/// Drops a client.
#[wasm_bindgen]
pub fn end(client: usize) {
    let client = CLIENTS.with_borrow_mut(|clients| clients[client].take());
    drop(client); // what it ends must not find the list borrowed
}

fn emit_values(client: usize, event: &str, args: Vec<Value>) -> Option<String> {
    let refused = with(client, |client| client.socket.emit_raw(event, args).err())?;
    Some(refused.to_string())
}

fn with<T>(number: usize, does: impl FnOnce(&Client) -> T) -> T {
    CLIENTS.with_borrow(|clients| {
        let client = clients[number].as_ref();
        does(client.expect("the client has not been dropped"))
    })
}
