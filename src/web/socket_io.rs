//! A Socket.IO client for applications: listeners, emits that are awaited, and handles whose drop ends what they began.
//!
//! It is a thin layer over [`protocol::Client`](crate::protocol::Client), which has the rules; this one has the
//! browser's clock, sockets and page. What an application says and hears are types of its own: see
//! [`json::typed`](crate::json::typed) for how they become arguments.
//!
//! ```no_run
//! use serde::{Deserialize, Serialize};
//! use telltale::web::socket_io;
//!
//! #[derive(Deserialize)]
//! struct Progress {
//!     percent: f64,
//! }
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let socket = socket_io::connect("https://example.org")?;
//! let _progress = socket.on("progress", |(media, progress): (String, Progress)| {
//!     web_sys::console::log_1(&format!("{media}: {} %", progress.percent).into());
//! });
//! socket.emit("subscribe", ("media", "m1"))?;
//! let answer: String = socket.emit_with_ack("status", "m1").await?;
//! # Ok(())
//! # }
//! ```
//!
//! # Handles
//!
//! A [`Socket`] may be cloned; with its last clone the socket leaves its namespace, its listeners go and its unsent
//! emits are dropped, and with the last socket of a connection the connection is closed. A [`Subscription`] is a
//! listener; dropping it ends it, and not even the event that is being told reaches it any more. Dropping the future of
//! [`emit_with_ack`](Socket::emit_with_ack) takes the emit back if it is not sent yet, and forgets the answer.
//!
//! # Listeners
//!
//! A listener may do anything with the socket it listens to: emit, disconnect, add and drop listeners, drop the last
//! handle. What follows from that is done once all listeners of the present event have been called, in order. A
//! listener that is added while an event is told hears the next one.
//!
//! **A listener that panics is the application's fault**, and on `wasm32-unknown-unknown` its end: a panic aborts the
//! instance, so nothing can be caught. Return an error instead, and tell it in a way of your own.
//!
//! A listener that owns a clone of its socket keeps the socket as long as it is kept itself. That is well where the
//! [`Subscription`] is dropped some day; where it is [kept](Subscription::keep), give it a [`WeakSocket`].

mod acked;
mod connection;
mod listeners;

use std::future::Future;
use std::rc::{Rc, Weak};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::Serialize;

use self::acked::Pending;
pub use self::acked::{Acked, Error};
use self::connection::{Connection, Handle, Provider};
use self::listeners::{Kind, Told};
pub use self::listeners::{Malformed, Reply, Subscription};
use crate::json::typed;
use crate::json::Value;
use crate::protocol::socket::packet::Packet;
use crate::protocol::{
    AckError, AckId, Auth, Buffers, Config, Counters, DisconnectReason, Emit, EmitError, EventName,
    ManagerEvent, Refusal, Retries, SocketId, State, TransportKind, UrlError,
};

/// How long an answer is waited for where [`Socket::timeout`] does not say. The reference client waits for ever.
pub const ACK_TIMEOUT: Duration = Duration::from_secs(20);

/// Connects to the server at `url`, with everything as it is by default. The URL's path is the namespace.
///
/// # Errors
/// [`UrlError`] if it is no absolute `http`, `https`, `ws` or `wss` URL, or holds what must not be in one.
pub fn connect(url: &str) -> Result<Socket, UrlError> {
    Ok(Builder::new(url)?.connect())
}

/// A socket that is yet to be made.
#[must_use = "`connect` makes the socket"]
pub struct Builder {
    target: Target,
    auth: Auth,
    provider: Option<Provider>,
    retries: Option<Retries>,
}

enum Target {
    Server(Box<Config>),
    Namespace(Rc<Connection>, SocketId),
}

impl Builder {
    /// A connection of its own, to the server at `url`.
    ///
    /// # Errors
    /// As [`connect`].
    pub fn new(url: &str) -> Result<Self, UrlError> {
        Ok(Self::of(Config::new(url)?))
    }

    /// The same, with these settings.
    pub fn of(config: Config) -> Self {
        Self {
            auth: config.auth.clone(),
            retries: config.retries,
            target: Target::Server(Box::new(config)),
            provider: None,
        }
    }

