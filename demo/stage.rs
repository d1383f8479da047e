//! A world behind signals: what the views read and command.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::time::Duration;

use leptos::prelude::*;
use telltale::domain::trail::Trail;
use telltale::domain::view::{MediaView, MeetingView};
use telltale::domain::{MediaKey, MeetingKey, Source, Summary};
use telltale::session::state::{Command, Secret, UploadId};
use telltale::session::SourceProfile;
use telltale::time::{Instant, Timestamp};
use telltale::toast::Activity;
use telltale::ui::hooks::provide_telltale_on;
use telltale::ui::store::{Backing, Store};
use telltale::web::{Dirty, Listener, OnChange};

use crate::world::World;

/// How late it is on the page.
pub type Clock = Box<dyn Fn() -> Instant>;

/// See the module.
pub struct Stage {
    world: RefCell<World>,
    store: Rc<Store>,
    /// Where there is none, the time stands still.
    clock: Option<Clock>,
    is_scheduled: Cell<bool>,
    me: Weak<Self>,
}

impl Stage {
    /// Provides a world to everything below the current component.
    pub fn provide(mut world: World, clock: Option<Clock>) -> Rc<Self> {
        if let Some(clock) = &clock {
            world.pass_until(clock());
        }
        let stage = Rc::new_cyclic(|me| Self {
            world: RefCell::new(world),
            store: Rc::new(Store::new()),
            clock,
            is_scheduled: Cell::new(false),
            me: me.clone(),
        });
        if let Some(recording) = stage.world.borrow().recording() {
            recording.provide();
        }
        stage.write(&Dirty {
            list: true,
            tick: true,
            ..Dirty::default()
        });
        provide_telltale_on(stage.store.clone(), stage.clone());
        stage
    }

    /// Changes the world as of now; what is different is seen in the next frame.
    pub fn change<R>(&self, change: impl FnOnce(&mut World) -> R) -> R {
        let result = {
            let mut world = self.world.borrow_mut();
            if let Some(clock) = &self.clock {
                world.pass_until(clock());
            }
            change(&mut world)
        };
        self.schedule();
        result
    }

    /// Lets so much time pass where it stands still otherwise, and shows what is different.
    pub fn pass(&self, span: Duration) {
        let end = self.world.borrow().now() + span;
        self.change(|world| world.pass_until(end));
        self.show();
    }

    /// An id of a server's media or meeting, as its servers have it.
    pub fn id(&self, id: &str) -> String {
        self.world.borrow().id(id)
    }

    /// Lets the time pass until now and shows what is different, with or without a frame: a page that nobody can see
    /// has none.
    pub fn catch_up(&self) {
        self.change(|_| ());
        self.show();
    }

    fn schedule(&self) {
        if self.is_scheduled.replace(true) {
            return;
        }
        let me = self.me.clone();
        // Without a window there is no frame, and nobody who would miss it.
        let _ = request_animation_frame(move || {
            if let Some(stage) = me.upgrade() {
                stage.show();
            }
        });
    }

    fn show(&self) {
        self.is_scheduled.set(false);
        let dirty = self.world.borrow_mut().take_dirty();
        self.write(&dirty);
    }

    fn write(&self, dirty: &Dirty) {
        let world = self.world.borrow();
        self.store.flush(world.session(), dirty, world.now());
    }
}

impl Backing for Stage {
    fn command(&self, command: Command) {
        self.change(|world| world.command(command));
    }

    fn upload(&self, source: Source, file: web_sys::File) -> UploadId {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let bytes = file.size().max(0.0) as u64;
        self.change(|world| world.upload(source, &file.name(), bytes))
    }

    fn cancel_upload(&self, id: UploadId) {
        self.change(|world| world.cancel_upload(id));
    }

    fn summary(&self, key: &MediaKey) -> Option<Summary> {
        self.world.borrow().session().summary(key).cloned()
    }

    fn media(&self, key: &MediaKey) -> Option<MediaView> {
        let world = self.world.borrow();
        world.session().media(key, world.now())
    }

    fn meeting(&self, key: &MeetingKey) -> Option<MeetingView> {
        let world = self.world.borrow();
        world.session().meeting(key, world.now())
    }

    fn trail(&self, key: &MeetingKey) -> Option<Trail> {
        self.world.borrow().session().trail(key)
    }

    fn tokens(&self) -> Vec<Secret> {
        self.world.borrow().session().tokens().collect()
    }

    fn wall_time(&self, at: Instant) -> Timestamp {
        self.world.borrow().wall_time(at)
    }

    /// Nobody is told: only applications listen, and our own views are none.
    fn listen(&self, _: OnChange) -> Listener {
        Listener::of_nothing()
    }

    fn redraw(&self) {
        self.schedule();
    }

    fn activity(&self, read: &mut dyn FnMut(&Activity)) {
        read(self.world.borrow().session().activity());
    }

    fn profile(&self, source: Source) -> Option<SourceProfile> {
        self.world.borrow().session().profile(source)
    }

    fn set_tap(&self, tap: Option<Rc<dyn telltale::session::record::Tap>>) {
        self.world.borrow_mut().tap = tap;
    }

    fn session(&self, read: &mut dyn FnMut(&telltale::session::Session, Instant)) {
        let world = self.world.borrow();
        read(world.session(), world.now());
    }
}
