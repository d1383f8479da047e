//! An answer that is awaited.

use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};

use serde::de::DeserializeOwned;

use super::connection::Connection;
use crate::json::typed;
use crate::json::Value;
use crate::protocol::{AckError, AckId, EmitError};

/// Why an emit came to nothing, or its answer to nothing of use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// It was not sent or kept at all.
    Emit(EmitError),
    /// No answer will come.
    Ack(AckError),
    /// The arguments could not be written, or the answer is not of the type that was asked for.
    Payload(typed::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Emit(error) => error.fmt(f),
            Self::Ack(error) => error.fmt(f),
            Self::Payload(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

/// One answer, shared by who waits for it and the connection.
#[derive(Default)]
pub struct Pending {
    answer: RefCell<Option<Result<Vec<Value>, AckError>>>,
    waker: RefCell<Option<Waker>>,
}

impl Pending {
    pub fn complete(&self, answer: Result<Vec<Value>, AckError>) {
        *self.answer.borrow_mut() = Some(answer);
        let waker = self.waker.borrow_mut().take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// The future of an answer. Dropped before the answer came, it takes the emit back if it is not sent yet, and else
/// forgets the answer.
#[must_use = "dropping it takes the emit back if it is not sent yet"]
pub struct Acked<R> {
    connection: Weak<Connection>,
    /// `None` once it is ready.
    state: Option<Result<(AckId, Rc<Pending>), Error>>,
    answer: PhantomData<fn() -> R>,
}

impl<R> Acked<R> {
    pub(super) fn new(
        connection: &Rc<Connection>,
        state: Result<(AckId, Rc<Pending>), Error>,
    ) -> Self {
        Self {
            connection: Rc::downgrade(connection),
            state: Some(state),
            answer: PhantomData,
        }
    }
}

impl<R: DeserializeOwned> Future for Acked<R> {
    type Output = Result<R, Error>;

    /// # Panics
    /// If it is polled after it was ready, as futures do.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = match self.state.as_ref().expect("polled after it was ready") {
            Err(error) => Err(error.clone()),
            Ok((_, pending)) => match pending.answer.borrow_mut().take() {
                Some(answer) => answer.map_err(Error::Ack),
                None => {
                    *pending.waker.borrow_mut() = Some(context.waker().clone());
                    return Poll::Pending;
                }
            },
        };
        self.state = None;
        Poll::Ready(answer.and_then(|args| typed::from_args(&args).map_err(Error::Payload)))
    }
}

impl<R> Drop for Acked<R> {
    fn drop(&mut self) {
        if let (Some(Ok((ack, _))), Some(connection)) =
            (self.state.take(), self.connection.upgrade())
        {
            connection.cancel(ack);
        }
    }
}
