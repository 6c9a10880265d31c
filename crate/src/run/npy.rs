//! NumPy's array file (.npy): format versions 1 to 3, plain numeric types, both byte orders, both
//! element orders.
//!
//! Structured and object arrays are refused: an object array is a program. Written files are
//! version 1, little-endian, row-major, as `numpy.save` writes them.

use super::tensor::{Data, Element, Tensor, each, elements_of, shape_text};
use crate::error::{Code, Error, Result};
use crate::ir::dtype::DType;
use crate::limits::MAX_RANK;

const MAGIC: &[u8] = b"\x93NUMPY";

/// Whether the bytes start as a .npy file does.
pub fn is_npy(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

fn bad(text: impl Into<String>) -> Error {
    Error::new(Code::Malformed, text).hint("save the array again with numpy.save")
}

/// What a header says.
struct Header {
    dtype: DType,
    big: bool,
    fortran: bool,
    shape: Vec<usize>,
}

/// Reads an array.
///
/// # Errors
/// `Malformed` for a damaged file, `Truncated`, `NotSupported` for an element type that is no
/// number, `LimitExceeded`.
pub fn read(bytes: &[u8]) -> Result<Tensor> {
    let (header, body) = split(bytes)?;
    let elements = elements_of(&header.shape, header.dtype)?;
    let wanted =
        header.dtype.bytes(elements as u64).and_then(|n| usize::try_from(n).ok()).unwrap_or(usize::MAX);
    let Some(body) = body.get(..wanted) else {
        let text = format!("{} of {} need {wanted} bytes", shape_text(&header.shape), header.dtype.name());
        return Err(Error::new(Code::Truncated, format!("{text}, the file holds {}", body.len()))
            .hint("it was cut short: save or download it again"));
    };
    let size = wanted.checked_div(elements).unwrap_or(1).max(1);
    let swapped: Vec<u8>;
    let body = if header.big && size > 1 {
        swapped = body.chunks_exact(size).flat_map(|one| one.iter().rev().copied()).collect();
        &swapped
    } else {
        body
    };
    if !header.fortran || header.shape.len() < 2 {
        return Tensor::from_le_bytes(header.dtype, header.shape, body);
    }
    let reversed: Vec<usize> = header.shape.iter().rev().copied().collect();
    reverse_axes(&Tensor::from_le_bytes(header.dtype, reversed, body)?, header.shape)
}

/// The array with its axes in the opposite order: column-major bytes read row-major are that.
fn reverse_axes(of: &Tensor, shape: Vec<usize>) -> Result<Tensor> {
    fn moved<T: Element>(values: &[T], shape: &[usize]) -> Data {
        // Steps in the column-major source as the row-major target is walked.
        let mut steps = vec![1usize; shape.len()];
        for axis in 1..shape.len() {
            let before = steps.get(axis - 1).zip(shape.get(axis - 1));
            let step = before.map_or(0, |(step, size)| step.saturating_mul(*size));
            if let Some(slot) = steps.get_mut(axis) {
                *slot = step;
            }
        }
        let mut place = vec![0usize; shape.len()];
        let mut at = 0usize;
        let mut out = Vec::with_capacity(values.len());
        for _ in 0..values.len() {
            out.push(values.get(at).copied().unwrap_or_default());
            for ((index, size), step) in place.iter_mut().zip(shape).zip(&steps).rev() {
                *index += 1;
                at += step;
                if *index < *size {
                    break;
                }
                at -= step * *index;
                *index = 0;
            }
        }
        T::data(out)
    }
    let data = each!(of.data(), v => moved(v, &shape));
    Tensor::from_data(shape, data)
}

fn split(bytes: &[u8]) -> Result<(Header, &[u8])> {
    let short = || Error::new(Code::Truncated, "the file ends inside its header").hint("save it again");
    let rest = bytes.strip_prefix(MAGIC).ok_or_else(|| bad("it is no .npy file"))?;
    let ([major, _minor], rest) = rest.split_first_chunk::<2>().ok_or_else(short)?;
    let (length, rest) = match major {
        1 => rest.split_first_chunk::<2>().map(|(n, rest)| (usize::from(u16::from_le_bytes(*n)), rest)),
        2 | 3 => rest.split_first_chunk::<4>().map(|(n, rest)| (u32::from_le_bytes(*n) as usize, rest)),
        other => return Err(bad(format!("version {other} of the .npy format is not known"))),
    }
    .ok_or_else(short)?;
    let (head, body) = rest.split_at_checked(length).ok_or_else(short)?;
    let text = std::str::from_utf8(head).map_err(|_| bad("its header is not text"))?;
    Ok((header(text)?, body))
}

/// Reads `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`, keys in any order.
fn header(text: &str) -> Result<Header> {
    let after = |key: &str| {
        let at = text.find(&format!("'{key}'")).ok_or_else(|| bad(format!("its header has no {key}")))?;
        let rest = text.get(at + key.len() + 2..).unwrap_or_default().trim_start();
        rest.strip_prefix(':').map(str::trim_start).ok_or_else(|| bad("its header is no dictionary"))
    };
    let descr = after("descr")?;
    let descr = descr.strip_prefix('\'').and_then(|rest| rest.split_once('\'')).map(|(name, _)| name);
    let Some(descr) = descr else {
        return Err(Error::new(Code::NotSupported, "it holds records, not numbers")
            .hint("save one field as a plain array"));
    };
    let (big, name) = match descr.split_at_checked(1) {
        Some((">", name)) => (true, name),
        Some(("<" | "|" | "=", name)) => (false, name),
        _ => (false, descr),
    };
    let dtype = dtype_of(name).ok_or_else(|| {
        Error::new(Code::NotSupported, format!("arrays of type {descr} are not read"))
            .hint("convert it: x.astype('float32'), or 'int64' for labels")
    })?;
    let order = after("fortran_order")?;
    let fortran = match () {
        () if order.starts_with("True") => true,
        () if order.starts_with("False") => false,
        () => return Err(bad("its header does not say the order of elements")),
    };
    let shape = after("shape")?;
    let inner = shape.strip_prefix('(').and_then(|rest| rest.split_once(')')).map(|(inner, _)| inner);
    let sizes = inner.ok_or_else(|| bad("its header has no shape"))?.split(',').map(str::trim);
    let shape = sizes
        .filter(|part| !part.is_empty())
        .map(|part| part.trim_end_matches('L').parse().map_err(|_| bad(format!("{part} is no size"))))
        .collect::<Result<Vec<usize>>>()?;
    if shape.len() > MAX_RANK {
        return Err(bad(format!("more than {MAX_RANK} dimensions")));
    }
    Ok(Header { dtype, big, fortran, shape })
}

const TYPES: [(&str, DType); 12] = [
    ("f4", DType::F32),
    ("f8", DType::F64),
    ("f2", DType::F16),
    ("i1", DType::I8),
    ("i2", DType::I16),
    ("i4", DType::I32),
    ("i8", DType::I64),
    ("u1", DType::U8),
    ("u2", DType::U16),
    ("u4", DType::U32),
    ("u8", DType::U64),
    ("b1", DType::Bool),
];

fn dtype_of(name: &str) -> Option<DType> {
    TYPES.iter().find(|row| row.0 == name).map(|row| row.1)
}

/// Writes an array.
pub fn write(tensor: &Tensor) -> Vec<u8> {
    let name = TYPES.iter().find(|row| row.1 == tensor.dtype()).map_or("f4", |row| row.0);
    let order = if name.ends_with('1') { '|' } else { '<' };
    let mut sizes: Vec<String> = tensor.shape().iter().map(usize::to_string).collect();
    if sizes.len() == 1 {
        sizes.push(String::new());
    }
    let shape = sizes.join(", ");
    let text =
        format!("{{'descr': '{order}{name}', 'fortran_order': False, 'shape': ({}), }}", shape.trim_end());
    // The data starts at a multiple of 64; the header ends in a line break.
    let fixed = MAGIC.len() + 4;
    let padded = (fixed + text.len() + 1).next_multiple_of(64) - fixed;
    let mut out = MAGIC.to_vec();
    out.extend_from_slice(&[1, 0]);
    out.extend_from_slice(&(padded as u16).to_le_bytes());
    out.extend_from_slice(text.as_bytes());
    out.resize(fixed + padded - 1, b' ');
    out.push(b'\n');
    each!(tensor.data(), v => v.iter().for_each(|x| x.put_le(&mut out)));
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use half::f16;

    use super::*;

    fn file(header: &str, body: &[u8]) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend_from_slice(&[1, 0]);
        out.extend_from_slice(&(header.len() as u16).to_le_bytes());
        out.extend_from_slice(header.as_bytes());
        out.extend_from_slice(body);
        out
    }

    #[test]
    fn what_is_written_is_read() {
        for shape in [vec![], vec![6], vec![2, 3], vec![1, 2, 3], vec![0, 4]] {
            let n: usize = shape.iter().product();
            let tensor = Tensor::new(shape, (0..n as i64).collect::<Vec<_>>()).unwrap();
            for dtype in [DType::F16, DType::F32, DType::F64, DType::I64, DType::U8, DType::Bool] {
                let tensor = tensor.clone().cast(dtype).unwrap();
                let bytes = write(&tensor);
                assert_eq!((bytes.len() - tensor.to_le_bytes().len()) % 64, 0);
                assert_eq!(read(&bytes).unwrap(), tensor);
            }
        }
    }

    #[test]
    fn byte_orders_and_element_orders() {
        let big = file("{'descr': '>i2', 'fortran_order': False, 'shape': (2,), }", &[1, 0, 0, 2]);
        assert_eq!(read(&big).unwrap(), Tensor::new(vec![2], vec![256i16, 2]).unwrap());
        // [[1, 2, 3], [4, 5, 6]] column by column.
        let columns = file("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", &[1, 4, 2, 5, 3, 6]);
        assert_eq!(read(&columns).unwrap(), Tensor::new(vec![2, 3], vec![1u8, 2, 3, 4, 5, 6]).unwrap());
        let cube: Vec<u8> = (0..24).collect();
        let cube =
            read(&file("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3, 4), }", &cube)).unwrap();
        let Data::U8(values) = cube.data() else { unreachable!() };
        // Element (i, j, k) stands at i + 2j + 6k.
        let wanted = (0..2).flat_map(|i| (0..3).flat_map(move |j| (0..4).map(move |k| i + 2 * j + 6 * k)));
        assert!(values.iter().copied().eq(wanted));
    }

    #[test]
    fn damage_is_an_error() {
        let good = write(&Tensor::new(vec![3], vec![1f32, 2.0, 3.0]).unwrap());
        assert_eq!(read(&good[..good.len() - 1]).unwrap_err().code, Code::Truncated);
        assert_eq!(read(&good[..9]).unwrap_err().code, Code::Truncated);
        let cases = [
            ("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", Code::NotSupported),
            ("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", Code::NotSupported),
            ("{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,), }", Code::Malformed),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", Code::Malformed),
            ("{'descr': '<f4', 'fortran_order': False}", Code::Malformed),
            (
                "{'descr': '<f8', 'fortran_order': False, 'shape': (9999999999, 9999999999), }",
                Code::LimitExceeded,
            ),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999,), }", Code::Truncated),
        ];
        for (header, code) in cases {
            assert_eq!(read(&file(header, &[0; 8])).unwrap_err().code, code, "{header}");
        }
    }

    #[test]
    fn half_precision_keeps_its_bits() {
        let values = vec![f16::from_bits(0x3C01), f16::NEG_INFINITY, f16::from_bits(1)];
        let tensor = Tensor::new(vec![3], values).unwrap();
        assert_eq!(read(&write(&tensor)).unwrap(), tensor);
    }
}
