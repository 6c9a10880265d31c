//! NumPy's archive of arrays (.npz): a zip of .npy files, stored or deflated.
//!
//! Reads the central directory, never the local headers' sizes; every size is checked before it is
//! allocated, and every entry against its checksum. Encrypted entries and archives in several
//! parts are refused.

use super::npy;
use super::tensor::Tensor;
use crate::error::{Code, Error, Result};
use crate::limits::{MAX_ARRAYS, MAX_TENSOR_BYTES};

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
/// Bytes of the end record without its comment, of a central header and a local one without their names.
const END_BYTES: usize = 22;
const CENTRAL_BYTES: usize = 46;
const LOCAL_BYTES: usize = 30;

/// Whether the bytes start as a zip does.
pub fn is_npz(bytes: &[u8]) -> bool {
    bytes.starts_with(&LOCAL.to_le_bytes()) || bytes.starts_with(&END.to_le_bytes())
}

fn bad(text: impl Into<String>) -> Error {
    Error::new(Code::Malformed, text).hint("save the arrays again with numpy.savez")
}

/// An entry of the central directory.
struct Entry<'a> {
    name: &'a str,
    method: u16,
    crc: u32,
    packed: u64,
    size: u64,
    offset: u64,
}

/// Reads all arrays, by name without `.npy`, in the archive's order.
///
/// # Errors
/// As [`npy::read`], with the array's name.
pub fn read(bytes: &[u8]) -> Result<Vec<(String, Tensor)>> {
    let mut arrays = Vec::new();
    let mut total = 0u64;
    for entry in directory(bytes)? {
        let Some(name) = entry.name.strip_suffix(".npy") else { continue };
        total = total.saturating_add(entry.size);
        if total > MAX_TENSOR_BYTES {
            return Err(Error::new(Code::LimitExceeded, format!("its arrays hold {total} bytes or more"))
                .hint(format!("at most {} MB are read at once", MAX_TENSOR_BYTES >> 20)));
        }
        let content = unpack(bytes, &entry).map_err(|e| e.value(name))?;
        arrays.push((name.to_owned(), npy::read(&content).map_err(|e| e.value(name))?));
    }
    Ok(arrays)
}

fn directory(bytes: &[u8]) -> Result<Vec<Entry<'_>>> {
    // The end record lies before a comment of at most 64 KB.
    let first = bytes.len().saturating_sub(END_BYTES + usize::from(u16::MAX));
    let end =
        (first..=bytes.len().saturating_sub(END_BYTES)).rev().find(|at| u32_at(bytes, *at) == Some(END));
    let end = end.ok_or_else(|| {
        Error::new(Code::Truncated, "the archive has no directory").hint("it was cut short: save it again")
    })?;
    let count = u16_at(bytes, end + 10).unwrap_or(0);
    let mut at = u32_at(bytes, end + 16).unwrap_or(0) as usize;
    if count == u16::MAX || at == u32::MAX as usize {
        return Err(bad("an archive of more than 4 GB or 65535 arrays"));
    }
    if usize::from(count) > MAX_ARRAYS {
        return Err(Error::new(Code::LimitExceeded, format!("more than {MAX_ARRAYS} arrays")));
    }
    let mut entries = Vec::new();
    for _ in 0..count {
        let (entry, next) = central(bytes, at).ok_or_else(|| bad("its directory is damaged"))?;
        if u16_at(bytes, at + 8).unwrap_or(0) & 1 == 1 {
            return Err(bad("it is encrypted"));
        }
        entries.push(entry);
        at = next;
    }
    Ok(entries)
}

/// One central header, and where the next one stands.
fn central(bytes: &[u8], at: usize) -> Option<(Entry<'_>, usize)> {
    if u32_at(bytes, at)? != CENTRAL {
        return None;
    }
    let word = |place: usize| u16_at(bytes, at.checked_add(place)?).map(usize::from);
    let long = |place: usize| u32_at(bytes, at.checked_add(place)?);
    let name_at = at.checked_add(CENTRAL_BYTES)?;
    let extra_at = name_at.checked_add(word(28)?)?;
    let comment_at = extra_at.checked_add(word(30)?)?;
    let name = std::str::from_utf8(bytes.get(name_at..extra_at)?).ok()?;
    let extra = bytes.get(extra_at..comment_at)?;
    // Size, packed size, offset: in the zip64 field, in this order, those that are all ones here.
    let mut wide =
        zip64(extra).chunks_exact(8).map(|b| b.first_chunk().map_or(0, |b| u64::from_le_bytes(*b)));
    let mut real = |short: u32| if short == u32::MAX { wide.next() } else { Some(u64::from(short)) };
    let (size, packed, offset) = (real(long(24)?)?, real(long(20)?)?, real(long(42)?)?);
    let entry = Entry { name, method: u16_at(bytes, at + 10)?, crc: long(16)?, packed, size, offset };
    Some((entry, comment_at.checked_add(word(32)?)?))
}

/// The content of the extra field with tag 1.
fn zip64(mut extra: &[u8]) -> &[u8] {
    while let (Some(tag), Some(length)) = (u16_at(extra, 0), u16_at(extra, 2)) {
        let end = 4 + usize::from(length);
        if tag == 1 {
            return extra.get(4..end).unwrap_or_default();
        }
        extra = extra.get(end..).unwrap_or_default();
    }
    &[]
}

