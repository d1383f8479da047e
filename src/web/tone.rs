//! One short tone, made by the browser: no file has to be loaded, and no policy allow it.

use std::cell::RefCell;

use web_sys::AudioContext;

use super::handle::EventListener;

/// How high it is, in hertz: above voices, below what hurts.
const PITCH: f32 = 660.0;
/// How loud it begins, of 1.
const LOUDNESS: f32 = 0.15;
/// How long it is, in seconds.
const LENGTH: f64 = 0.25;

/// Plays the tone; dropped, it is silent.
pub struct Tone {
    context: AudioContext,
    /// Of the last tone: the audio device is let go when it ends.
    ended: RefCell<Option<EventListener>>,
}

impl Tone {
    /// Makes it ready. Browsers only let a page sound that a person has touched: to be called when they press something.
    #[must_use]
    pub fn new() -> Option<Self> {
        let context = AudioContext::new().ok()?;
        let _ = context.suspend();
        Some(Self {
            context,
            ended: RefCell::default(),
        })
    }

    /// Plays it once; does nothing where the browser does not let us.
    pub fn play(&self) {
        let _ = self.begin();
    }

    fn begin(&self) -> Result<(), wasm_bindgen::JsValue> {
        let context = &self.context;
        let _ = context.resume()?;
        let (begins, oscillator) = (context.current_time(), context.create_oscillator()?);
        let volume = context.create_gain()?;
        oscillator.frequency().set_value(PITCH);
        // An end at full volume is heard as a crack.
        let gain = volume.gain();
        gain.set_value_at_time(LOUDNESS, begins)?;
        gain.exponential_ramp_to_value_at_time(0.001, begins + LENGTH)?;
        oscillator.connect_with_audio_node(&volume)?;
        volume.connect_with_audio_node(&context.destination())?;
        let device = context.clone();
        *self.ended.borrow_mut() = EventListener::new(&oscillator, "ended", move |_| {
            let _ = device.suspend();
        });
        oscillator.start()?;
        oscillator.stop_with_when(begins + LENGTH)
    }
}

impl Drop for Tone {
    fn drop(&mut self) {
        let _ = self.context.close();
    }
}
