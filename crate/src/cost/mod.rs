//! What counts cost under a protocol.
