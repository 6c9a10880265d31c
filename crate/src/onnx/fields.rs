//! Which field of which ONNX message holds what: the walk's table. A test holds it against
//! `proto/onnx-ml.proto`, field by field.

use std::mem::size_of;

use super::schema::*;

/// The messages of ONNX.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Message {
    Model,
    Graph,
    Node,
    Attribute,
    Tensor,
    Segment,
    SparseTensor,
    ValueInfo,
    Type,
    TypeTensor,
    TypeSequence,
    TypeMap,
    TypeOptional,
    TypeSparse,
    TypeOpaque,
    Shape,
    Dimension,
    Entry,
    OpsetId,
    Function,
    Training,
    Annotation,
    Device,
    NodeDevice,
    Sharding,
    IntIntList,
    ShardedDim,
    SimpleSharding,
}

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    Varint,
    Fixed32,
    Fixed64,
}

/// What a field holds, and what the walk does with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// One number: copied.
    One(Number),
    /// Numbers, packed or not: copied.
    Many(Number),
    /// UTF-8: copied, repaired where it is not.
    Str,
    /// A message: walked.
    Msg(Message),
    /// Doc strings and metadata below the model: checked and left out.
    Drop,
    /// Numbers of a tensor or a long attribute: kept when few, otherwise left in the file.
    Numbers(Number),
    /// Bytes, likewise; `true` when repeated.
    Blob(bool),
}

