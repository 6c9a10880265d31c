//! Progress over several runs, in samples.

use std::cell::{Cell, RefCell};
use std::ops::ControlFlow;

use crate::onnx::Progress;

/// Adds up runs, and tells.
pub struct Meter {
    told: RefCell<Box<Progress<'static>>>,
    done: Cell<u64>,
    total: Cell<u64>,
}

impl Default for Meter {
    fn default() -> Self {
        Self::new(Box::new(go))
    }
}

impl Meter {
    /// Progress goes there; what it answers stops a run.
    pub fn new(told: Box<Progress<'static>>) -> Self {
        Self { told: RefCell::new(told), done: Cell::new(0), total: Cell::new(0) }
    }

    /// So many samples more will be run.
    pub(super) fn expect(&self, samples: u64) {
        self.total.set(self.total.get().saturating_add(samples));
    }

    /// The run at hand has come this far.
    pub(super) fn at(&self, samples: u64) -> ControlFlow<()> {
        let done = self.done.get().saturating_add(samples);
        let mut told = self.told.borrow_mut();
        (*told)(done, self.total.get().max(done))
    }

    /// A run has ended.
    pub(super) fn done(&self, samples: u64) {
        self.done.set(self.done.get().saturating_add(samples));
    }
}

/// Goes on.
pub(super) fn go(_: u64, _: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}
