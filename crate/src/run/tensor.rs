//! Typed arrays: what goes into a run and what comes out.
//!
//! Row-major, never strided; the shape and the data agree by construction. Sizes are held to
//! `MAX_TENSOR_BYTES` before anything is allocated. Knows no engine.

use std::borrow::Cow;

use half::f16;

use crate::error::{Code, Error, Result};
use crate::ir::dtype::DType;
use crate::limits::{MAX_RANK, MAX_TENSOR_BYTES};

/// Elements of one type.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Data {
    F32(Vec<f32>),
    F64(Vec<f64>),
    F16(Vec<f16>),
    I8(Vec<i8>),
    I16(Vec<i16>),
    I32(Vec<i32>),
    I64(Vec<i64>),
    U8(Vec<u8>),
    U16(Vec<u16>),
    U32(Vec<u32>),
    U64(Vec<u64>),
    Bool(Vec<bool>),
}

/// Runs the same lines for every element type.
macro_rules! each {
    ($data:expr, $v:ident => $body:expr) => {
        match $data {
            Data::F32($v) => $body,
            Data::F64($v) => $body,
            Data::F16($v) => $body,
            Data::I8($v) => $body,
            Data::I16($v) => $body,
            Data::I32($v) => $body,
            Data::I64($v) => $body,
            Data::U8($v) => $body,
            Data::U16($v) => $body,
            Data::U32($v) => $body,
            Data::U64($v) => $body,
            Data::Bool($v) => $body,
        }
    };
}
pub(crate) use each;

/// An array of numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    shape: Vec<usize>,
    data: Data,
}

/// An element type: how it converts and how its bytes stand in a file.
pub trait Element: Copy + Default {
    /// Its ONNX type.
    const DTYPE: DType;
    /// Bytes of one.
    const BYTES: usize;
    /// Wraps elements.
    fn data(values: Vec<Self>) -> Data;
    /// As a double; exact for all but the largest 64-bit integers.
    fn to_f64(self) -> f64;
    /// As an integer; floats are cut towards zero.
    fn to_i64(self) -> i64;
    /// From a double, rounded to the nearest; integers are cut and saturate.
    fn from_f64(value: f64) -> Self;
    /// From an integer; wraps where it does not fit.
    fn from_i64(value: i64) -> Self;
    /// From little-endian bytes; zero where they are too few.
    fn take_le(bytes: &[u8]) -> Self;
    /// Appends its little-endian bytes.
    fn put_le(self, out: &mut Vec<u8>);

    /// From another type: through f64 where either is floating point, else through i64.
    fn convert<S: Element>(from: S) -> Self {
        if S::DTYPE.is_float() || Self::DTYPE.is_float() {
            Self::from_f64(from.to_f64())
        } else {
            Self::from_i64(from.to_i64())
        }
    }
}

macro_rules! element {
    ($type:ty, $variant:ident) => {
        impl Element for $type {
            const DTYPE: DType = DType::$variant;
            const BYTES: usize = size_of::<$type>();
            fn data(values: Vec<Self>) -> Data {
                Data::$variant(values)
            }
            fn to_f64(self) -> f64 {
                self as f64
            }
            fn to_i64(self) -> i64 {
                self as i64
            }
            fn from_f64(value: f64) -> Self {
                value as Self
            }
            fn from_i64(value: i64) -> Self {
                value as Self
            }
            fn take_le(bytes: &[u8]) -> Self {
                bytes.first_chunk().map_or_else(Self::default, |b| Self::from_le_bytes(*b))
            }
            fn put_le(self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }
        }
    };
}
element!(f32, F32);
element!(f64, F64);
element!(i8, I8);
element!(i16, I16);
element!(i32, I32);
element!(i64, I64);
element!(u8, U8);
element!(u16, U16);
element!(u32, U32);
element!(u64, U64);

impl Element for f16 {
    const DTYPE: DType = DType::F16;
    const BYTES: usize = 2;
    fn data(values: Vec<Self>) -> Data {
        Data::F16(values)
    }
    fn to_f64(self) -> f64 {
        Self::to_f64(self)
    }
    fn to_i64(self) -> i64 {
        Self::to_f64(self) as i64
    }
    fn from_f64(value: f64) -> Self {
        Self::from_f64(value)
    }
    fn from_i64(value: i64) -> Self {
        Self::from_f64(value as f64)
    }
    fn take_le(bytes: &[u8]) -> Self {
        bytes.first_chunk().map_or_else(Self::default, |b| Self::from_le_bytes(*b))
    }
    fn put_le(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_le_bytes());
    }
}

