//! Element types of ONNX tensors.

/// Element type; the discriminants are those of `TensorProto.DataType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
#[repr(i32)]
pub enum DType {
    F32 = 1,
    U8 = 2,
    I8 = 3,
    U16 = 4,
    I16 = 5,
    I32 = 6,
    I64 = 7,
    Str = 8,
    Bool = 9,
    F16 = 10,
    F64 = 11,
    U32 = 12,
    U64 = 13,
    C64 = 14,
    C128 = 15,
    BF16 = 16,
    F8E4M3FN = 17,
    F8E4M3FNUZ = 18,
    F8E5M2 = 19,
    F8E5M2FNUZ = 20,
    U4 = 21,
    I4 = 22,
    F4E2M1 = 23,
    F8E8M0 = 24,
    U2 = 25,
    I2 = 26,
}

use DType as D;

/// Type, ONNX name, bits of an element (0 for strings).
const TABLE: [(DType, &str, u64); 26] = [
    (D::F32, "float32", 32),
    (D::U8, "uint8", 8),
    (D::I8, "int8", 8),
    (D::U16, "uint16", 16),
    (D::I16, "int16", 16),
    (D::I32, "int32", 32),
    (D::I64, "int64", 64),
    (D::Str, "string", 0),
    (D::Bool, "bool", 8),
    (D::F16, "float16", 16),
    (D::F64, "float64", 64),
    (D::U32, "uint32", 32),
    (D::U64, "uint64", 64),
    (D::C64, "complex64", 64),
    (D::C128, "complex128", 128),
    (D::BF16, "bfloat16", 16),
    (D::F8E4M3FN, "float8e4m3fn", 8),
    (D::F8E4M3FNUZ, "float8e4m3fnuz", 8),
    (D::F8E5M2, "float8e5m2", 8),
    (D::F8E5M2FNUZ, "float8e5m2fnuz", 8),
    (D::U4, "uint4", 4),
    (D::I4, "int4", 4),
    (D::F4E2M1, "float4e2m1", 4),
    (D::F8E8M0, "float8e8m0", 8),
    (D::U2, "uint2", 2),
    (D::I2, "int2", 2),
];

impl DType {
    /// From the number in a file.
    pub fn from_onnx(number: i32) -> Option<Self> {
        TABLE.iter().find(|row| row.0 as i32 == number).map(|row| row.0)
    }

    /// Name as ONNX writes it.
    pub fn name(self) -> &'static str {
        TABLE.iter().find(|row| row.0 == self).map_or("?", |row| row.1)
    }

    /// By the name that [`name`](Self::name) gives.
    pub fn from_name(name: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.1 == name).map(|row| row.0)
    }

    /// Bytes of `elements`, packed types rounded up; None for strings or on overflow.
    pub fn bytes(self, elements: u64) -> Option<u64> {
        let bits = TABLE.iter().find(|row| row.0 == self)?.2;
        (bits > 0).then_some(())?;
        Some(elements.checked_mul(bits)?.div_ceil(8))
    }

    /// A floating-point type.
    pub fn is_float(self) -> bool {
        use D::{BF16, F4E2M1, F8E4M3FN, F8E4M3FNUZ, F8E5M2, F8E5M2FNUZ, F8E8M0, F16, F32, F64};
        matches!(self, F32 | F16 | BF16 | F64 | F8E4M3FN | F8E4M3FNUZ | F8E5M2 | F8E5M2FNUZ | F4E2M1 | F8E8M0)
    }

    /// An integer type or bool.
    pub fn is_int(self) -> bool {
        !self.is_float() && !matches!(self, D::Str | D::C64 | D::C128)
    }
}
