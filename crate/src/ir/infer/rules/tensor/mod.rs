//! Operators that make, move, cut and join tensors, sequences and texts.

mod cut;
mod gather;
mod join;
mod make;
mod pass;
mod reshape;
mod scatter;
mod sequence;
mod shape;
mod slice;
mod sparse;
mod stretch;
mod text;

use super::{Rule, fold};

pub(super) fn find(domain: &str, op: &str) -> Option<Rule> {
    if !domain.is_empty() {
        return None;
    }
    let families = [
        pass::find,
        make::find,
        shape::find,
        reshape::find,
        join::find,
        cut::find,
        slice::find,
        gather::find,
        scatter::find,
        stretch::find,
        sparse::find,
        sequence::find,
        text::find,
    ];
    families.iter().find_map(|family| family(op))
}
