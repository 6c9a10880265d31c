//! Weights of types that engines have no arrays of, in one that holds each of their numbers: bfloat16 and the 8-bit floats
//! as float32, 4-bit integers as 8-bit ones.

use crate::ir::dtype::DType;

/// The type that holds a stored one's numbers; the same where arrays have it.
pub fn held(stored: DType) -> DType {
    match stored {
        DType::BF16 | DType::F8E4M3FN | DType::F8E4M3FNUZ | DType::F8E5M2 | DType::F8E5M2FNUZ => DType::F32,
        DType::I4 => DType::I8,
        DType::U4 => DType::U8,
        other => other,
    }
}

/// Stored bytes as those of [`held`]; of an odd number of 4-bit ones, `elements` cuts off what fills the last byte.
pub fn widened(stored: DType, bytes: &[u8], elements: usize) -> Vec<u8> {
    let floats = |one: fn(u8) -> f32| bytes.iter().flat_map(|byte| one(*byte).to_le_bytes()).collect();
    match stored {
        DType::BF16 => bytes.as_chunks::<2>().0.iter().flat_map(|[low, high]| [0, 0, *low, *high]).collect(),
        DType::F8E4M3FN => floats(|b| small(b, 4, 7, Ends::Last)),
        DType::F8E4M3FNUZ => floats(|b| small(b, 4, 8, Ends::NegativeZero)),
        DType::F8E5M2 => floats(|b| small(b, 5, 15, Ends::Ieee)),
        DType::F8E5M2FNUZ => floats(|b| small(b, 5, 16, Ends::NegativeZero)),
        DType::I4 => bytes
            .iter()
            .flat_map(|b| [(b << 4) as i8 >> 4, *b as i8 >> 4])
            .map(|n| n as u8)
            .take(elements)
            .collect(),
        DType::U4 => bytes.iter().flat_map(|b| [b & 15, b >> 4]).take(elements).collect(),
        _ => bytes.to_vec(),
    }
}

/// Which codes are no numbers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    /// The last of each sign is NaN.
    Last,
    /// The code of -0 is NaN.
    NegativeZero,
    /// Infinities and NaN at the largest exponent.
    Ieee,
}

/// Sign, exponent, mantissa. 0x38 of E4M3FN: 2^(7-7) = 1; 0x01: 2^-6 / 8 = 2^-9.
fn small(code: u8, exponent_bits: u32, bias: i32, ends: Ends) -> f32 {
    let mantissa_bits = 7 - exponent_bits;
    let sign = if code & 0x80 == 0 { 1.0 } else { -1.0 };
    let exponent = i32::from((code & 0x7f) >> mantissa_bits);
    let mantissa = f32::from(code & ((1 << mantissa_bits) - 1)) / f32::from(1u8 << mantissa_bits);
    match ends {
        Ends::Last if code & 0x7f == 0x7f => return f32::NAN,
        Ends::NegativeZero if code == 0x80 => return f32::NAN,
        Ends::Ieee if exponent == (1 << exponent_bits) - 1 => {
            return if mantissa == 0.0 { sign * f32::INFINITY } else { f32::NAN };
        }
        _ => {}
    }
    let magnitude = match exponent {
        0 => mantissa * 2f32.powi(1 - bias),
        _ => (1.0 + mantissa) * 2f32.powi(exponent - bias),
    };
    sign * magnitude
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_the_standards() {
        // The largest, the smallest and an ordinary number of each, as the ONNX document of float8 has them.
        let value = |stored, code| {
            let bytes = widened(stored, &[code], 1);
            bytes.as_chunks::<4>().0.first().map(|bytes| f32::from_le_bytes(*bytes))
        };
        let cases = [
            (DType::F8E4M3FN, 0x7e, 448.0),
            (DType::F8E4M3FN, 0x01, 2f32.powi(-9)),
            (DType::F8E4M3FN, 0xb8, -1.0),
            (DType::F8E4M3FNUZ, 0x7f, 240.0),
            (DType::F8E4M3FNUZ, 0x01, 2f32.powi(-10)),
            (DType::F8E5M2, 0x7b, 57_344.0),
            (DType::F8E5M2, 0x01, 2f32.powi(-16)),
            (DType::F8E5M2FNUZ, 0x7f, 57_344.0),
            (DType::F8E5M2FNUZ, 0x01, 2f32.powi(-17)),
        ];
        for (stored, code, wanted) in cases {
            assert_eq!(value(stored, code), Some(wanted), "{stored:?} {code:#x}");
        }
        assert_eq!(value(DType::F8E5M2, 0xfc), Some(f32::NEG_INFINITY));
        assert!(value(DType::F8E4M3FN, 0x7f).is_some_and(f32::is_nan));
        assert_eq!(widened(DType::I4, &[0xf1, 0x08], 3), [1, 0xff, 0xf8]);
        assert_eq!(widened(DType::U4, &[0xf1, 0x08], 3), [1, 15, 8]);
        assert_eq!(widened(DType::BF16, &[0x80, 0x3f], 1), 1f32.to_le_bytes());
    }
}
