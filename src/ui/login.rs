//! Signing in: a real form, so that password managers and screen readers know it.

use leptos::html;
use leptos::prelude::*;

use super::hooks::{use_connection, use_sign_in, use_telltale};
use super::icon::{icon, Icon};
use super::live::{part, say, text};
use super::words::{self, Key};
use super::{foreign, set_title, unique};
use crate::domain::Text;
use crate::session::state::{SignIn, SignInError};

/// The page that asks to sign in.
pub fn login_page() -> AnyView {
    set_title(|| words::title(&words::say(Key::SignIn)));
    view! {
        <section class="card login">
            <h1 tabindex="-1">{say(Key::SignIn)}</h1>
            {login_form()}
        </section>
    }
    .into_any()
}

/// The form, on its page and in the dialog that asks again.
pub fn login_form() -> impl IntoView {
    let telltale = use_telltale();
    let status = use_connection();
    let sign_in = use_sign_in();
    let (name, password) = (NodeRef::<html::Input>::new(), NodeRef::<html::Input>::new());
    let fault = unique("fault");
    let described = fault.clone();
    let error = Memo::new(move |_| {
        sign_in.state.with(|state| match state {
            SignIn::Refused(error) => Some(error.clone()),
            _ => None,
        })
    });
    let is_wrong = move || error.with(|error| matches!(error, Some(SignInError::Credentials)));
    let is_asking = move || sign_in.state.with(|state| *state == SignIn::Asking);
    Effect::new(move |_| {
        // After a refusal the next thing to do is to type the password again.
        if error.with(Option::is_some) {
            if let Some(password) = password.get_untracked() {
                let _ = password.focus();
            }
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if let (Some(name), Some(password)) = (name.get_untracked(), password.get_untracked()) {
            if !untrack(is_asking) {
                sign_in.sign_in(name.value(), password.value());
                // The form stays on the page, in a closed dialog, after it has served.
                password.set_value("");
            }
        }
    };
    view! {
        <form class="stack" on:submit=submit>
            <p class="meta">
                {part(move || {
                    let asking = |state: &&crate::session::state::SourceState| {
                        telltale.profile(state.source).is_some_and(|profile| profile.signs_in)
                    };
                    let names: Vec<String> = status.sources.with(|sources| {
                        let names = sources.iter().filter(asking);
                        names.map(|state| state.name.as_str().to_owned()).collect()
                    });
                    {
                        let names = Text::name(&words::list_of(&names));
                        foreign::sentence(words::sentence(Key::SignInFor, &[], names))
                    }
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
                {part(move || {
                    error.get().map(|error| {
                        let said = foreign::sentence(words::sign_in_error(&error));
                        view! { <p class="fault">{icon(Icon::Bad)} <span>{said}</span></p> }
                    })
                })}
            </div>
            // Not `disabled` while asking: a disabled button loses the focus.
            <button class="primary" type="submit" aria-disabled=text(move || is_asking().to_string())>
                {text(move || words::say(if is_asking() { Key::SigningIn } else { Key::SignIn }))}
            </button>
        </form>
    }
}