impl Element for bool {
    const DTYPE: DType = DType::Bool;
    const BYTES: usize = 1;
    fn data(values: Vec<Self>) -> Data {
        Data::Bool(values)
    }
    fn to_f64(self) -> f64 {
        f64::from(u8::from(self))
    }
    fn to_i64(self) -> i64 {
        i64::from(self)
    }
    fn from_f64(value: f64) -> Self {
        value != 0.0
    }
    fn from_i64(value: i64) -> Self {
        value != 0
    }
    fn take_le(bytes: &[u8]) -> Self {
        bytes.first().is_some_and(|b| *b != 0)
    }
    fn put_le(self, out: &mut Vec<u8>) {
        out.push(u8::from(self));
    }
}

/// Runs the same lines with `$t` as the element type of a [`DType`]; None for one that no tensor has.
macro_rules! with_dtype {
    ($dtype:expr, $t:ident => $body:expr) => {
        with_dtype!(@ $dtype, $t, $body,
            F32 f32, F64 f64, F16 f16, I8 i8, I16 i16, I32 i32, I64 i64,
            U8 u8, U16 u16, U32 u32, U64 u64, Bool bool)
    };
    (@ $dtype:expr, $t:ident, $body:expr, $($variant:ident $type:ty),*) => {
        match $dtype {
            $(DType::$variant => { type $t = $type; Some($body) })*
            _ => None,
        }
    };
}

/// Elements of a shape, held to the limits.
///
/// # Errors
/// `LimitExceeded` for too many dimensions or bytes.
pub fn elements_of(shape: &[usize], dtype: DType) -> Result<usize> {
    let product = shape.iter().try_fold(1u64, |n, d| n.checked_mul(*d as u64));
    let bytes = product.and_then(|n| dtype.bytes(n));
    match (product, bytes) {
        (Some(n), Some(bytes)) if bytes <= MAX_TENSOR_BYTES && shape.len() <= MAX_RANK => Ok(n as usize),
        _ => Err(Error::new(Code::LimitExceeded, format!("an array of {} is too large", shape_text(shape)))
            .hint(format!("one array may hold {} MB", MAX_TENSOR_BYTES >> 20))),
    }
}

/// `1x3x32x32`, or `scalar`.
pub fn shape_text(shape: &[usize]) -> String {
    if shape.is_empty() {
        return "scalar".to_owned();
    }
    shape.iter().map(usize::to_string).collect::<Vec<_>>().join("x")
}

fn unsupported(dtype: DType) -> Error {
    Error::new(Code::NotSupported, format!("arrays of {} are not run", dtype.name()))
        .hint("convert the model to float32 or float16, int8 to int64, uint8 to uint64, or bool")
}

impl Tensor {
    /// Joins a shape and its elements, row-major.
    ///
    /// # Errors
    /// `InvalidSetting` where they disagree, `LimitExceeded`.
    pub fn new<T: Element>(shape: Vec<usize>, values: Vec<T>) -> Result<Self> {
        Self::from_data(shape, T::data(values))
    }

    /// As [`new`](Self::new), for elements already wrapped.
    ///
    /// # Errors
    /// As there.
    pub fn from_data(shape: Vec<usize>, data: Data) -> Result<Self> {
        let wanted = elements_of(&shape, data.dtype())?;
        if wanted != data.len() {
            let text = format!("{} elements do not fill {}", data.len(), shape_text(&shape));
            return Err(Error::new(Code::InvalidSetting, text));
        }
        Ok(Self { shape, data })
    }

    /// From little-endian bytes, row-major.
    ///
    /// # Errors
    /// `NotSupported` for a type without arrays, `Malformed` where the bytes are too few or too many.
    pub fn from_le_bytes(dtype: DType, shape: Vec<usize>, bytes: &[u8]) -> Result<Self> {
        let elements = elements_of(&shape, dtype)?;
        if dtype.bytes(elements as u64) != Some(bytes.len() as u64) {
            let text =
                format!("{} bytes do not fill {} of {}", bytes.len(), shape_text(&shape), dtype.name());
            return Err(Error::new(Code::Malformed, text));
        }
        let data = with_dtype!(dtype, T => T::data(bytes.chunks_exact(T::BYTES).map(<T as Element>::take_le).collect()));
        Ok(Self { shape, data: data.ok_or_else(|| unsupported(dtype))? })
    }