    /// What CONNECT says: an object, such as `{"token": …}`.
    pub fn auth(mut self, auth: Value) -> Self {
        self.auth = Auth::Value(auth);
        self
    }

    /// Asks `provider` at each CONNECT what to say, and once more where the server refuses what it said; then it gets
    /// the server's words. It has ten seconds, by default; its error, in words for a log, is told as
    /// [`DisconnectReason::AuthFailed`], and it is asked again later.
    ///
    /// ```no_run
    /// use telltale::json::Value;
    /// use telltale::web::socket_io::Builder;
    ///
    /// # async fn fetch_token(_fresh: bool) -> Result<String, String> { Ok(String::new()) }
    /// # fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let socket = Builder::new("https://example.org")?
    ///     .auth_provider(|refusal| async move {
    ///         let token = fetch_token(refusal.is_some()).await?;
    ///         Ok(Some(Value::object([("token", token.into())])))
    ///     })
    ///     .connect();
    /// # Ok(())
    /// # }
    /// ```
    pub fn auth_provider<F>(mut self, provider: impl Fn(Option<Refusal>) -> F + 'static) -> Self
    where
        F: Future<Output = Result<Option<Value>, String>> + 'static,
    {
        self.auth = Auth::Ask;
        self.provider = Some(Rc::new(move |refusal| Box::pin(provider(refusal))));
        self
    }

    /// Sends each emit again until it is answered.
    pub fn retries(mut self, retries: Retries) -> Self {
        self.retries = Some(retries);
        self
    }

    /// Makes the socket and connects it. A namespace that has a socket on this connection already gets that one, with
    /// the auth and the retries said here.
    #[must_use]
    pub fn connect(self) -> Socket {
        let (connection, id) = match self.target {
            Target::Server(config) => (Connection::start(*config), SocketId::MAIN),
            Target::Namespace(connection, id) => (connection, id),
        };
        let socket = Socket(connection.attach(id, self.provider));
        let (auth, retries) = (self.auth, self.retries);
        connection.command(|client, now| {
            client.set_auth(id, auth);
            client.set_retries(id, retries);
            client.connect(id, now);
        });
        socket
    }
}

/// A socket in one namespace. See the module for what its drop does.
#[derive(Clone)]
pub struct Socket(Rc<Handle>);

/// A socket that does not keep what it points to.
#[derive(Clone)]
pub struct WeakSocket(Weak<Handle>);

impl WeakSocket {
    /// The socket, if there still is one.
    #[must_use]
    pub fn upgrade(&self) -> Option<Socket> {
        self.0.upgrade().map(Socket)
    }
}

impl Socket {
    /// Another namespace on the same connection.
    ///
    /// ```no_run
    /// # fn example(socket: telltale::web::socket_io::Socket) -> Result<(), Box<dyn std::error::Error>> {
    /// let chat = socket.namespace("/chat")?.connect();
    /// chat.emit("hello", ())?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`UrlError::Namespace`] if it does not begin with `/`, or holds a comma, a blank or a control character.
    pub fn namespace(&self, name: &str) -> Result<Builder, UrlError> {
        let id = self.command(|client, _| client.socket(name))?;
        Ok(Builder {
            target: Target::Namespace(self.0.connection.clone(), id),
            auth: Auth::None,
            provider: None,
            retries: None,
        })
    }

    /// The same socket, for a listener that is [kept](Subscription::keep).
    #[must_use]
    pub fn downgrade(&self) -> WeakSocket {
        WeakSocket(Rc::downgrade(&self.0))
    }

    // Where it stands.

    /// Where it stands now.
    #[must_use]
    pub fn state(&self) -> State {
        self.read(|client, id| client.state_of(id).clone())
    }

    /// Whether it is connected now.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.read(|client, id| matches!(client.state_of(id), State::Connected { .. }))
    }

    /// Its id, while it is connected.
    #[must_use]
    pub fn id(&self) -> Option<String> {
        match self.state() {
            State::Connected { id, .. } => Some(id),
            _ => None,
        }
    }

