//! One suite over both engines: the same cases through the same session, each case held to one class of tolerance, whichever
//! engine computed it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cases;
mod class;
mod networks;
mod node;

use super::gpu::tests::gpu;
use class::Class;
