//! Arrays to rten's values and back.
//!
//! rten has f32, i32, i8 and u8: int64, bool and the small integers travel as i32, float16 and
//! float64 as f32. An integer that does not fit is refused, never cut.

use rten::{NodeId, Sequence, Value, ValueOrView};
use rten_tensor::Layout;

use crate::error::{Code, Error, Result};
use crate::infer::model::Runnable;
use crate::infer::tensor::{Data, Element, Tensor};
use crate::ir::graph::ValueId;

/// Inputs by rten's ids.
///
/// # Errors
/// `NotSupported` for integers past 32 bits.
pub fn inputs<'a>(
    loaded: &rten::Model,
    model: &Runnable,
    inputs: &'a [(ValueId, Tensor)],
) -> Result<Vec<(NodeId, ValueOrView<'a>)>> {
    let known = inputs.iter().filter_map(|(id, tensor)| {
        // An input that no node reads is optimised away.
        Some((*id, loaded.find_node(model.value_name(*id))?, tensor))
    });
    known
        .map(|(id, node, tensor)| {
            Ok((node, fed(loaded, node, tensor).map_err(|e| e.value(model.value_name(id)))?))
        })
        .collect()
}

/// rten's id of a value.
///
/// # Errors
/// `NotSupported` where it has none: inside a function or a body.
pub fn node_id(loaded: &rten::Model, model: &Runnable, id: ValueId) -> Result<NodeId> {
    loaded.find_node(model.value_name(id)).ok_or_else(|| {
        Error::new(Code::NotSupported, "the engine has no such value").value(model.value_name(id))
    })
}

/// An array for a value: small integers as the type that the value has.
///
/// # Errors
/// As [`value_from`].
pub fn fed<'a>(loaded: &rten::Model, node: NodeId, tensor: &'a Tensor) -> Result<ValueOrView<'a>> {
    let int32 = Some(rten::ValueType::Tensor(rten::DataType::Int32));
    let wanted = loaded.node_info(node).and_then(|info| info.dtype());
    if wanted == int32 && matches!(tensor.data(), Data::I8(_) | Data::U8(_)) {
        let values = tensor.data().convert::<i32>();
        return Value::from_shape(tensor.shape(), values)
            .map(Into::into)
            .map_err(|e| Error::new(Code::InvalidSetting, format!("an array is damaged: {e}")));
    }
    value_from(tensor)
}

/// An array as rten takes it; borrowed where the type is the same.
///
/// # Errors
/// `NotSupported` for integers past 32 bits.
pub fn value_from(tensor: &Tensor) -> Result<ValueOrView<'_>> {
    use rten::ValueView;
    let shape = tensor.shape();
    let wrong =
        |e: &dyn std::fmt::Display| Error::new(Code::InvalidSetting, format!("an array is damaged: {e}"));
    Ok(match tensor.data() {
        Data::F32(v) => ValueView::from_shape(shape, v.as_slice()).map_err(|e| wrong(&e))?.into(),
        Data::I32(v) => ValueView::from_shape(shape, v.as_slice()).map_err(|e| wrong(&e))?.into(),
        Data::I8(v) => ValueView::from_shape(shape, v.as_slice()).map_err(|e| wrong(&e))?.into(),
        Data::U8(v) => ValueView::from_shape(shape, v.as_slice()).map_err(|e| wrong(&e))?.into(),
        Data::F64(_) | Data::F16(_) => {
            Value::from_shape(shape, tensor.data().convert::<f32>()).map_err(|e| wrong(&e))?.into()
        }
        Data::I64(v) => Value::from_shape(shape, narrow(v)?).map_err(|e| wrong(&e))?.into(),
        Data::U32(v) => Value::from_shape(shape, narrow(v)?).map_err(|e| wrong(&e))?.into(),
        Data::U64(v) => Value::from_shape(shape, narrow(v)?).map_err(|e| wrong(&e))?.into(),
        Data::I16(_) | Data::U16(_) | Data::Bool(_) => {
            Value::from_shape(shape, tensor.data().convert::<i32>()).map_err(|e| wrong(&e))?.into()
        }
    })
}

fn narrow<T: Element + TryInto<i32>>(values: &[T]) -> Result<Vec<i32>> {
    values.iter().map(|v| (*v).try_into().map_err(|_| past_32_bits())).collect()
}

fn past_32_bits() -> Error {
    Error::new(Code::NotSupported, "an integer is past 32 bits")
        .hint("this engine computes integers in 32 bits")
}

/// What rten gives back.
///
/// # Errors
/// `NotSupported` for a sequence, `LimitExceeded`.
pub fn tensor_from(value: Value) -> Result<Tensor> {
    match value {
        Value::FloatTensor(t) => Tensor::new(t.shape().to_vec(), t.into_data()),
        Value::Int32Tensor(t) => Tensor::new(t.shape().to_vec(), t.into_data()),
        Value::Int8Tensor(t) => Tensor::new(t.shape().to_vec(), t.into_data()),
        Value::UInt8Tensor(t) => Tensor::new(t.shape().to_vec(), t.into_data()),
        Value::Sequence(sequence) => {
            let kind = match sequence {
                Sequence::Float(_) => "floats",
                _ => "integers",
            };
            Err(Error::new(Code::NotSupported, format!("a sequence of {kind} is no array")))
        }
        _ => Err(Error::new(Code::NotSupported, "a value that is no array")),
    }
}
