//! Compute seconds of SPU: so much a call and so much an element, on one thread of one machine.
//!
//! CPU seconds of the busiest party. The range is half to twice the middle: another machine is not this one.

use crate::cost::constant::{Constant, Status};
use crate::cost::term::{Context, Part, Term, To};

/// A function's time.
pub(in crate::cost) struct Time {
    pub call: Constant,
    pub each: Constant,
}

/// Seconds of a run, from half to twice.
pub(in crate::cost) const fn seconds(name: &'static str, mid: f64, source: &'static str) -> Constant {
    Constant::seconds(name, [0.5 * mid, mid, 2.0 * mid], Status::Measured, source)
}

/// `time!("relu", 7.1e-3, 3e-6, SOURCE)`: seconds a call, seconds an element.
macro_rules! time {
    ($name:literal, $call:expr, $each:expr, $source:expr) => {
        $crate::cost::protocols::spu::time::Time {
            call: $crate::cost::protocols::spu::time::seconds(
                concat!($name, "_call_seconds"),
                $call,
                $source,
            ),
            each: $crate::cost::protocols::spu::time::seconds(concat!($name, "_seconds"), $each, $source),
        }
    };
}
pub(in crate::cost) use time;

/// Where terms of time go: rings of 64 bits were timed, others were not.
pub(in crate::cost) struct Clock<'a> {
    pub context: Context<'a>,
    pub part: Part,
    pub status: Status,
}

const TIMED_RING: u32 = 64;

impl Clock<'_> {
    /// A function of `n` elements in `calls` calls.
    pub(in crate::cost) fn time(&self, out: &mut Vec<Term>, time: &'static Time, calls: u64, n: u128) {
        self.push(out, &time.call, calls.into(), "calls in turn", 1.0, "");
        self.push(out, &time.each, n, "elements", 1.0, "");
    }

    /// One rate, `count` times, by a factor.
    pub(in crate::cost) fn push(
        &self,
        out: &mut Vec<Term>,
        rate: &'static Constant,
        count: u128,
        of: &'static str,
        scale: f64,
        factor: &'static str,
    ) {
        let Context { terms, .. } = self.context;
        if count == 0 || terms.ring_bits != TIMED_RING {
            return;
        }
        let machine = terms.machine_factor;
        let name = match (factor, machine == 1.0) {
            (factor, true) => factor,
            ("", false) => "machine factor",
            (_, false) => "cube root of outputs and machine factor",
        };
        let term = Term::new(self.part, To::OnlineSeconds, rate, count, of).scaled(scale * machine, name);
        out.push(term.at_best(self.status));
    }
}
