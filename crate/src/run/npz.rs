//! NumPy's archive of arrays (.npz): a zip of .npy files, stored or deflated.
//!
//! The archive is `rawzip`'s to read and write; every size is checked before it is allocated, and every entry
//! against its checksum. Encrypted entries are refused.

use std::io::Write;

use rawzip::{CompressionMethod, ErrorKind, ZipArchive, ZipArchiveWriter, ZipVerification};

use super::npy;
use super::tensor::Tensor;
use crate::error::{Code, Error, Result};
use crate::limits::{MAX_ARRAYS, MAX_TENSOR_BYTES};

/// Whether the bytes start as a zip does.
pub fn is_npz(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

fn bad(text: impl Into<String>) -> Error {
    Error::new(Code::Malformed, text).hint("save the arrays again with numpy.savez")
}

fn fault(error: &rawzip::Error) -> Error {
    match error.kind() {
        ErrorKind::Eof | ErrorKind::MissingEndOfCentralDirectory => {
            Error::new(Code::Truncated, "the archive ends too early").hint("it was cut short: save it again")
        }
        kind => bad(format!("the archive is damaged: {kind}")),
    }
}

/// Reads all arrays, by name without `.npy`, in the archive's order.
///
/// # Errors
/// As [`npy::read`], with the array's name.
pub fn read(bytes: &[u8]) -> Result<Vec<(String, Tensor)>> {
    let archive = ZipArchive::from_slice(bytes).map_err(|e| fault(&e))?;
    if archive.entries_hint() > MAX_ARRAYS as u64 {
        return Err(Error::new(Code::LimitExceeded, format!("more than {MAX_ARRAYS} arrays")));
    }
    let mut arrays = Vec::new();
    let (mut total, mut left) = (0u64, archive.entries_hint());
    let mut entries = archive.entries();
    while let Some(entry) = entries.next_entry().map_err(|e| fault(&e))? {
        left = left.checked_sub(1).ok_or_else(|| bad("its directory is damaged"))?;
        let path = entry.file_path();
        let Some(name) = std::str::from_utf8(path.as_ref()).ok().and_then(|path| path.strip_suffix(".npy"))
        else {
            continue;
        };
        let size = entry.uncompressed_size_hint();
        total = total.saturating_add(size);
        if total > MAX_TENSOR_BYTES {
            return Err(Error::new(Code::LimitExceeded, format!("its arrays hold {total} bytes or more"))
                .hint(format!("at most {} MB are read at once", MAX_TENSOR_BYTES >> 20)));
        }
        if entry.flags().is_encrypted() {
            return Err(bad("it is encrypted").value(name));
        }
        let packed = archive.get_entry(entry.wayfinder()).map_err(|e| fault(&e).value(name))?;
        let content = match entry.compression_method() {
            CompressionMethod::STORE => packed.data().to_vec(),
            CompressionMethod::DEFLATE => {
                // At most MAX_TENSOR_BYTES, checked above.
                miniz_oxide::inflate::decompress_to_vec_with_limit(packed.data(), size as usize)
                    .map_err(|_| bad("its deflated bytes do not unpack").value(name))?
            }
            _ => return Err(bad("its way of packing is not known").value(name)),
        };
        let is = ZipVerification { crc: rawzip::crc32(&content), uncompressed_size: content.len() as u64 };
        packed.claim_verifier().valid(is).map_err(|e| fault(&e).value(name))?;
        arrays.push((name.to_owned(), npy::read(&content).map_err(|e| e.value(name))?));
    }
    if left > 0 { Err(bad("its directory is damaged")) } else { Ok(arrays) }
}

/// Writes arrays, stored.
///
/// # Errors
/// `Malformed` for a name that no archive can hold.
pub fn write(arrays: &[(String, Tensor)]) -> Result<Vec<u8>> {
    zip(arrays.iter().map(|(name, tensor)| (format!("{name}.npy"), npy::write(tensor))))
}

/// Files by their paths as a zip, stored.
///
/// # Errors
/// As [`write()`].
pub fn zip<B: AsRef<[u8]>>(files: impl IntoIterator<Item = (String, B)>) -> Result<Vec<u8>> {
    let mut archive = ZipArchiveWriter::new(Vec::new());
    for (path, bytes) in files {
        let file = archive.new_file(&path).compression_method(CompressionMethod::STORE);
        let (mut entry, config) = file.start().map_err(|e| fault(&e))?;
        let mut data = config.wrap(&mut entry);
        data.write_all(bytes.as_ref()).map_err(|_| bad("a file is too large for an archive"))?;
        let (_, descriptor) = data.finish().map_err(|e| fault(&e))?;
        entry.finish(descriptor).map_err(|e| fault(&e))?;
    }
    archive.finish().map_err(|e| fault(&e))
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
