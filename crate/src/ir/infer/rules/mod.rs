//! The rules, one family a file. To add one: write it in its family's file, name it in that file's
//! `find`, and see tests/conformance.

mod fold;
mod math;
mod nn;
mod rule;
mod tensor;

pub(super) use rule::Rule;

/// The rule of an operator; None where there is none.
pub(super) fn find(domain: &str, op: &str) -> Option<Rule> {
    let families = [math::find, tensor::find, nn::find];
    families.iter().find_map(|family| family(domain, op))
}
