//! Weights in files beside the model: where a tensor says they are, and which of the files at
//! hand that is.
//!
//! A location is only ever compared with names that the person gave; it is never opened. Absolute
//! paths and `..` are answered as missing, with the reason.

use super::schema::{TensorProto, tensor_proto};

/// Where a tensor says its bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ExternalData {
    /// Path relative to the model, as written.
    pub(crate) location: String,
    /// First byte.
    pub(crate) offset: u64,
    /// Bytes: as declared, otherwise what the tensor's dims and type need; `None` when neither is known.
    pub(crate) length: Option<u64>,
    /// Which of its numbers cannot be read, if so. (Its location is judged by [`resolve`].)
    pub(crate) fault: Option<&'static str>,
}

/// A file that the person gave.
#[derive(Clone, Debug)]
pub struct Present {
    /// Its name, possibly with folders.
    pub name: String,
    /// Its size.
    pub bytes: u64,
}

/// The answer for one external tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// All its bytes are in this file (index into the files present).
    Here(usize),
    /// The file is here but ends too early.
    TooShort {
        /// Index into the files present.
        file: usize,
        /// Bytes that the file would need to have.
        needs: u64,
    },
    /// No such file.
    Missing {
        /// Why, in a few words.
        reason: String,
    },
}

/// The tensor's external data; `None` when its data is inside the model.
pub(crate) fn external(tensor: &TensorProto) -> Option<ExternalData> {
    if tensor.data_location != Some(tensor_proto::DataLocation::External as i32) {
        return None;
    }
    let value = |key: &str| {
        let entry = tensor.external_data.iter().find(|e| e.key.as_deref() == Some(key))?;
        entry.value.as_deref()
    };
    let number = |key: &str| value(key).map(|v| v.trim().parse::<u64>());
    let location = value("location").unwrap_or_default().to_owned();
    let (offset, length) = (number("offset"), number("length"));
    let fault = match () {
        () if matches!(offset, Some(Err(_))) => Some("its offset is not a number"),
        () if matches!(length, Some(Err(_))) => Some("its length is not a number"),
        () => None,
    };
    let length = match length {
        Some(Ok(declared)) => Some(declared),
        _ => tensor_bytes(tensor),
    };
    Some(ExternalData { location, offset: offset.and_then(Result::ok).unwrap_or(0), length, fault })
}

/// Which of the files at hand holds the data.
///
/// The whole path decides first, then the name without folders; two files of that name are an
/// ambiguity, not a guess.
pub(crate) fn resolve(data: &ExternalData, files: &[Present]) -> Found {
    let missing = |reason: String| Found::Missing { reason };
    if let Some(fault) = data.fault.or_else(|| path_fault(&data.location)) {
        return missing(fault.to_owned());
    }
    let last = parts(&data.location).next_back().unwrap_or_default();
    // The first test is the cheap one: there may be thousands of files and of tensors.
    let same_name = |f: &Present| f.name.ends_with(last) && parts(&f.name).next_back() == Some(last);
    let named = || files.iter().enumerate().filter(|(_, f)| same_name(f));
    let whole = named().find(|(_, f)| parts(&f.name).eq(parts(&data.location)));
    let hit = match (whole, named().nth(1)) {
        (None, Some(_)) => return missing(format!("several files are called {last}")),
        (whole, _) => whole.or_else(|| named().next()),
    };
    let Some((at, file)) = hit else {
        return missing(format!("{} is not here", data.location));
    };
    match data.offset.checked_add(data.length.unwrap_or(0)) {
        Some(needs) if needs <= file.bytes => Found::Here(at),
        needs => Found::TooShort { file: at, needs: needs.unwrap_or(u64::MAX) },
    }
}

/// Bytes of a tensor's data as dims and type say; `None` for strings, unknown types and overflow.
/// 3x5 of INT4: 8 bytes.
pub(crate) fn tensor_bytes(tensor: &TensorProto) -> Option<u64> {
    let bits = element_bits(tensor.data_type?)?;
    let elements = tensor.dims.iter().try_fold(1u64, |n, d| n.checked_mul(u64::try_from(*d).ok()?))?;
    Some(elements.checked_mul(bits)?.div_ceil(8))
}

/// Bits of one element of an ONNX data type.
fn element_bits(data_type: i32) -> Option<u64> {
    use tensor_proto::DataType as T;
    Some(match T::try_from(data_type).ok()? {
        T::Uint2 | T::Int2 => 2,
        T::Uint4 | T::Int4 | T::Float4e2m1 => 4,
        T::Float6e2m3 | T::Float6e3m2 => 6,
        T::Uint8 | T::Int8 | T::Bool => 8,
        T::Float8e4m3fn | T::Float8e4m3fnuz | T::Float8e5m2 | T::Float8e5m2fnuz | T::Float8e8m0 => 8,
        T::Uint16 | T::Int16 | T::Float16 | T::Bfloat16 => 16,
        T::Float | T::Int32 | T::Uint32 => 32,
        T::Double | T::Int64 | T::Uint64 | T::Complex64 => 64,
        T::Complex128 => 128,
        T::Undefined | T::String => return None,
    })
}

fn parts(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.split(['/', '\\']).filter(|p| !p.is_empty() && *p != ".")
}

/// A location that stays inside the model's folder.
pub(crate) fn is_inside(location: &str) -> bool {
    path_fault(location).is_none()
}

fn path_fault(location: &str) -> Option<&'static str> {
    if location.is_empty() {
        return Some("no location is given");
    }
    let drive = matches!(location.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    if location.starts_with(['/', '\\']) || drive {
        Some("its location is an absolute path")
    } else if parts(location).any(|p| p == "..") {
        Some("its location leaves the model's folder")
    } else if location.contains('\0') || parts(location).next().is_none() {
        Some("its location is not a file name")
    } else {
        None
    }
}
