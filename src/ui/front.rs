//! What stands on the page before anybody has signed in: the form, the language and the theme.
//!
//! Nothing else of the program is needed for that, so nothing else is loaded: the session, the servers' vocabularies
//! and the views are three quarters of it. They are asked for as soon as somebody turns to the form, and have come by
//! the time a password is typed.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::hooks::use_sign_in;
use super::icon::{icon, Icon};
use super::language;
use super::live::{part, say};
use super::login::{login_page, Door};
use super::preferences;
use super::words::{self, Key};
use crate::session::config::Server;
use crate::session::state::{SignIn, SignInError};
use crate::session::Config;

/// The rest of the program, once it is there. Its parts are pointers, because what the front called by name would be
/// loaded with the front.
#[derive(Clone, Copy)]
pub struct Program {
    /// Starts the session for those who come in by the front, which shows how signing in stands; gives what signs in.
    open: fn(Config, RwSignal<SignIn>) -> SignsIn,
    /// The page of that session.
    page: fn() -> AnyView,
    /// Both at once.
    whole: fn(Config) -> AnyView,
    /// The page instead, if the configuration cannot be used.
    fault: fn(&str) -> AnyView,
}

impl Program {
    /// Everything that is not the front: a page that loads in parts calls this from the part that is loaded later.
    #[must_use]
    pub fn new() -> Self {
        Self {
            open,
            page: || super::app().into_any(),
            whole: |config| {
                start(config);
                super::app().into_any()
            },
            fault: |fault| super::config_page(fault).into_any(),
        }
    }

    /// The whole page at once, for servers that ask nobody to sign in.
    #[must_use]
    pub fn whole(self, config: Config) -> AnyView {
        (self.whole)(config)
    }

    /// What is said of a configuration that cannot be used.
    #[must_use]
    pub fn fault(self, fault: &str) -> AnyView {
        (self.fault)(fault)
    }
}

impl Default for Program {
    fn default() -> Self {
        Self::new()
    }
}

/// The rest on its way; `None` if it could not be loaded, in which case it may be tried again.
pub type Loading = Pin<Box<dyn Future<Output = Option<Program>>>>;

/// Takes a name and a password.
type SignsIn = Box<dyn Fn(String, String)>;

/// What is behind the front, as far as it is there.
struct Behind {
    /// Until there is a session.
    config: Option<Config>,
    is_loading: bool,
    /// With what somebody wants to sign in, until there is a session.
    asked: Option<(String, String)>,
    session: Option<(Program, SignsIn)>,
}

/// Whether a page with this configuration begins with the form: until somebody has signed in, a session with a server
/// that asks for it connects to none.
#[must_use]
pub fn has_front(config: &Config) -> bool {
    config.servers.iter().any(asks)
}

fn asks(server: &Server) -> bool {
    server.kind.profile().signs_in
}

/// The front, and behind it, when somebody has signed in, the page. `load` brings what is behind.
pub fn front(config: Config, load: fn() -> Loading) -> AnyView {
    language::name_in_document();
    let names = config.servers.iter().filter(|server| asks(server));
    let names: Vec<_> = names
        .map(|server| server.name.as_str().to_owned())
        .collect();
    let state = RwSignal::new(SignIn::SignedOut);
    let behind = StoredValue::new_local(Behind {
        config: Some(config),
        is_loading: false,
        asked: None,
        session: None,
    });
    // What the session owns lives as long as the page, not as long as the form. The page holds this: if this held
    // the page, neither would ever be dropped.
    let owner = StoredValue::new_local(Owner::current().map(|owner| owner.downgrade()));
    let fetch = move || {
        let is_idle = behind.try_update_value(|behind| {
            let is_idle = !behind.is_loading && behind.session.is_none();
            behind.is_loading |= is_idle;
            is_idle
        });
        if is_idle != Some(true) {
            return;
        }
        spawn_local(async move {
            let program = load().await;
            let taken = behind.try_update_value(|behind| {
                behind.is_loading = false;
                // It stays for the next try if there is nobody to take it.
                let config = program.and_then(|_| behind.config.take());
                (config, behind.asked.take())
            });
            let (config, asked) = taken.unwrap_or_default();
            if let (Some(program), Some(config)) = (program, config) {
                let page = owner.with_value(|owner| owner.as_ref()?.upgrade());
                let Some(page) = page else {
                    return;
                };
                let signs_in = page.with(|| (program.open)(config, state));
                if let Some((name, password)) = asked {
                    signs_in(name, password);
                }
                behind.update_value(|behind| behind.session = Some((program, signs_in)));
            } else if asked.is_some() {
                // Whoever only looked at the form need not know.
                state.set(SignIn::Refused(SignInError::NotLoaded));
            }
        });
    };
    let sign_in = move |name, password| {
        state.set(SignIn::Asking);
        behind.update_value(|behind| match &behind.session {
            Some((_, signs_in)) => signs_in(name, password),
            None => behind.asked = Some((name, password)),
        });
        fetch();
    };
    let door = Door {
        servers: Arc::new(move || names.clone()),
        state: state.read_only(),
        sign_in: Arc::new(sign_in),
    };
    // Once in, always in: the page has its own form for whoever signs out.
    let is_inside = Memo::new(move |was: Option<&bool>| {
        was == Some(&true) || state.with(|state| matches!(state, SignIn::SignedIn { .. }))
    });
    let page = move || {
        let session = |behind: &Behind| behind.session.as_ref().map(|(program, _)| program.page);
        is_inside
            .get()
            .then(|| behind.with_value(session))
            .flatten()
    };
    part(move || match page() {
        Some(page) => page(),
        None => view! {
            <header class="top">
                <strong class="brand">{words::PRODUCT}</strong>
                <span class="grow"></span>
                <button class="plain" popovertarget="settings" aria-label=say(Key::Settings)>
                    {icon(Icon::Theme)}
                </button>
                <div class="beside">
                    <section id="settings" class="popup" popover="auto" aria-label=say(Key::Settings)>
                        {preferences::language_choice()}
                        {preferences::theme_choice()}
                    </section>
                </div>
            </header>
            <main id="main" tabindex="-1" on:focusin=move |_| fetch()>
                {login_page(door.clone())}
            </main>
        }
        .into_any(),
    })
    .into_any()
}

/// Starts the session below the current owner, and lets the form hear of it.
fn open(config: Config, shown: RwSignal<SignIn>) -> SignsIn {
    start(config);
    let sign_in = use_sign_in();
    Effect::new(move |_| match sign_in.state.get() {
        // It says so until it has heard of the first try, which the form knows of.
        SignIn::SignedOut => {}
        state => shown.set(state),
    });
    Box::new(move |name, password| sign_in.sign_in(name, password))
}

/// Starts the session below the current owner.
fn start(config: Config) {
    #[cfg(feature = "debug")]
    super::debug::provide_telltale(config);
    #[cfg(not(feature = "debug"))]
    super::hooks::provide_telltale(config);
}
