//! Random access to a file's bytes, and the window through which the walk looks at them.
//!
//! Every read is dear in a browser (a synchronous call of about 0.1 ms), every byte of a weight
//! is waste: after a jump the window opens with 512 bytes, and grows fourfold up to 64 KB while
//! the walk goes straight on. Offsets are `u64`, so that files above 4 GB work on 32-bit wasm.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::path::Path;
use std::rc::Rc;

use crate::error::{Code, Error, Result};

/// Bytes that can be read anywhere, in any order.
pub trait ReadAt {
    /// Size in bytes; constant while it is being read.
    fn len(&self) -> u64;

    /// True when there are no bytes.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Fills `buf` from `offset` on; fails where fewer bytes are left.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<()>;

    /// The same bytes for as long as one likes; None where they are only lent.
    fn kept(&self) -> Option<Rc<dyn ReadAt>> {
        None
    }
}

impl ReadAt for &[u8] {
    fn len(&self) -> u64 {
        <[u8]>::len(self) as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<()> {
        let found = usize::try_from(offset)
            .ok()
            .and_then(|start| Some(start..start.checked_add(buf.len())?))
            .and_then(|range| self.get(range))
            .ok_or_else(|| Error::new(Code::Io, "a read past the end of the bytes").at(offset))?;
        buf.copy_from_slice(found);
        Ok(())
    }
}

impl ReadAt for Vec<u8> {
    fn len(&self) -> u64 {
        self.as_slice().len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<()> {
        ReadAt::read_at(&self.as_slice(), offset, buf)
    }
}

/// A file on disk, for the command line.
#[derive(Debug)]
pub struct LocalFile {
    file: File,
    bytes: u64,
}

impl LocalFile {
    /// Opens the file for reading. `Code::Io` when that is not allowed or it is not there.
    pub fn open(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let fault = |e: std::io::Error| {
            Error::new(Code::Io, format!("cannot be opened: {e}"))
                .file(name.clone())
                .hint("Check the path and that you may read it.")
        };
        let file = File::open(path).map_err(fault)?;
        let meta = file.metadata().map_err(fault)?;
        if meta.is_dir() {
            return Err(Error::new(Code::Io, "is a folder, not a file")
                .file(name)
                .hint("Name the .onnx file inside it."));
        }
        Ok(Self { file, bytes: meta.len() })
    }
}

impl ReadAt for LocalFile {
    fn len(&self) -> u64 {
        self.bytes
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<()> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(offset))
            .and_then(|_| file.read_exact(buf))
            .map_err(|e| Error::new(Code::Io, format!("reading failed: {e}")).at(offset).hint(CHANGED))
    }

    fn kept(&self) -> Option<Rc<dyn ReadAt>> {
        let file = self.file.try_clone().ok()?;
        Some(Rc::new(Self { file, bytes: self.bytes }))
    }
}

const CHANGED: &str = "Was the file moved or changed while it was read? Open it again.";

/// Told how far a long read is, of how many bytes; answers whether to go on.
pub type Progress<'a> = dyn FnMut(u64, u64) -> ControlFlow<()> + 'a;

/// Bytes read right after a jump: a tensor's header is about 100 bytes.
const FIRST_READ: u64 = 512;
/// Bytes of the largest read.
const LARGEST_READ: u64 = 64 << 10;
/// A gap that is cheaper to read across in large windows than to jump.
const SMALL_GAP: u64 = 32 << 10;

/// A forward-moving view of the source.
pub(super) struct Window<'a, 'p> {
    source: &'a dyn ReadAt,
    progress: &'a mut Progress<'p>,
    /// Bytes in the file.
    len: u64,
    /// Where `buf` starts in the file.
    start: u64,
    buf: Vec<u8>,
    /// Size of the next read.
    next: u64,
    /// Where the walk stands.
    pub(super) pos: u64,
    /// Bytes fetched so far.
    pub(super) bytes_read: u64,
}

impl<'a, 'p> Window<'a, 'p> {
    pub(super) fn new(source: &'a dyn ReadAt, progress: &'a mut Progress<'p>) -> Self {
        let len = source.len();
        Self { source, progress, len, start: 0, buf: Vec::new(), next: 8 * FIRST_READ, pos: 0, bytes_read: 0 }
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// The bytes at hand from `pos` on: at least one, unless the file ends there.
    pub(super) fn peek(&mut self) -> Result<&[u8]> {
        let end = self.start.saturating_add(self.buf.len() as u64);
        if self.pos >= end && self.pos < self.len {
            self.refill(end)?;
        }
        let from = usize::try_from(self.pos.saturating_sub(self.start)).unwrap_or(usize::MAX);
        Ok(self.buf.get(from..).unwrap_or_default())
    }

    fn refill(&mut self, end: u64) -> Result<()> {
        if (self.progress)(self.pos, self.len).is_break() {
            return Err(Error::new(Code::Cancelled, "opening was stopped")
                .at(self.pos)
                .hint("Open the file again to start over."));
        }
        if self.pos - end > SMALL_GAP {
            self.next = FIRST_READ;
        }
        let size = self.next.min(self.len - self.pos);
        self.next = (self.next * 4).min(LARGEST_READ);
        // At most LARGEST_READ, so it fits every usize.
        self.buf.resize(size as usize, 0);
        self.source.read_at(self.pos, &mut self.buf).map_err(|mut e| {
            e.place.offset.get_or_insert(self.pos);
            if e.hint.is_empty() {
                e.hint = CHANGED.into();
            }
            e
        })?;
        self.start = self.pos;
        self.bytes_read += size;
        Ok(())
    }

    /// Goes to a place, backwards too.
    pub(super) fn seek(&mut self, pos: u64) {
        if pos < self.start {
            self.buf.clear();
            self.start = pos;
            self.next = 8 * FIRST_READ;
        }
        self.pos = pos;
    }

    /// The next byte, or `None` at `end` (or at the end of the file).
    pub(super) fn byte(&mut self, end: u64) -> Result<Option<u8>> {
        if self.pos >= end {
            return Ok(None);
        }
        let byte = self.peek()?.first().copied();
        self.pos += u64::from(byte.is_some());
        Ok(byte)
    }

    /// Appends the next `len` bytes to `out`; false where the file ends before.
    pub(super) fn copy(&mut self, len: u64, out: &mut Vec<u8>) -> Result<bool> {
        let mut left = len;
        while left > 0 {
            let here = self.peek()?;
            let take = usize::try_from(left).unwrap_or(usize::MAX).min(here.len());
            if take == 0 {
                return Ok(false);
            }
            out.extend_from_slice(here.get(..take).unwrap_or_default());
            self.pos += take as u64;
            left -= take as u64;
        }
        Ok(true)
    }
}
