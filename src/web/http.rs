//! Requests: `fetch` for what is asked, `XMLHttpRequest` for uploads.
//!
//! An upload needs its progress, and `fetch` has none (a streamed request body needs HTTP/2 and tells what was read
//! from the stream, not what was sent). Both give their answer once and never after they were dropped.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use js_sys::{Date, Function, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{spawn_local, JsFuture};
use web_sys::{
    AbortController, File, FormData, Headers, ReadableStreamDefaultReader, Request, RequestCache,
    RequestCredentials, RequestInit, RequestRedirect, Response as WebResponse, XmlHttpRequest,
};

use super::handle::EventListener;
use crate::protocol::{self, Credentials, RequestError, Response};
use crate::session::{Answer, FetchError, HttpRequest, UploadRequest};

/// The largest body that is read: a snapshot of thousands of media stays below it, and a server that sends more is cut
/// off instead of filling the tab.
const MAX_BODY: usize = 4 * 1024 * 1024;

/// A request in flight; dropping it aborts it.
pub struct Fetch {
    abort: Option<AbortController>,
}

impl Fetch {
    /// Makes the request; `done` is called once, later, unless this is dropped before.
    pub fn start(
        request: HttpRequest,
        done: impl FnOnce(Result<Answer, FetchError>) + 'static,
    ) -> Self {
        Self::run(request, Manner::SNAPSHOT, done)
    }

    /// The same for a request of the polling transport.
    pub fn poll(
        request: protocol::Request,
        done: impl FnOnce(Result<Response, RequestError>) + 'static,
    ) -> Self {
        let manner = Manner {
            credentials: match request.credentials {
                Credentials::Omit => RequestCredentials::Omit,
                Credentials::SameOrigin => RequestCredentials::SameOrigin,
                Credentials::Include => RequestCredentials::Include,
            },
            keepalive: request.keepalive,
            max_body: request.max_body,
        };
        let request = HttpRequest {
            method: request.method,
            url: request.url,
            headers: Vec::new(),
            body: request.body,
        };
        Self::run(request, manner, |answer| {
            done(match answer {
                Ok(answer) => Ok(Response {
                    status: answer.status,
                    body: answer.body,
                    retry_after: answer.retry_after,
                }),
                Err(FetchError::Network) => Err(RequestError::Network),
                Err(FetchError::TooLarge) => Err(RequestError::TooLarge),
            });
        })
    }

    /// Lets the request go on without its handle; its answer ends it. So does the last word of a page that goes.
    pub fn detach(mut self) {
        self.abort = None;
    }

    fn run(
        request: HttpRequest,
        manner: Manner,
        done: impl FnOnce(Result<Answer, FetchError>) + 'static,
    ) -> Self {
        let abort = AbortController::new().ok();
        let signal = abort.as_ref().map(AbortController::signal);
        spawn_local(async move {
            let result = run(&request, &manner, signal.as_ref()).await;
            // An aborted request belongs to nobody any more.
            if !signal.is_some_and(|signal| signal.aborted()) {
                done(result);
            }
        });
        Self { abort }
    }
}

impl Drop for Fetch {
    fn drop(&mut self) {
        if let Some(abort) = &self.abort {
            abort.abort();
        }
    }
}

/// Makes a request for a file of the page itself, that nobody aborts.
pub async fn own_file(request: HttpRequest) -> Result<Answer, FetchError> {
    run(&request, &Manner::OWN, None).await
}

/// How a request is made, whatever it asks.
struct Manner {
    credentials: RequestCredentials,
    /// Whether it goes on when the page is left.
    keepalive: bool,
    max_body: usize,
}

impl Manner {
    const SNAPSHOT: Self = Self {
        credentials: RequestCredentials::Omit,
        keepalive: false,
        max_body: MAX_BODY,
    };
    /// Where the page is behind a sign-in of its web server, so is its file: the credentials that got the page go
    /// along.
    const OWN: Self = Self {
        credentials: RequestCredentials::SameOrigin,
        ..Self::SNAPSHOT
    };
}

async fn run(
    request: &HttpRequest,
    manner: &Manner,
    signal: Option<&web_sys::AbortSignal>,
) -> Result<Answer, FetchError> {
    let network = |_: JsValue| FetchError::Network;
    let init = RequestInit::new();
    init.set_method(request.method);
    init.set_signal(signal);
    // The state as of now, from this server, and never from wherever it points to: a redirect could carry the token to
    // another host.
    init.set_cache(RequestCache::NoStore);
    init.set_credentials(manner.credentials);
    if manner.keepalive {
        Reflect::set(&init, &"keepalive".into(), &JsValue::TRUE).map_err(network)?;
    }
    init.set_redirect(RequestRedirect::Error);
    let headers = Headers::new().map_err(network)?;
    for (name, value) in &request.headers {
        headers.set(name, value).map_err(network)?;
    }
    if let Some(body) = &request.body {
        init.set_body(&JsValue::from_str(body));
    }
    init.set_headers(&headers);
    let request = Request::new_with_str_and_init(&request.url, &init).map_err(network)?;
    let fetch: Function = super::global("fetch").ok_or(FetchError::Network)?;
    let promise = fetch.call1(&js_sys::global(), &request).map_err(network)?;
    let response: WebResponse = JsFuture::from(Promise::from(promise))
        .await
        .map_err(network)?
        .unchecked_into();
    Ok(Answer {
        status: response.status(),
        retry_after: retry_after(&response.headers()),
        body: read(&response, manner.max_body).await?,
    })
}

