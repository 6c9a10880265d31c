//! Small messages: domains, types, plain attributes.

use crate::ir::attrs::Attr;
use crate::ir::dim::{Dim, Symbols};
use crate::ir::dtype::DType;
use crate::ir::graph::{TensorType, Type};
use crate::onnx::{
    AttributeProto, TensorShapeProto, TypeProto, attribute_proto, tensor_shape_proto, type_proto,
};

/// A domain with its alias resolved: "ai.onnx" is "".
pub(super) fn domain(name: &str) -> String {
    if name == "ai.onnx" { String::new() } else { name.to_owned() }
}

/// A declared type. With an input's name, unnamed dimensions become symbols called `INPUT[AXIS]`;
/// without, they are unknown.
pub(super) fn type_from(proto: Option<&TypeProto>, symbols: &mut Symbols, input: Option<&str>) -> Type {
    use type_proto::Value;
    let Some(value) = proto.and_then(|p| p.value.as_ref()) else { return Type::Unknown };
    match value {
        Value::TensorType(t) => Type::Tensor(tensor_type(t.elem_type(), t.shape.as_ref(), symbols, input)),
        Value::SparseTensorType(t) => {
            Type::Sparse(tensor_type(t.elem_type(), t.shape.as_ref(), symbols, input))
        }
        Value::SequenceType(t) => {
            Type::Sequence(Box::new(type_from(t.elem_type.as_deref(), symbols, None)), Dim::Unknown)
        }
        Value::OptionalType(t) => Type::Optional(Box::new(type_from(t.elem_type.as_deref(), symbols, None))),
        Value::MapType(_) => Type::Map,
        Value::OpaqueType(_) => Type::Unknown,
    }
}

fn tensor_type(
    dtype: i32,
    shape: Option<&TensorShapeProto>,
    symbols: &mut Symbols,
    input: Option<&str>,
) -> TensorType {
    use tensor_shape_proto::dimension::Value;
    let mut dim = |(axis, dim): (usize, &tensor_shape_proto::Dimension)| match (&dim.value, input) {
        // Some exporters write a free dimension as -1.
        (Some(Value::DimValue(n)), _) if *n >= 0 => Dim::Known(*n),
        // One name that stands for every open size (`?`) is none.
        (Some(Value::DimParam(name)), _) if !matches!(name.as_str(), "" | "?" | "-1" | "None") => {
            symbols.dim(name)
        }
        (_, Some(input)) => symbols.dim(&format!("{input}[{axis}]")),
        (_, None) => Dim::Unknown,
    };
    let shape = shape.map(|shape| shape.dim.iter().enumerate().map(&mut dim).collect());
    TensorType { dtype: DType::from_onnx(dtype), shape }
}

/// An attribute that holds neither tensor, type nor graph.
pub(super) fn plain_attr(proto: &AttributeProto) -> Attr {
    use attribute_proto::AttributeType as T;
    let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
    // Files from before IR 2 leave the type out; the one field that is set tells it.
    match proto.r#type() {
        T::Float => Attr::Float(proto.f()),
        T::Int => Attr::Int(proto.i()),
        T::String => Attr::Str(String::from_utf8_lossy(proto.s()).into_owned()),
        T::Floats => Attr::Floats(proto.floats.clone()),
        T::Ints => Attr::Ints(proto.ints.clone()),
        T::Strings => Attr::Strs(proto.strings.iter().map(text).collect()),
        T::Undefined if proto.i.is_some() => Attr::Int(proto.i()),
        T::Undefined if proto.f.is_some() => Attr::Float(proto.f()),
        T::Undefined if proto.s.is_some() => Attr::Str(String::from_utf8_lossy(proto.s()).into_owned()),
        T::Undefined if !proto.ints.is_empty() => Attr::Ints(proto.ints.clone()),
        T::Undefined if !proto.floats.is_empty() => Attr::Floats(proto.floats.clone()),
        _ => Attr::Other,
    }
}
