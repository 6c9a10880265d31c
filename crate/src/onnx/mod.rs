//! Bytes to messages.

#[allow(missing_docs, unreachable_pub, clippy::all)]
mod schema;

pub(crate) use schema::*;
