//! The loop around a client: what [`Driver`](crate::web::Driver) is to a session.
//!
//! While it runs, whatever a listener does only adds to what there is to do: an input waits, an output waits, and the
//! loop goes on until there is neither. Nothing is borrowed while a listener, a provider or a waker runs.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::rc::{Rc, Weak};

use wasm_bindgen_futures::spawn_local;

use super::acked::Pending;
use super::listeners::{Kind, Listeners, Malformed, Reply, Told};
use crate::json::{typed, Value};
use crate::protocol::{
    AckError, AckId, AuthId, Client, Config, Emit, EmitError, Event, Input, Output, Page, Refusal,
    SocketId, State, Watch,
};
use crate::sorted::Map;
use crate::time::Instant;
use crate::web::clock::{clock, Sleep};
use crate::web::page::{is_online, is_visible, PageListener};
use crate::web::seed;
use crate::web::timer::Timer;
use crate::web::transports::Transports;

/// Says who we are, when asked.
pub type Provider =
    Rc<dyn Fn(Option<Refusal>) -> Pin<Box<dyn Future<Output = Result<Option<Value>, String>>>>>;

/// One connection and its sockets.
pub struct Connection {
    pub client: RefCell<Client>,
    pub listeners: Listeners,
    waiting: RefCell<VecDeque<Input>>,
    is_running: Cell<bool>,
    transports: Transports,
    timer: Rc<Timer>,
    sleep: Sleep,
    page: RefCell<Option<PageListener>>,
    handles: RefCell<Map<SocketId, Weak<Handle>>>,
    providers: RefCell<Map<SocketId, Provider>>,
    pending: RefCell<Map<AckId, Rc<Pending>>>,
    /// What the listeners were told last.
    states: RefCell<Map<SocketId, State>>,
    watch: Cell<Watch>,
    /// Itself, while a session ends that nobody wants any more.
    lingering: RefCell<Option<Rc<Connection>>>,
    me: Weak<Connection>,
}

/// One socket in use; when it is dropped, the socket leaves.
pub struct Handle {
    pub connection: Rc<Connection>,
    pub id: SocketId,
}

impl Drop for Handle {
    fn drop(&mut self) {
        let (connection, id) = (&self.connection, self.id);
        connection.listeners.remove_all_of(id);
        let provider = connection.providers.borrow_mut().remove(&id);
        drop(provider);
        connection.command(|client, now| {
            client.disconnect(id, now);
            client.clear(id);
        });
        connection.linger();
    }
}

impl Connection {
    /// A connection that no socket wants yet.
    pub fn start(config: Config) -> Rc<Self> {
        let connection = Rc::new_cyclic(|me: &Weak<Self>| {
            let driven = me.clone();
            let timed = me.clone();
            Self {
                client: RefCell::new(Client::new(config, seed())),
                listeners: Listeners::default(),
                waiting: RefCell::default(),
                is_running: Cell::new(false),
                transports: Transports::new(move |input| {
                    if let Some(connection) = driven.upgrade() {
                        connection.handle(input);
                    }
                }),
                timer: Timer::new(move || {
                    if let Some(connection) = timed.upgrade() {
                        connection.handle(Input::Timeout);
                    }
                }),
                sleep: Sleep::default(),
                page: RefCell::default(),
                handles: RefCell::default(),
                providers: RefCell::default(),
                pending: RefCell::default(),
                states: RefCell::default(),
                watch: Cell::default(),
                lingering: RefCell::default(),
                me: me.clone(),
            }
        });
        let me = connection.me.clone();
        *connection.page.borrow_mut() = Some(PageListener::new(move |page| {
            if let Some(connection) = me.upgrade() {
                connection.handle(Input::Page(page));
            }
        }));
        if !is_visible() {
            connection.handle(Input::Page(Page::Hidden));
        }
        if !is_online() {
            connection.handle(Input::Page(Page::Offline));
        }
        connection
    }

    /// The handle of a socket: the one in use, or a new one.
    pub fn attach(self: &Rc<Self>, id: SocketId, provider: Option<Provider>) -> Rc<Handle> {
        let before = match provider {
            Some(provider) => self.providers.borrow_mut().insert(id, provider),
            None => self.providers.borrow_mut().remove(&id),
        };
        drop(before);
        let in_use = self.handles.borrow().get(&id).and_then(Weak::upgrade);
        in_use.unwrap_or_else(|| {
            let connection = self.clone();
            let handle = Rc::new(Handle { connection, id });
            let weak = Rc::downgrade(&handle);
            self.handles.borrow_mut().insert(id, weak);
            handle
        })
    }

    /// Takes in what happened.
    pub fn handle(&self, input: Input) {
        let slept = self.sleep.has_slept().then_some(Input::Page(Page::Woke));
        self.waiting
            .borrow_mut()
            .extend(slept.into_iter().chain([input]));
        self.run();
    }

    /// Does something with the client, and then what follows from it.
    pub fn command<R>(&self, command: impl FnOnce(&mut Client, Instant) -> R) -> R {
        let result = command(&mut self.client.borrow_mut(), clock());
        self.run();
        result
    }

    /// Changes what is told beyond what is always told.
    pub fn watch(&self, change: impl FnOnce(&mut Watch)) {
        let mut watch = self.watch.get();
        change(&mut watch);
        self.watch.set(watch);
        self.client.borrow_mut().watch(watch);
    }

