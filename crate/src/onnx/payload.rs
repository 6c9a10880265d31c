//! Where a value lies that the skeleton leaves in its file.

/// A range of a file that holds (part of) a large value which the skeleton leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Payload {
    /// Which file: 0 is the model itself.
    pub(crate) file: u32,
    /// Field number in its TensorProto (or AttributeProto).
    pub(crate) field: u32,
    /// First byte.
    pub(crate) offset: u64,
    /// Bytes.
    pub(crate) length: u64,
    /// The range holds whole fields, tags included (string_data, numbers that were not packed),
    /// rather than one packed value.
    pub(crate) tagged: bool,
}
