//! A value is refreshed only when the next operation lacks levels, and a value that was refreshed once is fresh for all
//! who read it. Ciphertexts stay as high as they can.
//!
//! A convolution (2) and an activation (14) leave 0 of 16 levels, so each activation but the first of ResNet-20 begins
//! with a refresh: 18.

use super::ops::{Choice, Op};

/// A choice for each operation.
pub(super) fn greedy(ops: &[Op], fresh: u32, refreshed: u32) -> Vec<Choice> {
    let mut made: Vec<u32> = Vec::with_capacity(ops.len());
    let mut choices = Vec::with_capacity(ops.len());
    for op in ops {
        let least = |made: &[u32]| op.reads.iter().filter_map(|read| made.get(*read)).copied().min();
        let mut choice = Choice { level: least(&made).unwrap_or(fresh), refreshes: Vec::new() };
        if op.opens {
            choice.level = refreshed;
        }
        if choice.level < op.need && op.need <= refreshed {
            for read in &op.reads {
                if let Some(level) = made.get_mut(*read).filter(|level| **level < op.need) {
                    *level = refreshed;
                    choice.refreshes.push(*read);
                }
            }
            choice.level = least(&made).unwrap_or(refreshed);
        }
        made.push(choice.level.saturating_sub(op.need));
        choices.push(choice);
    }
    choices
}
