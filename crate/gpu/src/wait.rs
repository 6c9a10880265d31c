//! A value that a callback delivers, as a future: how a mapped buffer is awaited, natively and in a
//! browser alike.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

struct State<T> {
    value: Option<T>,
    waker: Option<Waker>,
}

/// The end that waits.
pub(super) struct Waiting<T>(Arc<Mutex<State<T>>>);

/// The end that delivers.
pub(super) struct Deliver<T>(Arc<Mutex<State<T>>>);

/// Both ends.
pub(super) fn pair<T>() -> (Deliver<T>, Waiting<T>) {
    let state = Arc::new(Mutex::new(State { value: None, waker: None }));
    (Deliver(state.clone()), Waiting(state))
}

impl<T> Deliver<T> {
    /// Hands the value over and wakes who waits.
    pub(super) fn send(self, value: T) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.value = Some(value);
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
    }
}

impl<T> Future for Waiting<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match state.value.take() {
            Some(value) => Poll::Ready(value),
            None => {
                state.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}
