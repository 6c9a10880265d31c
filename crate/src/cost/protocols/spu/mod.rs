//! What SPU 0.9.5 does alike under each of its protocols: how it composes functions, and how deep its maxima are.

pub(in crate::cost) mod functions;
#[cfg(test)]
mod tests;
pub(in crate::cost) mod time;
