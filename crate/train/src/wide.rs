//! Work on long rows, compiled once more for processors with wider registers.
//!
//! Products are added one after another, never fused: what comes out is the same to the bit, however wide.

/// What is done: its `run`, and all that it calls, is inlined, so that it is compiled for each width.
pub(crate) trait Work {
    /// Does it.
    fn run(self);
}

/// Does it with the widest registers that are there.
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)] // the call of what only some processors have
pub(crate) fn wide(work: impl Work) {
    #[target_feature(enable = "avx2")]
    fn avx2(work: impl Work) {
        work.run();
    }
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: this processor has what the function is compiled for.
        unsafe { avx2(work) }
    } else {
        work.run();
    }
}

/// Does it: other targets have one width.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn wide(work: impl Work) {
    work.run();
}