    /// As [`from_le_bytes`](Self::from_le_bytes), with the type's ONNX name: `float32`, `int64`.
    ///
    /// # Errors
    /// As there.
    pub fn from_bytes(dtype: &str, shape: Vec<usize>, bytes: &[u8]) -> Result<Self> {
        let known = (1..=26).filter_map(DType::from_onnx).find(|known| known.name() == dtype);
        let unknown = || Error::new(Code::NotSupported, format!("arrays of {dtype:?} are not run"));
        Self::from_le_bytes(known.ok_or_else(unknown)?, shape, bytes)
    }

    /// Name of the element type, as ONNX has it.
    pub fn dtype_name(&self) -> &'static str {
        self.dtype().name()
    }

    /// As little-endian bytes, row-major.
    pub fn to_le_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        each!(&self.data, v => v.iter().for_each(|x| x.put_le(&mut out)));
        out
    }

    /// Dimensions, outermost first.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The elements.
    pub fn data(&self) -> &Data {
        &self.data
    }

    /// The elements, by value.
    pub fn into_data(self) -> Data {
        self.data
    }

    /// Element type.
    pub fn dtype(&self) -> DType {
        self.data.dtype()
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        self.data.len()
    }

    /// No elements at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// As f32; borrowed where it is.
    pub fn to_f32(&self) -> Cow<'_, [f32]> {
        self.data.to_f32()
    }

    /// As another element type: floats are rounded to the nearest, integers wrap, floats to integers
    /// are cut and saturate.
    ///
    /// # Errors
    /// `NotSupported` for a type without arrays, `LimitExceeded`.
    pub fn cast(self, dtype: DType) -> Result<Self> {
        if self.dtype() == dtype {
            return Ok(self);
        }
        elements_of(&self.shape, dtype)?;
        let data = with_dtype!(dtype, T => T::data(self.data.convert::<T>()));
        Ok(Self { shape: self.shape, data: data.ok_or_else(|| unsupported(dtype))? })
    }

    /// The same elements under another shape.
    ///
    /// # Errors
    /// `InvalidSetting` where the sizes disagree.
    pub fn reshaped(self, shape: Vec<usize>) -> Result<Self> {
        Self::from_data(shape, self.data)
    }

    /// Rows `from..to` along the first axis; clamped to what there is.
    pub fn rows(&self, from: usize, to: usize) -> Self {
        let Some((&rows, rest)) = self.shape.split_first() else { return self.clone() };
        let (to, from) = (to.min(rows), from.min(to).min(rows));
        let row: usize = rest.iter().product();
        let range = from.saturating_mul(row)..to.saturating_mul(row);
        let data = each!(&self.data, v => Element::data(v.get(range).unwrap_or_default().to_vec()));
        let mut shape = self.shape.clone();
        if let Some(first) = shape.first_mut() {
            *first = to - from;
        }
        Self { shape, data }
    }

    /// Appends the rows of another array of the same type and inner shape.
    ///
    /// # Errors
    /// `InvalidSetting` where they differ or are scalars, `LimitExceeded`.
    pub fn append(&mut self, other: &Self) -> Result<()> {
        let inner = |t: &Self| t.shape.get(1..).map(<[usize]>::to_vec);
        if self.shape.is_empty() || inner(self) != inner(other) || self.dtype() != other.dtype() {
            let (a, b) = (shape_text(&self.shape), shape_text(&other.shape));
            return Err(Error::new(Code::InvalidSetting, format!("{a} and {b} cannot be joined")));
        }
        let mut shape = self.shape.clone();
        if let (Some(first), Some(more)) = (shape.first_mut(), other.shape.first()) {
            *first = first.saturating_add(*more);
        }
        elements_of(&shape, self.dtype())?;
        match (&mut self.data, &other.data) {
            (Data::F32(a), Data::F32(b)) => a.extend_from_slice(b),
            (Data::F64(a), Data::F64(b)) => a.extend_from_slice(b),
            (Data::F16(a), Data::F16(b)) => a.extend_from_slice(b),
            (Data::I8(a), Data::I8(b)) => a.extend_from_slice(b),
            (Data::I16(a), Data::I16(b)) => a.extend_from_slice(b),
            (Data::I32(a), Data::I32(b)) => a.extend_from_slice(b),
            (Data::I64(a), Data::I64(b)) => a.extend_from_slice(b),
            (Data::U8(a), Data::U8(b)) => a.extend_from_slice(b),
            (Data::U16(a), Data::U16(b)) => a.extend_from_slice(b),
            (Data::U32(a), Data::U32(b)) => a.extend_from_slice(b),
            (Data::U64(a), Data::U64(b)) => a.extend_from_slice(b),
            (Data::Bool(a), Data::Bool(b)) => a.extend_from_slice(b),
            _ => {}
        }
        self.shape = shape;
        Ok(())
    }
}

