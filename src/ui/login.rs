//! Signing in: a real form, so that password managers and screen readers know it.

use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;

use super::hooks::{use_connection, use_sign_in, use_telltale};
use super::icon::{icon, Icon};
use super::live::{part, say, text};
use super::words::{self, Key};
use super::{foreign, set_title, unique};
use crate::domain::Text;
use crate::session::state::{SignIn, SignInError};

/// Whom the form asks for, and who hears it: the session, or the page before there is one.
#[derive(Clone)]
pub struct Door {
    /// The servers that a person signs in to.
    pub servers: Arc<dyn Fn() -> Vec<String> + Send + Sync>,
    /// How it stands.
    pub state: ReadSignal<SignIn>,
    /// Takes a name and a password.
    pub sign_in: Arc<dyn Fn(String, String) + Send + Sync>,
}

impl Door {
    /// The session's.
    pub fn of_session() -> Self {
        let telltale = use_telltale();
        let sources = use_connection().sources;
        let sign_in = use_sign_in();
        let asks = move |source| {
            let profile = telltale.profile(source);
            profile.is_some_and(|profile| profile.signs_in)
        };
        let servers = move || {
            sources.with(|sources| {
                let asking = sources.iter().filter(|state| asks(state.source));
                asking.map(|state| state.name.as_str().to_owned()).collect()
            })
        };
        Self {
            servers: Arc::new(servers),
            state: sign_in.state,
            sign_in: Arc::new(move |name, password| sign_in.sign_in(name, password)),
        }
    }
}

/// The page that asks to sign in.
pub fn login_page(door: Door) -> AnyView {
    set_title(|| words::title(&words::say(Key::SignIn)));
    view! {
        <section class="card login">
            <h1 tabindex="-1">{say(Key::SignIn)}</h1>
            {login_form(door)}
        </section>
    }
    .into_any()
}

/// The form, on its page and in the dialog that asks again.
pub fn login_form(door: Door) -> impl IntoView {
    let (name, password) = (NodeRef::<html::Input>::new(), NodeRef::<html::Input>::new());
    let fault = unique("fault");
    let described = fault.clone();
    let state = door.state;
    let is_wrong =
        move || state.with(|state| matches!(state, SignIn::Refused(SignInError::Credentials)));
    let is_asking = move || state.with(|state| *state == SignIn::Asking);
    Effect::new(move |_| {
        // After a refusal the next thing to do is to type the password again.
        if state.with(|state| matches!(state, SignIn::Refused(_))) {
            if let Some(password) = password.get_untracked() {
                let _ = password.focus();
            }
        }
    });
    let servers = door.servers;
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if let (Some(name), Some(password)) = (name.get_untracked(), password.get_untracked()) {
            if !untrack(is_asking) {
                (door.sign_in)(name.value(), password.value());
                // The form stays on the page, in a closed dialog, after it has served.
                password.set_value("");
            }
        }
    };
    view! {
        <form class="stack" on:submit=submit>
            <p class="meta">
                {part(move || {
                    let names = Text::name(&words::list_of(&servers()));
                    foreign::sentence(words::sentence(Key::SignInFor, &[], names))
                })}
            </p>
            <label>
                {say(Key::EmailOrUserName)}
                <input
                    name="username"
                    autocomplete="username"
                    autocapitalize="none"
                    spellcheck="false"
                    required
                    node_ref=name
                    aria-invalid=text(move || is_wrong().to_string())
                />
            </label>
            <label>
                {say(Key::Password)}
                <input
                    type="password"
                    name="password"
                    autocomplete="current-password"
                    required
                    node_ref=password
                    aria-invalid=text(move || is_wrong().to_string())
                    aria-describedby=described
                />
            </label>
            // The field has the focus already when the answer comes, so its description is not read again: this is
            // there from the start and speaks when it is filled.
            <div id=fault class="alarm" role="alert">
                {part(move || match state.get() {
                    SignIn::Refused(error) => {
                        let said = foreign::sentence(words::sign_in_error(&error));
                        Some(view! { <p class="fault">{icon(Icon::Bad)} <span>{said}</span></p> })
                    }
                    _ => None,
                })}
            </div>
            // Not `disabled` while asking: a disabled button loses the focus.
            <button class="primary" type="submit" aria-disabled=text(move || is_asking().to_string())>
                {text(move || words::say(if is_asking() { Key::SigningIn } else { Key::SignIn }))}
            </button>
        </form>
    }
}