/// How long the server wants to be left alone: so many seconds, or until a date of its own clock (RFC 9110, 10.2.3).
fn retry_after(headers: &Headers) -> Option<Duration> {
    let header = |name| headers.get(name).ok().flatten();
    let said = header("Retry-After")?;
    if let Ok(seconds) = said.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let now = header("Date").map_or_else(Date::now, |date| Date::parse(&date));
    // What is no date is no number, and neither is its distance.
    Duration::try_from_secs_f64((Date::parse(&said) - now) / 1000.0).ok()
}

/// Reads the body to its end or to the limit. A body that breaks off is an error although its status was 200.
async fn read(response: &WebResponse, max_body: usize) -> Result<String, FetchError> {
    let Some(stream) = response.body() else {
        return Ok(String::new());
    };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let mut bytes = Vec::new();
    loop {
        let chunk = JsFuture::from(reader.read())
            .await
            .map_err(|_| FetchError::Network)?;
        let is_done = Reflect::get(&chunk, &"done".into()).is_ok_and(|done| done.is_truthy());
        if is_done {
            // As `Response.text()` decodes: what is no UTF-8 becomes U+FFFD.
            return Ok(String::from_utf8_lossy(&bytes).into_owned());
        }
        let chunk: Uint8Array = Reflect::get(&chunk, &"value".into())
            .map_err(|_| FetchError::Network)?
            .unchecked_into();
        if bytes.len() + chunk.length() as usize > max_body {
            // Nobody waits for the cancelled rest.
            let _ = reader.cancel();
            return Err(FetchError::TooLarge);
        }
        let start = bytes.len();
        bytes.resize(start + chunk.length() as usize, 0);
        chunk.copy_to(&mut bytes[start..]);
    }
}

/// What an upload tells.
pub enum UploadTold {
    /// So many bytes of the file are handed over.
    Sent(u64),
    /// The server answered.
    Answered(Answer),
    /// The network failed.
    Failed,
}

/// An upload in flight; dropping it aborts it.
pub struct Upload {
    request: XmlHttpRequest,
    listeners: Vec<EventListener>,
}

impl Upload {
    /// Sends the file as a multipart form.
    ///
    /// # Errors
    /// What the browser says when it refuses at once.
    pub fn start(
        form: &UploadRequest,
        file: &File,
        tell: impl Fn(UploadTold) + 'static,
    ) -> Result<Self, String> {
        let refused = |error: JsValue| super::message_of(&error);
        let data = FormData::new().map_err(refused)?;
        for (name, value) in &form.fields {
            data.append_with_str(name, value).map_err(refused)?;
        }
        data.append_with_blob_and_filename(form.file_field, file, &file.name())
            .map_err(refused)?;
        let request = XmlHttpRequest::new().map_err(refused)?;
        request
            .open_with_async(form.method, &form.url, true)
            .map_err(refused)?;
        for (name, value) in &form.headers {
            request.set_request_header(name, value).map_err(refused)?;
        }
        let tell = Rc::new(RefCell::new(tell));
        let mut listeners = Vec::new();
        if let Ok(target) = request.upload() {
            let tell = tell.clone();
            listeners.push(EventListener::new(&target, "progress", move |event| {
                if let Some(event) = event.dyn_ref::<web_sys::ProgressEvent>() {
                    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                    (tell.borrow())(UploadTold::Sent(event.loaded().max(0.0) as u64));
                }
            }));
        }
        let answered = tell.clone();
        let asked = request.clone();
        listeners.push(EventListener::new(&request, "load", move |_| {
            let body = asked.response_text().ok().flatten().unwrap_or_default();
            let body = match body.len() <= MAX_BODY {
                true => body,
                false => String::new(),
            };
            let status = asked.status().unwrap_or(0);
            (answered.borrow())(UploadTold::Answered(Answer {
                status,
                body,
                retry_after: None,
            }));
        }));
        for event in ["error", "timeout"] {
            let tell = tell.clone();
            listeners.push(EventListener::new(&request, event, move |_| {
                (tell.borrow())(UploadTold::Failed);
            }));
        }
        request
            .send_with_opt_form_data(Some(&data))
            .map_err(refused)?;
        Ok(Self {
            request,
            listeners: listeners.into_iter().flatten().collect(),
        })
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        self.listeners.clear();
        let _ = self.request.abort();
    }
}