/// The field's kind, or `None` for a field that ONNX does not have (skipped).
pub(super) fn field(message: Message, number: u32) -> Option<Field> {
    use Field::{Blob, Drop, Many, Msg, Numbers, One, Str};
    use Message as M;
    use Number::{Fixed32, Fixed64, Varint};
    Some(match (message, number) {
        (M::Model, 1 | 5) => One(Varint),
        (M::Model, 2..=4) => Str,
        (M::Model, 6) => Drop,
        (M::Model, 7) => Msg(M::Graph),
        (M::Model, 8) => Msg(M::OpsetId),
        (M::Model, 14) => Msg(M::Entry),
        (M::Model, 20) => Msg(M::Training),
        (M::Model, 25) => Msg(M::Function),
        (M::Model, 26) => Msg(M::Device),

        (M::Graph, 1) => Msg(M::Node),
        (M::Graph, 2) => Str,
        (M::Graph, 5) => Msg(M::Tensor),
        (M::Graph, 15) => Msg(M::SparseTensor),
        (M::Graph, 11..=13) => Msg(M::ValueInfo),
        (M::Graph, 14) => Msg(M::Annotation),
        (M::Graph, 10 | 16) => Drop,

        (M::Node, 1..=4 | 7 | 8) => Str,
        (M::Node, 5) => Msg(M::Attribute),
        (M::Node, 10) => Msg(M::NodeDevice),
        (M::Node, 6 | 9) => Drop,

        (M::Attribute, 1 | 21) => Str,
        (M::Attribute, 13) => Drop,
        (M::Attribute, 2) => One(Fixed32),
        (M::Attribute, 3 | 20) => One(Varint),
        (M::Attribute, 4) => Blob(false),
        (M::Attribute, 5 | 10) => Msg(M::Tensor),
        (M::Attribute, 6 | 11) => Msg(M::Graph),
        (M::Attribute, 22 | 23) => Msg(M::SparseTensor),
        (M::Attribute, 14 | 15) => Msg(M::Type),
        (M::Attribute, 7) => Numbers(Fixed32),
        (M::Attribute, 8) => Numbers(Varint),
        (M::Attribute, 9) => Blob(true),

        (M::Tensor, 1) => Many(Varint),
        (M::Tensor, 2 | 14) => One(Varint),
        (M::Tensor, 3) => Msg(M::Segment),
        (M::Tensor, 4) => Numbers(Fixed32),
        (M::Tensor, 5 | 7 | 11) => Numbers(Varint),
        (M::Tensor, 10) => Numbers(Fixed64),
        (M::Tensor, 6) => Blob(true),
        (M::Tensor, 9) => Blob(false),
        (M::Tensor, 8) => Str,
        (M::Tensor, 13) => Msg(M::Entry),
        (M::Tensor, 12 | 16) => Drop,
        (M::Segment, 1 | 2) => One(Varint),

        (M::SparseTensor, 1 | 2) => Msg(M::Tensor),
        (M::SparseTensor, 3) => Many(Varint),

        (M::ValueInfo, 1) => Str,
        (M::ValueInfo, 2) => Msg(M::Type),
        (M::ValueInfo, 3 | 4) => Drop,

        (M::Type, 1) => Msg(M::TypeTensor),
        (M::Type, 4) => Msg(M::TypeSequence),
        (M::Type, 5) => Msg(M::TypeMap),
        (M::Type, 6) => Str,
        (M::Type, 7) => Msg(M::TypeOpaque),
        (M::Type, 8) => Msg(M::TypeSparse),
        (M::Type, 9) => Msg(M::TypeOptional),
        (M::TypeTensor | M::TypeSparse, 1) => One(Varint),
        (M::TypeTensor | M::TypeSparse, 2) => Msg(M::Shape),
        (M::TypeSequence | M::TypeOptional, 1) => Msg(M::Type),
        (M::TypeMap, 1) => One(Varint),
        (M::TypeMap, 2) => Msg(M::Type),
        (M::TypeOpaque, 1 | 2) => Str,
        (M::Shape, 1) => Msg(M::Dimension),
        (M::Dimension, 1) => One(Varint),
        (M::Dimension, 2 | 3) => Str,

        (M::Entry, 1 | 2) => Str,
        (M::OpsetId, 1) => Str,
        (M::OpsetId, 2) => One(Varint),

        (M::Function, 1 | 4..=6 | 10 | 13) => Str,
        (M::Function, 7) => Msg(M::Node),
        (M::Function, 9) => Msg(M::OpsetId),
        (M::Function, 11) => Msg(M::Attribute),
        (M::Function, 12) => Msg(M::ValueInfo),
        (M::Function, 8 | 14) => Drop,

        (M::Training, 1 | 2) => Msg(M::Graph),
        (M::Training, 3 | 4) => Msg(M::Entry),
        (M::Annotation, 1) => Str,
        (M::Annotation, 2) => Msg(M::Entry),

        (M::Device, 1 | 3) => Str,
        (M::Device, 2) => One(Varint),
        (M::NodeDevice, 1) => Str,
        (M::NodeDevice, 2) => Msg(M::Sharding),
        (M::NodeDevice, 3) => One(Varint),
        (M::Sharding, 1) => Str,
        (M::Sharding, 2) => Many(Varint),
        (M::Sharding, 3) => Msg(M::IntIntList),
        (M::Sharding, 4) => Msg(M::ShardedDim),
        (M::IntIntList, 1) => One(Varint),
        (M::IntIntList, 2) => Many(Varint),
        (M::ShardedDim, 1) => One(Varint),
        (M::ShardedDim, 2) => Msg(M::SimpleSharding),
        (M::SimpleSharding, 1 | 3) => One(Varint),
        (M::SimpleSharding, 2) => Str,
        _ => return None,
    })
}

impl Message {
    /// Bytes of the decoded message itself: two bytes in a file can become a whole struct.
    pub(super) fn decoded_bytes(self) -> u64 {
        let bytes = match self {
            Self::Model => size_of::<ModelProto>(),
            Self::Graph => size_of::<GraphProto>(),
            Self::Node => size_of::<NodeProto>(),
            Self::Attribute => size_of::<AttributeProto>(),
            Self::Tensor => size_of::<TensorProto>(),
            Self::SparseTensor => size_of::<SparseTensorProto>(),
            Self::ValueInfo => size_of::<ValueInfoProto>(),
            Self::Type => size_of::<TypeProto>(),
            Self::Function => size_of::<FunctionProto>(),
            Self::Training => size_of::<TrainingInfoProto>(),
            Self::Entry => size_of::<StringStringEntryProto>(),
            Self::Dimension => size_of::<tensor_shape_proto::Dimension>(),
            // The rest are small: at most four vectors and a number.
            _ => 4 * size_of::<Vec<u8>>() + 8,
        };
        bytes as u64
    }
}
