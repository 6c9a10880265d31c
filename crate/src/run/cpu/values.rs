//! Arrays to the library's and back.
//!
//! The library has f32, i32, i8 and u8: int64, bool and the small integers travel as i32, float16 and
//! float64 as f32. An integer that does not fit is refused, never cut.

use std::borrow::Cow;

use crate::engines::cpu::{Array, Elements};
use crate::error::{Code, Error, Result};
use crate::ir::graph::ValueId;
use crate::run::model::Runnable;
use crate::run::tensor::{Data, Element, Tensor};

/// Arrays by the names of their values.
///
/// # Errors
/// `NotSupported` for integers past 32 bits.
pub fn named<'a>(
    model: &'a Runnable,
    arrays: impl Iterator<Item = (ValueId, &'a Tensor)>,
) -> Result<Vec<(&'a str, Array<'a>)>> {
    let one = |(id, tensor)| {
        let name = model.value_name(id);
        Ok((name, array_from(tensor).map_err(|e| e.value(name))?))
    };
    arrays.map(one).collect()
}

/// An array as the library takes it; lent where the type is the same.
fn array_from(tensor: &Tensor) -> Result<Array<'_>> {
    let elements = match tensor.data() {
        Data::F32(v) => Elements::F32(Cow::Borrowed(v)),
        Data::I32(v) => Elements::I32(Cow::Borrowed(v)),
        Data::I8(v) => Elements::I8(Cow::Borrowed(v)),
        Data::U8(v) => Elements::U8(Cow::Borrowed(v)),
        Data::F64(_) | Data::F16(_) => Elements::F32(Cow::Owned(tensor.data().convert::<f32>())),
        Data::I64(v) => Elements::I32(Cow::Owned(narrow(v)?)),
        Data::U32(v) => Elements::I32(Cow::Owned(narrow(v)?)),
        Data::U64(v) => Elements::I32(Cow::Owned(narrow(v)?)),
        Data::I16(_) | Data::U16(_) | Data::Bool(_) => {
            Elements::I32(Cow::Owned(tensor.data().convert::<i32>()))
        }
    };
    Ok(Array { shape: Cow::Borrowed(tensor.shape()), elements })
}

fn narrow<T: Element + TryInto<i32>>(values: &[T]) -> Result<Vec<i32>> {
    values.iter().map(|v| (*v).try_into().map_err(|_| past_32_bits())).collect()
}

fn past_32_bits() -> Error {
    Error::new(Code::NotSupported, "an integer is past 32 bits")
        .hint("this engine computes integers in 32 bits")
}

/// What the library gives back.
///
/// # Errors
/// `LimitExceeded`.
pub fn tensor_from(array: Array<'_>) -> Result<Tensor> {
    let shape = array.shape.into_owned();
    match array.elements {
        Elements::F32(v) => Tensor::new(shape, v.into_owned()),
        Elements::I32(v) => Tensor::new(shape, v.into_owned()),
        Elements::I8(v) => Tensor::new(shape, v.into_owned()),
        Elements::U8(v) => Tensor::new(shape, v.into_owned()),
    }
}