impl Data {
    /// Element type.
    pub fn dtype(&self) -> DType {
        fn of<T: Element>(_: &[T]) -> DType {
            T::DTYPE
        }
        each!(self, v => of(v))
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        each!(self, v => v.len())
    }

    /// No elements at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// As f32; borrowed where they are.
    pub fn to_f32(&self) -> Cow<'_, [f32]> {
        match self {
            Self::F32(values) => Cow::Borrowed(values),
            other => Cow::Owned(other.convert()),
        }
    }

    /// As elements of another type.
    pub fn convert<T: Element>(&self) -> Vec<T> {
        each!(self, v => v.iter().map(|x| T::convert(*x)).collect())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn shape_and_elements_must_agree() {
        assert!(Tensor::new(vec![2, 3], vec![0f32; 6]).is_ok());
        assert_eq!(Tensor::new(vec![2, 3], vec![0f32; 5]).unwrap_err().code, Code::InvalidSetting);
        assert_eq!(elements_of(&[usize::MAX, 2], DType::U8).unwrap_err().code, Code::LimitExceeded);
    }

    #[test]
    fn rows_and_append_undo_each_other() {
        let all = Tensor::new(vec![5, 2], (0i64..10).collect()).unwrap();
        let mut joined = all.rows(0, 2);
        joined.append(&all.rows(2, 9)).unwrap();
        assert_eq!(joined, all);
        assert_eq!(all.rows(1, 2).data(), &Data::I64(vec![2, 3]));
        assert!(joined.append(&Tensor::new(vec![1, 3], vec![0i64; 3]).unwrap()).is_err());
    }

    #[test]
    fn conversions_round_and_saturate() {
        let floats = Tensor::new(vec![4], vec![1.0004f32, -2.7, 300.0, f32::NAN]).unwrap();
        assert_eq!(floats.clone().cast(DType::I8).unwrap().data(), &Data::I8(vec![1, -2, 127, 0]));
        let halves = floats.cast(DType::F16).unwrap().cast(DType::F32).unwrap();
        assert_eq!(halves.to_f32()[..3], [1.0, -2.6992188, 300.0]);
        let wide = Tensor::new(vec![2], vec![u64::MAX, 1]).unwrap();
        assert_eq!(wide.cast(DType::F32).unwrap().to_f32()[..], [18446744073709551615f32, 1.0]);
    }

    #[test]
    fn bytes_round_trip_for_every_type() {
        for dtype in [
            DType::F32,
            DType::F64,
            DType::F16,
            DType::I8,
            DType::I16,
            DType::I32,
            DType::I64,
            DType::U8,
            DType::U16,
            DType::U32,
            DType::U64,
            DType::Bool,
        ] {
            let some = Tensor::new(vec![3], vec![0i64, 1, 100]).unwrap().cast(dtype).unwrap();
            let back = Tensor::from_le_bytes(dtype, vec![3], &some.to_le_bytes()).unwrap();
            assert_eq!(back, some, "{}", dtype.name());
        }
        assert!(Tensor::from_le_bytes(DType::F32, vec![2], &[0; 7]).is_err());
        assert_eq!(
            Tensor::from_le_bytes(DType::BF16, vec![1], &[0; 2]).unwrap_err().code,
            Code::NotSupported
        );
    }
}
