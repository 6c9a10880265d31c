//! Stored tensors: dimensions with bounds, small elements, where the bytes are.

use crate::error::{Code, Error, Result};
use crate::ir::dim::Dim;
use crate::ir::dtype::DType;
use crate::ir::graph::{Const, Data, Shape, Stored};
use crate::limits::{MAX_FOLDED_ELEMENTS, MAX_RANK};
use crate::onnx::{TensorProto, external};

/// Dimensions of a stored tensor.
///
/// # Errors
/// `InvalidGraph` for a negative one, `LimitExceeded` for too many, `Overflow` for a product past 63 bits.
pub(super) fn dims_of(dims: &[i64], name: &str) -> Result<Vec<u64>> {
    if dims.len() > MAX_RANK {
        return Err(Error::new(Code::LimitExceeded, format!("more than {MAX_RANK} dimensions"))
            .value(name)
            .hint("the file is damaged; export it again"));
    }
    let negative = || {
        Error::new(Code::InvalidGraph, "a stored tensor has a negative dimension")
            .value(name)
            .hint("the file is damaged; export it again")
    };
    let dims: Vec<u64> =
        dims.iter().map(|n| u64::try_from(*n).map_err(|_| negative())).collect::<Result<_>>()?;
    let product = dims.iter().try_fold(1u64, |product, dim| product.checked_mul(*dim));
    if product.is_none_or(|n| n > i64::MAX as u64) {
        return Err(Error::new(Code::Overflow, "the dimensions of a stored tensor multiply past 63 bits")
            .value(name)
            .hint("the file is damaged; export it again"));
    }
    Ok(dims)
}

/// As a shape.
pub(super) fn shape_of(dims: &[u64]) -> Shape {
    // `dims_of` holds the product within 63 bits, but a zero hides a huge factor.
    dims.iter().map(|n| i64::try_from(*n).map_or(Dim::Unknown, Dim::Known)).collect()
}

/// Where the bytes are.
pub(super) fn stored(proto: &TensorProto) -> Stored {
    if let Some(data) = external(proto) {
        return Stored::External {
            location: data.location,
            // A number that cannot be read lies past the end of every file.
            offset: if data.fault.is_some() { u64::MAX } else { data.offset },
            length: data.length,
        };
    }
    match proto.payload.first() {
        Some(index) => Stored::Payload(*index),
        None => Stored::Inline,
    }
}

/// Elements of a small inline tensor of numbers; None when large, elsewhere, or inconsistent.
pub(super) fn constant_from(proto: &TensorProto, dims: &[u64]) -> Option<Const> {
    let elements = usize::try_from(dims.iter().product::<u64>()).ok()?;
    if elements > MAX_FOLDED_ELEMENTS || stored(proto) != Stored::Inline {
        return None;
    }
    let data = elements_of(proto, DType::from_onnx(proto.data_type())?, elements)?;
    let constant = Const { dims: dims.to_vec(), data };
    (constant.len() == elements).then_some(constant)
}

fn elements_of(proto: &TensorProto, dtype: DType, elements: usize) -> Option<Data> {
    use DType::{BF16, Bool, F16, F32, F64, I8, I16, I32, I64, U8, U16, U32, U64};
    let raw = proto.raw_data();
    if raw.is_empty() && elements > 0 {
        return Some(match dtype {
            F32 => Data::Floats(proto.float_data.iter().map(|v| f64::from(*v)).collect()),
            F64 => Data::Floats(proto.double_data.clone()),
            I64 => ints(proto.int64_data.iter().copied()),
            U64 | U32 => ints(proto.uint64_data.iter().filter_map(|v| i64::try_from(*v).ok())),
            F16 => Data::Floats(proto.int32_data.iter().map(|v| f16_value(*v as u16)).collect()),
            BF16 => Data::Floats(proto.int32_data.iter().map(|v| bf16_value(*v as u16)).collect()),
            I8 | I16 | I32 | U8 | U16 | Bool => ints(proto.int32_data.iter().map(|v| i64::from(*v))),
            _ => return None,
        });
    }
    let bytes = usize::try_from(dtype.bytes(elements as u64)?).ok()?;
    if raw.len() != bytes {
        return None;
    }
    Some(match dtype {
        F32 => Data::Floats(chunks(raw).map(|b| f64::from(f32::from_le_bytes(b))).collect()),
        F64 => Data::Floats(chunks(raw).map(f64::from_le_bytes).collect()),
        F16 => Data::Floats(chunks(raw).map(|b| f16_value(u16::from_le_bytes(b))).collect()),
        BF16 => Data::Floats(chunks(raw).map(|b| bf16_value(u16::from_le_bytes(b))).collect()),
        I64 => ints(chunks(raw).map(i64::from_le_bytes)),
        U64 => ints(chunks(raw).filter_map(|b| i64::try_from(u64::from_le_bytes(b)).ok())),
        I32 => ints(chunks(raw).map(|b| i64::from(i32::from_le_bytes(b)))),
        U32 => ints(chunks(raw).map(|b| i64::from(u32::from_le_bytes(b)))),
        I16 => ints(chunks(raw).map(|b| i64::from(i16::from_le_bytes(b)))),
        U16 => ints(chunks(raw).map(|b| i64::from(u16::from_le_bytes(b)))),
        I8 => ints(raw.iter().map(|b| i64::from(*b as i8))),
        U8 | Bool => ints(raw.iter().map(|b| i64::from(*b))),
        _ => return None,
    })
}

fn ints(values: impl Iterator<Item = i64>) -> Data {
    Data::Ints(values.map(Dim::Known).collect())
}

fn chunks<const N: usize>(raw: &[u8]) -> impl Iterator<Item = [u8; N]> {
    raw.as_chunks::<N>().0.iter().copied()
}

fn bf16_value(bits: u16) -> f64 {
    f64::from(f32::from_bits(u32::from(bits) << 16))
}

/// IEEE half precision: 1 sign, 5 exponent, 10 fraction bits. 0x3C00 is 1.
fn f16_value(bits: u16) -> f64 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let fraction = f64::from(bits & 0x3FF);
    match bits >> 10 & 0x1F {
        0 => sign * fraction * 2f64.powi(-24),
        0x1F if fraction == 0.0 => sign * f64::INFINITY,
        0x1F => f64::NAN,
        exponent => sign * (1.0 + fraction / 1024.0) * 2f64.powi(i32::from(exponent) - 15),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_precision_bits() {
        for (bits, value) in
            [(0x3C00, 1.0), (0xC000, -2.0), (0x0001, 5.960464477539063e-8), (0x7BFF, 65504.0)]
        {
            assert_eq!(f16_value(bits), value, "{bits:#x}");
        }
        assert_eq!(bf16_value(0x40C0), 6.0);
    }
}