    /// Sends an event; gives the answer that is waited for, if one is.
    pub fn emit(&self, emit: Emit) -> Result<Option<(AckId, Rc<Pending>)>, EmitError> {
        let sent = self.client.borrow_mut().emit(emit, clock());
        let pending = sent.map(|ack| {
            let ack = ack?;
            let pending = Rc::<Pending>::default();
            // Before anything follows: it may be that no answer comes.
            self.pending.borrow_mut().insert(ack, pending.clone());
            Some((ack, pending))
        });
        self.run();
        pending
    }

    /// Nobody waits for this answer any more.
    pub fn cancel(&self, ack: AckId) {
        let pending = self.pending.borrow_mut().remove(&ack);
        drop(pending);
        self.command(|client, now| client.cancel_ack(ack, now));
    }

    /// Tells that an event could not be read.
    pub fn tell_malformed(&self, socket: SocketId, event: &str, error: typed::Error) {
        let event = event.to_owned();
        let malformed = Malformed { event, error };
        let told = Told::Malformed(&malformed);
        self.listeners.tell(socket, &[&Kind::Malformed], &told);
    }

    /// Stays until the last words of a session are out, which [`Timeouts::close`](crate::protocol::Timeouts::close)
    /// bounds, if nobody else keeps it.
    fn linger(self: &Rc<Self>) {
        if self.client.borrow().poll_timeout().is_some() {
            *self.lingering.borrow_mut() = Some(self.clone());
        }
    }

    fn run(&self) {
        if self.is_running.replace(true) {
            return;
        }
        loop {
            let output = self.client.borrow_mut().poll_output();
            if let Some(output) = output {
                self.carry_out(output);
                continue;
            }
            if self.tell_states() {
                continue;
            }
            let Some(input) = self.waiting.borrow_mut().pop_front() else {
                break;
            };
            self.client.borrow_mut().handle_input(input, clock());
        }
        self.is_running.set(false);
        let deadline = self.client.borrow().poll_timeout();
        if deadline.is_none() {
            let lingering = self.lingering.borrow_mut().take();
            drop(lingering);
        }
        self.timer.set(deadline);
    }

    fn carry_out(&self, output: Output) {
        match output {
            Output::Open { transport, url } => self.transports.open(transport, &url),
            Output::Request { transport, request } => self.transports.request(transport, request),
            Output::Send { transport, frame } => self.transports.send(transport, &frame),
            Output::Close { transport } => self.transports.close(transport),
            Output::Auth {
                socket,
                request,
                refusal,
            } => self.ask(socket, request, refusal),
            Output::Event(socket, event) => self.tell(socket, event),
            Output::Manager(event) => {
                self.listeners
                    .tell_all(&Kind::Manager, &Told::Manager(&event));
            }
        }
    }

    fn ask(&self, socket: SocketId, request: AuthId, refusal: Option<Refusal>) {
        let provider = self.providers.borrow().get(&socket).cloned();
        let Some(provider) = provider else {
            return self.handle(Input::Auth(request, Ok(None)));
        };
        let (asked, me) = (provider(refusal), self.me.clone());
        spawn_local(async move {
            let auth = asked.await;
            if let Some(connection) = me.upgrade() {
                connection.handle(Input::Auth(request, auth));
            }
        });
    }

    fn tell(&self, socket: SocketId, event: Event) {
        let tell = |kind: Kind, told: Told<'_>| self.listeners.tell(socket, &[&kind], &told);
        match event {
            Event::Connected { id, recovered } => {
                let id = id.as_str();
                tell(Kind::Connect, Told::Connect { id, recovered });
            }
            Event::Message { event, args, ack } => {
                let reply = ack.map(|token| Reply::new(token, &self.me));
                let (args, reply) = (args.as_slice(), reply.as_ref());
                let kind = Kind::Event(event);
                let Kind::Event(event) = &kind else { return };
                let told = Told::Message { event, args, reply };
                self.listeners.tell(socket, &[&Kind::Any, &kind], &told);
            }
            Event::Sent { event, args } => {
                let (event, args) = (event.as_str(), args.as_slice());
                tell(Kind::AnyOutgoing, Told::Sent { event, args });
            }
            Event::Acked { ack, args } => self.complete(ack, Ok(args)),
            Event::AckFailed { ack, error } => self.complete(ack, Err(error)),
            Event::EmitDropped { event } => tell(Kind::Dropped, Told::Dropped(&event)),
            Event::Disconnected(reason) => tell(Kind::Disconnect, Told::Disconnect(&reason)),
            Event::ConnectError(reason) => tell(Kind::ConnectError, Told::ConnectError(&reason)),
            // The state says so.
            Event::Reconnecting { .. } => {}
        }
    }

    fn complete(&self, ack: AckId, answer: Result<Vec<Value>, AckError>) {
        let pending = self.pending.borrow_mut().remove(&ack);
        if let Some(pending) = pending {
            pending.complete(answer);
        }
    }

    /// Tells where a socket stands now, if that is news. Says whether anything was told.
    fn tell_states(&self) -> bool {
        let sockets = self.client.borrow().sockets();
        for socket in sockets {
            let state = self.client.borrow().state_of(socket).clone();
            if self.states.borrow().get(&socket).unwrap_or(&State::Idle) == &state {
                continue;
            }
            self.states.borrow_mut().insert(socket, state.clone());
            self.listeners
                .tell(socket, &[&Kind::State], &Told::State(&state));
            return true;
        }
        false
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let pending = self.pending.take();
        for pending in pending.values() {
            pending.complete(Err(AckError::Disconnected));
        }
    }
}