    /// How much it holds back.
    #[must_use]
    pub fn buffers(&self) -> Buffers {
        self.read(|client, id| client.buffers(id))
    }

    /// What was dropped or went wrong on the whole connection so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.read(|client, _| *client.counters())
    }

    /// The transport that the connection uses now.
    #[must_use]
    pub fn transport(&self) -> Option<TransportKind> {
        self.read(|client, _| client.transport())
    }

    // What to do.

    /// Be connected from now on; needed only after [`disconnect`](Self::disconnect), a refusal or the last attempt.
    pub fn connect(&self) {
        let id = self.0.id;
        self.command(|client, now| client.connect(id, now));
    }

    /// Be disconnected from now on. Listeners and unsent emits stay for the next [`connect`](Self::connect).
    pub fn disconnect(&self) {
        let id = self.0.id;
        self.command(|client, now| client.disconnect(id, now));
    }

    /// A person asked to try now: cuts every wait of the connection.
    pub fn retry_now(&self) {
        self.0.connection.handle(crate::protocol::Input::RetryNow);
    }

    /// Switches reconnection of the whole connection on or off.
    pub fn set_reconnection(&self, enabled: bool) {
        self.command(|client, now| client.set_reconnection(enabled, now));
    }

    /// What the next CONNECT says.
    pub fn set_auth(&self, auth: Value) {
        let id = self.0.id;
        self.command(|client, _| client.set_auth(id, Auth::Value(auth)));
    }

    // Emits.

    /// Sends an event, or keeps it for a while until there is a connection. A tuple is the list of arguments, anything
    /// else one argument, `()` none.
    ///
    /// # Errors
    /// [`Error::Emit`] or [`Error::Payload`]; then nothing was sent or kept.
    pub fn emit(&self, event: impl Into<EventName>, args: impl Serialize) -> Result<(), Error> {
        self.emission().emit(event, args)
    }

    /// The same with arguments that are values already.
    ///
    /// # Errors
    /// [`EmitError`]; then nothing was sent or kept.
    pub fn emit_raw(&self, event: impl Into<EventName>, args: Vec<Value>) -> Result<(), EmitError> {
        self.emission().send(event.into(), args, false).map(|_| ())
    }

    /// Sends an event and waits for the server's answer, [`ACK_TIMEOUT`] at most, from now on. The event is sent, or
    /// kept, at once, not when the future is first polled.
    pub fn emit_with_ack<R: DeserializeOwned>(
        &self,
        event: impl Into<EventName>,
        args: impl Serialize,
    ) -> Acked<R> {
        self.emission().emit_with_ack(event, args)
    }

    /// The next emit goes out now or not at all.
    pub fn volatile(&self) -> Emission<'_> {
        let mut emission = self.emission();
        emission.is_volatile = true;
        emission
    }

    /// The next emit waits so long for its answer.
    pub fn timeout(&self, timeout: Duration) -> Emission<'_> {
        let mut emission = self.emission();
        emission.timeout = timeout;
        emission
    }

    fn emission(&self) -> Emission<'_> {
        Emission {
            socket: self,
            is_volatile: false,
            timeout: ACK_TIMEOUT,
        }
    }

    // Listeners.

    /// Calls `listener` with the arguments of each such event: a tuple takes the list, anything else the first one.
    /// What is of another shape is told to [`on_malformed`](Self::on_malformed).
    pub fn on<T: DeserializeOwned>(
        &self,
        event: impl Into<EventName>,
        listener: impl Fn(T) + 'static,
    ) -> Subscription {
        self.listen(Kind::of(event), false, self.typed(listener))
    }

    /// The same, for the next such event only.
    pub fn once<T: DeserializeOwned>(
        &self,
        event: impl Into<EventName>,
        listener: impl Fn(T) + 'static,
    ) -> Subscription {
        self.listen(Kind::of(event), true, self.typed(listener))
    }

    /// Answers each such event with what `listener` returns, where the server asks for an answer: a tuple is the list
    /// of arguments, anything else one.
    pub fn on_request<T: DeserializeOwned, R: Serialize>(
        &self,
        event: impl Into<EventName>,
        listener: impl Fn(T) -> R + 'static,
    ) -> Subscription {
        let connection = Rc::downgrade(&self.0.connection);
        let id = self.0.id;
        self.listen(Kind::of(event), false, move |told| {
            let Told::Message { event, args, reply } = told else {
                return;
            };
            let answer = typed::from_args(args).map(&listener);
            let result = answer.and_then(|answer| match reply {
                Some(reply) => typed::to_args(&answer).map(|args| reply.send(args)),
                None => Ok(()),
            });
            if let (Err(error), Some(connection)) = (result, connection.upgrade()) {
                connection.tell_malformed(id, event, error);
            }
        })
    }

    /// Calls `listener` with the values of each such event, and what to answer with where the server asks for it.
    pub fn on_raw(
        &self,
        event: impl Into<EventName>,
        listener: impl Fn(&[Value], Option<&Reply>) + 'static,
    ) -> Subscription {
        self.listen(Kind::of(event), false, move |told| {
            if let Told::Message { args, reply, .. } = told {
                listener(args, *reply);
            }
        })
    }

    /// Removes all listeners of an event. The event that is being told still reaches those that it would have reached,
    /// as in the reference client.
    pub fn off(&self, event: impl Into<EventName>) {
        let kind = Kind::of(event);
        self.0.connection.listeners.off(self.0.id, &kind);
    }

    /// Calls `listener` with each event of the server, before the event's own listeners.
    pub fn on_any(&self, listener: impl Fn(&str, &[Value]) + 'static) -> Subscription {
        self.listen(Kind::Any, false, move |told| {
            if let Told::Message { event, args, .. } = told {
                listener(event, args);
            }
        })
    }

    /// Calls `listener` with each event of ours just before it goes out; one that waits for a connection, once there is
    /// one.
    pub fn on_any_outgoing(&self, listener: impl Fn(&str, &[Value]) + 'static) -> Subscription {
        self.0.connection.watch(|watch| watch.sent = true);
        self.listen(Kind::AnyOutgoing, false, move |told| {
            if let Told::Sent { event, args } = told {
                listener(event, args);
            }
        })
    }

    /// Calls `listener` each time the server has accepted us, with the id and whether the session was
    /// [recovered](crate::protocol::Event::Connected). What was emitted before is sent by then.
    pub fn on_connect(&self, listener: impl Fn(&str, bool) + 'static) -> Subscription {
        self.listen(Kind::Connect, false, move |told| {
            if let Told::Connect { id, recovered } = told {
                listener(id, *recovered);
            }
        })
    }

    /// Calls `listener` each time it is no longer connected.
    pub fn on_disconnect(&self, listener: impl Fn(&DisconnectReason) + 'static) -> Subscription {
        self.listen(Kind::Disconnect, false, move |told| {
            if let Told::Disconnect(reason) = told {
                listener(reason);
            }
        })
    }

    /// Calls `listener` each time an attempt came to nothing. Only [`DisconnectReason::Refused`] is not tried again.
    pub fn on_connect_error(&self, listener: impl Fn(&DisconnectReason) + 'static) -> Subscription {
        self.listen(Kind::ConnectError, false, move |told| {
            if let Told::ConnectError(reason) = told {
                listener(reason);
            }
        })
    }

    /// Calls `listener` whenever the socket stands elsewhere than before, after the event that made it so.
    pub fn on_state(&self, listener: impl Fn(&State) + 'static) -> Subscription {
        self.listen(Kind::State, false, move |told| {
            if let Told::State(state) = told {
                listener(state);
            }
        })
    }

    /// Calls `listener` with the name of each emit that had been accepted and was dropped.
    pub fn on_dropped(&self, listener: impl Fn(&str) + 'static) -> Subscription {
        self.listen(Kind::Dropped, false, move |told| {
            if let Told::Dropped(event) = told {
                listener(event);
            }
        })
    }

    /// Calls `listener` with each event whose arguments are not what a typed listener takes, and why.
    pub fn on_malformed(&self, listener: impl Fn(&Malformed) + 'static) -> Subscription {
        self.listen(Kind::Malformed, false, move |told| {
            if let Told::Malformed(malformed) = told {
                listener(malformed);
            }
        })
    }

    /// Calls `listener` with what happens to the connection, for all its sockets.
    pub fn on_manager(&self, listener: impl Fn(&ManagerEvent) + 'static) -> Subscription {
        self.listen(Kind::Manager, false, move |told| {
            if let Told::Manager(event) = told {
                listener(event);
            }
        })
    }

    /// Calls `listener` with each packet that comes, of whichever namespace.
    pub fn on_packet(&self, listener: impl Fn(&Packet) + 'static) -> Subscription {
        self.0.connection.watch(|watch| watch.packets = true);
        self.listen(Kind::Manager, false, move |told| {
            if let Told::Manager(ManagerEvent::Packet(packet)) = told {
                listener(packet);
            }
        })
    }

    fn typed<T: DeserializeOwned>(
        &self,
        listener: impl Fn(T) + 'static,
    ) -> impl Fn(&Told<'_>) + 'static {
        let (connection, id) = (Rc::downgrade(&self.0.connection), self.0.id);
        move |told| {
            let Told::Message { event, args, .. } = told else {
                return;
            };
            match typed::from_args(args) {
                Ok(args) => listener(args),
                Err(error) => {
                    if let Some(connection) = connection.upgrade() {
                        connection.tell_malformed(id, event, error);
                    }
                }
            }
        }
    }

    fn listen(
        &self,
        kind: Kind,
        once: bool,
        callback: impl Fn(&Told<'_>) + 'static,
    ) -> Subscription {
        let connection = &self.0.connection;
        let number = (connection.listeners).add(self.0.id, kind, once, Rc::new(callback));
        Subscription::new(connection, number)
    }

    fn command<R>(
        &self,
        command: impl FnOnce(&mut crate::protocol::Client, crate::time::Instant) -> R,
    ) -> R {
        self.0.connection.command(command)
    }

    fn read<R>(&self, read: impl FnOnce(&crate::protocol::Client, SocketId) -> R) -> R {
        read(&self.0.connection.client.borrow(), self.0.id)
    }
}

/// How the next emit is to be sent.
#[derive(Clone, Copy)]
#[must_use = "nothing is sent before `emit` or `emit_with_ack`"]
pub struct Emission<'a> {
    socket: &'a Socket,
    is_volatile: bool,
    timeout: Duration,
}

