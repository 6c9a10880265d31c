//! Prices under SEMI2K: by its table of primitives.

use super::constants::TABLE;
use crate::cost::job::Job;
use crate::cost::protocols::sharing::price::price;
use crate::cost::term::{Context, Priced, Term};

pub(in crate::cost) fn price_semi2k(job: Job<'_>, context: Context<'_>, out: &mut Vec<Term>) -> Priced {
    price(&TABLE, job, context, out)
}
