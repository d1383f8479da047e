//! The client in a worker: no window, and all the same a clock, a seed, timers, sockets and requests.
//!
//! Runs in headless Chromium by `make test`, beside `tests/browser.rs`.
#![cfg(target_arch = "wasm32")]

use std::time::Duration;

use gloo_timers::future::sleep;
use js_sys::{global, Function, Promise, Reflect};
use telltale::protocol::{Config, TransportKind};
use telltale::web::socket_io::{Builder, Socket};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

// L04
#[wasm_bindgen_test]
async fn a_connection_is_made_lost_and_made_again() {
    for transport in [TransportKind::WebSocket, TransportKind::Polling] {
        let mut config = Config::new(&echo().await).unwrap();
        config.transports.order = vec![transport];
        let socket = Builder::of(config).connect();
        let echoed: String = socket.emit_with_ack("echo", "first").await.unwrap();
        assert_eq!(echoed, "first");

        socket.emit("cut", ()).unwrap();
        until(&socket, false).await;
        until(&socket, true).await;

        let echoed: String = socket.emit_with_ack("echo", "again").await.unwrap();
        assert_eq!(echoed, "again");
    }
}

#[wasm_bindgen_test]
fn without_a_document_no_file_is_offered_and_that_is_said() {
    let offered = telltale::web::download("a.txt", "text/plain", "a");

    let error: js_sys::Error = offered.unwrap_err().unchecked_into();
    assert!(String::from(error.message()).contains("document"));
}

async fn until(socket: &Socket, is_connected: bool) {
    for _ in 0..400 {
        if socket.is_connected() == is_connected {
            return;
        }
        sleep(Duration::from_millis(25)).await;
    }
    panic!("not within ten seconds: {:?}", socket.state());
}

async fn echo() -> String {
    let fetch: Function = Reflect::get(&global(), &"fetch".into()).unwrap().into();
    let asked = fetch.call1(&global(), &"/target/browser-test-echo".into());
    let response = JsFuture::from(Promise::from(asked.unwrap())).await.unwrap();
    let response: web_sys::Response = response.unchecked_into();
    let text = JsFuture::from(response.text().unwrap()).await.unwrap();
    text.as_string().unwrap().trim().to_owned()
}
