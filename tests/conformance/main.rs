//! Shape inference against ONNX itself: its node tests with the answers taken out, and what its own
//! inference knows of whole models. No shape may be wrong; what is not known is listed, with the
//! reason, in `gaps.txt`, and the test fails when that list is out of date in either direction.
//!
//! `make_node_tests.py` makes the fixtures.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod judge;
mod light;
mod node;
