//! What a rule is.

use crate::ir::infer::{Ctx, Inferred};

/// A shape rule.
pub(in crate::ir::infer) type Rule = fn(&mut Ctx<'_>) -> Inferred;