fn unpack(bytes: &[u8], entry: &Entry<'_>) -> Result<Vec<u8>> {
    let cut = || Error::new(Code::Truncated, "the archive ends inside an array").hint("save it again");
    let at = usize::try_from(entry.offset).map_err(|_| cut())?;
    if u32_at(bytes, at) != Some(LOCAL) {
        return Err(bad("its directory points past an array"));
    }
    let skip = |place: usize| u16_at(bytes, at.saturating_add(place)).map(usize::from).ok_or_else(cut);
    let start = at + LOCAL_BYTES + skip(26)? + skip(28)?;
    let packed = usize::try_from(entry.packed).ok().and_then(|n| bytes.get(start..start.checked_add(n)?));
    let packed = packed.ok_or_else(cut)?;
    let size = usize::try_from(entry.size).map_err(|_| cut())?;
    let content = match entry.method {
        0 => packed.to_vec(),
        8 => miniz_oxide::inflate::decompress_to_vec_with_limit(packed, size)
            .map_err(|_| bad("its deflated bytes do not unpack"))?,
        other => return Err(bad(format!("method {other} of packing is not known"))),
    };
    if content.len() != size || crc32(&content) != entry.crc {
        return Err(bad("an array is not what its checksum says"));
    }
    Ok(content)
}

/// Writes arrays, stored.
///
/// # Errors
/// `LimitExceeded` where the archive would pass 4 GB.
pub fn write(arrays: &[(String, Tensor)]) -> Result<Vec<u8>> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    let large = || Error::new(Code::LimitExceeded, "the archive would be larger than 4 GB");
    for (name, tensor) in arrays {
        let content = npy::write(tensor);
        let name = format!("{name}.npy");
        let size = u32::try_from(content.len()).map_err(|_| large())?;
        let offset = u32::try_from(out.len()).map_err(|_| large())?;
        let length = u16::try_from(name.len()).map_err(|_| bad("a name is too long"))?;
        // From "version needed" to the length of the extra field: alike in both headers.
        let mut common = Vec::new();
        for word in [20, 0, 0, 0, 0x21] {
            common.extend_from_slice(&u16::to_le_bytes(word));
        }
        for long in [crc32(&content), size, size] {
            common.extend_from_slice(&long.to_le_bytes());
        }
        common.extend_from_slice(&length.to_le_bytes());
        common.extend_from_slice(&[0; 2]);
        out.extend_from_slice(&LOCAL.to_le_bytes());
        out.extend_from_slice(&common);
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(&content);
        directory.extend_from_slice(&CENTRAL.to_le_bytes());
        directory.extend_from_slice(&[20, 0]);
        directory.extend_from_slice(&common);
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&offset.to_le_bytes());
        directory.extend_from_slice(name.as_bytes());
    }
    let (start, size) = (u32::try_from(out.len()), u32::try_from(directory.len()));
    let (start, size) = (start.map_err(|_| large())?, size.map_err(|_| large())?);
    let count = u16::try_from(arrays.len()).map_err(|_| large())?;
    out.extend_from_slice(&directory);
    out.extend_from_slice(&END.to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&count.to_le_bytes());
    out.extend_from_slice(&count.to_le_bytes());
    out.extend_from_slice(&size.to_le_bytes());
    out.extend_from_slice(&start.to_le_bytes());
    out.extend_from_slice(&[0; 2]);
    Ok(out)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|b| u16::from_le_bytes(*b))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|b| u32::from_le_bytes(*b))
}

/// CRC-32 of zip (polynomial 0xEDB88320, reflected). `123456789`: 0xCBF43926.
fn crc32(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut index = 0;
        while index < 256 {
            let mut value = index as u32;
            let mut bit = 0;
            while bit < 8 {
                value = if value & 1 == 1 { value >> 1 ^ 0xEDB8_8320 } else { value >> 1 };
                bit += 1;
            }
            table[index] = value;
            index += 1;
        }
        table
    };
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        let at = (crc as u8 ^ byte) as usize;
        crc >> 8 ^ TABLE.get(at).copied().unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn arrays() -> Vec<(String, Tensor)> {
        vec![
            ("x".to_owned(), Tensor::new(vec![2, 2], vec![1f32, 2.0, 3.0, 4.0]).unwrap()),
            ("y".to_owned(), Tensor::new(vec![2], vec![7i64, 9]).unwrap()),
        ]
    }

    #[test]
    fn checksum_of_the_standard() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(read(&write(&arrays()).unwrap()).unwrap(), arrays());
    }

    #[test]
    fn every_damaged_byte_is_harmless() {
        let good = write(&arrays()).unwrap();
        for at in 0..good.len() {
            let mut bytes = good.clone();
            bytes[at] ^= 0xff;
            // An error or the same arrays under another name; never a panic, never other numbers.
            if let Ok(found) = read(&bytes) {
                for (_, tensor) in found {
                    assert!(arrays().iter().any(|(_, wanted)| *wanted == tensor), "byte {at}");
                }
            }
            let _ = read(&good[..at]);
        }
    }
}
