//! Operators that compute on elements: element-wise, reducing, products, random numbers, signals.

mod binary;
mod cast;
mod einsum;
mod matmul;
mod random;
mod reduce;
mod select;
mod signal;
mod unary;
mod variadic;

use super::{Rule, fold};
pub(super) use matmul::product;

pub(super) fn find(domain: &str, op: &str) -> Option<Rule> {
    if !domain.is_empty() {
        return None;
    }
    let families = [
        unary::find,
        binary::find,
        variadic::find,
        cast::find,
        reduce::find,
        select::find,
        matmul::find,
        einsum::find,
        random::find,
        signal::find,
    ];
    families.iter().find_map(|family| family(op))
}