impl Emission<'_> {
    /// As [`Socket::volatile`].
    pub fn volatile(mut self) -> Self {
        self.is_volatile = true;
        self
    }

    /// As [`Socket::timeout`].
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// As [`Socket::emit`].
    ///
    /// # Errors
    /// As there; for a volatile one also [`EmitError::NotConnected`] and [`EmitError::NotWritable`].
    pub fn emit(self, event: impl Into<EventName>, args: impl Serialize) -> Result<(), Error> {
        let args = typed::to_args(&args).map_err(Error::Payload)?;
        self.send(event.into(), args, false).map_err(Error::Emit)?;
        Ok(())
    }

    /// As [`Socket::emit_with_ack`].
    pub fn emit_with_ack<R: DeserializeOwned>(
        self,
        event: impl Into<EventName>,
        args: impl Serialize,
    ) -> Acked<R> {
        let sent = typed::to_args(&args)
            .map_err(Error::Payload)
            .and_then(|args| self.send(event.into(), args, true).map_err(Error::Emit));
        // An emit that asks for an answer has one to wait for.
        let sent = sent.and_then(|pending| pending.ok_or(Error::Ack(AckError::Dropped)));
        Acked::new(&self.socket.0.connection, sent)
    }

    fn send(
        self,
        event: EventName,
        args: Vec<Value>,
        is_answered: bool,
    ) -> Result<Option<(AckId, Rc<Pending>)>, EmitError> {
        let mut emit = Emit::new(event, args).on(self.socket.0.id);
        if self.is_volatile {
            emit = emit.volatile();
        }
        if is_answered {
            emit = emit.with_ack(self.timeout);
        }
        self.socket.0.connection.emit(emit)
    }
}
