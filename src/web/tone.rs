//! One short tone, made by the browser: no file has to be loaded, and no policy allow it.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{spawn_local, JsFuture};
use web_sys::AudioContext;

use super::global;
use super::handle::EventListener;

/// What it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// Act: once, at a pitch above voices.
    High,
    /// Act now: higher, and twice.
    Critical,
}

impl Urgency {
    /// How high it is, in hertz: above voices, below what hurts.
    fn pitch(self) -> f32 {
        match self {
            Self::High => 660.0,
            Self::Critical => 880.0,
        }
    }

    /// How often it sounds, one after the other.
    fn times(self) -> u8 {
        match self {
            Self::High => 1,
            Self::Critical => 2,
        }
    }

    /// The lock that the tab has which sounds. One of its own for each: what is worse is not silent because something
    /// milder has just sounded.
    fn lock(self) -> &'static str {
        match self {
            Self::High => "telltale.tone",
            Self::Critical => "telltale.tone.critical",
        }
    }
}

/// How loud it begins, of 1.
const LOUDNESS: f32 = 0.15;
/// How long each is, in seconds.
const LENGTH: f64 = 0.25;
/// For how long no other tab sounds, in milliseconds: browsers wake one that is hidden once a second.
const ALONE_MILLIS: i32 = 2_000;

/// Plays the tone; dropped, it is silent.
pub struct Tone {
    context: AudioContext,
    /// Of the tone that ends last, and when: the audio device is let go then, and not under a tone that goes on.
    ended: Rc<RefCell<Option<(f64, EventListener)>>>,
}

impl Tone {
    /// Makes it ready. Browsers only let a page sound that a person has touched: to be called when they press
    /// something.
    #[must_use]
    pub fn new() -> Option<Self> {
        let context = AudioContext::new().ok()?;
        let _ = context.suspend();
        Some(Self {
            context,
            ended: Rc::default(),
        })
    }

    /// Plays it once, in one of the tabs that want to and at most every two seconds for each urgency; does nothing
    /// where the browser does not let us.
    pub fn play(&self, urgency: Urgency) {
        let (context, ended) = (self.context.clone(), Rc::clone(&self.ended));
        in_one_tab(urgency.lock(), move || {
            // What no browser lets us play is not heard; it is on the page all the same.
            let _ = begin(&context, &ended, urgency);
        });
    }
}

/// Whether a person has pressed something on this page: before that, no browser lets it sound. `None` where the browser
/// does not say.
#[must_use]
pub fn has_been_active() -> Option<bool> {
    let get = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).ok();
    let navigator = global::<JsValue>("navigator");
    let activation = navigator.and_then(|navigator| get(&navigator, "userActivation"));
    let has_been = activation.and_then(|activation| get(&activation, "hasBeenActive"));
    has_been.and_then(|has_been| has_been.as_bool())
}

fn begin(
    context: &AudioContext,
    ended: &RefCell<Option<(f64, EventListener)>>,
    urgency: Urgency,
) -> Result<(), JsValue> {
    let _ = context.resume()?;
    let (begins, oscillator) = (context.current_time(), context.create_oscillator()?);
    let volume = context.create_gain()?;
    oscillator.frequency().set_value(urgency.pitch());
    let gain = volume.gain();
    let mut ends = begins;
    for _ in 0..urgency.times() {
        gain.set_value_at_time(LOUDNESS, ends)?;
        ends += LENGTH;
        // An end at full volume is heard as a crack.
        gain.exponential_ramp_to_value_at_time(0.001, ends)?;
    }
    oscillator.connect_with_audio_node(&volume)?;
    volume.connect_with_audio_node(&context.destination())?;
    let mut ended = ended.borrow_mut();
    if ended.as_ref().is_none_or(|(last, _)| ends >= *last) {
        let device = context.clone();
        let listener = EventListener::new(&oscillator, "ended", move |_| {
            let _ = device.suspend();
        });
        *ended = listener.map(|listener| (ends, listener));
    }
    oscillator.start()?;
    oscillator.stop_with_when(ends)
}

/// Does it unless a tab of this page has just done so. Only a secure page has locks: without them each tab does it.
fn in_one_tab(lock: &str, does: impl FnOnce() + 'static) {
    let get = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).ok();
    let locks = global::<JsValue>("navigator").and_then(|navigator| get(&navigator, "locks"));
    let request = locks.as_ref().and_then(|locks| get(locks, "request"));
    let request = request.and_then(|request| request.dyn_into::<Function>().ok());
    let (Some(locks), Some(request)) = (locks, request) else {
        return does();
    };
    // Setting a property of an object that was made here cannot fail.
    let options = Object::new();
    let _ = Reflect::set(&options, &"ifAvailable".into(), &JsValue::TRUE);
    // The lock is held until what this returns is settled.
    let granted = Closure::once_into_js(move |lock: JsValue| {
        if lock.is_null() {
            return Promise::resolve(&lock);
        }
        does();
        Promise::new(&mut |resolve, _| {
            let window = web_sys::window();
            let _ = window.map(|window| {
                window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ALONE_MILLIS)
            });
        })
    });
    if let Ok(done) = request.call3(&locks, &lock.into(), &options, &granted) {
        // Refused, as to a page without an origin, it is silent.
        spawn_local(async move {
            let _ = JsFuture::from(done.unchecked_into::<Promise>()).await;
        });
    }
}

impl Drop for Tone {
    fn drop(&mut self) {
        let _ = self.context.close();
    }
}
