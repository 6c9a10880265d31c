//! The protobuf wire format: tags, numbers and lengths, each held to the message around it.
//!
//! Assumes nothing of the bytes. Never follows a length past its parent; knows no ONNX.

use crate::error::{Code, Error, Result};

use super::source::Window;

pub(super) const VARINT: u8 = 0;
pub(super) const FIXED64: u8 = 1;
pub(super) const LEN: u8 = 2;
pub(super) const FIXED32: u8 = 5;
const GROUP: u8 = 3;
const GROUP_END: u8 = 4;

/// The head of a field: what its tag says, and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Head {
    /// Where the tag starts.
    pub(super) start: u64,
    pub(super) number: u32,
    pub(super) wire: u8,
    /// Where the message around it ends.
    pub(super) end: u64,
}

/// Reads the wire format from a window.
pub(super) struct Reader<'a, 'p> {
    pub(super) window: Window<'a, 'p>,
    /// Messages around the one being read. At 0 an early end is the file's, further in it is a
    /// wrong length's.
    pub(super) depth: u32,
}

impl Reader<'_, '_> {
    pub(super) fn pos(&self) -> u64 {
        self.window.pos
    }

    /// The next field of the message that ends at `end`.
    pub(super) fn head(&mut self, end: u64) -> Result<Head> {
        let start = self.pos();
        let key = self.varint(end)?;
        let wire = (key & 7) as u8;
        match u32::try_from(key >> 3) {
            Ok(number) if (1..1 << 29).contains(&number) => Ok(Head { start, number, wire, end }),
            _ => Err(malformed(start, format!("{} is no field number", key >> 3))),
        }
    }

    /// Goes past a field without looking into it.
    pub(super) fn skip(&mut self, head: Head) -> Result<()> {
        match head.wire {
            VARINT => drop(self.varint(head.end)?),
            LEN => self.window.pos = self.length(head.end)?,
            FIXED32 | FIXED64 => {
                let bytes = fixed_bytes(head.wire);
                if head.end - self.pos() < bytes {
                    return Err(self.cut());
                }
                self.window.pos += bytes;
            }
            GROUP | GROUP_END => {
                return Err(malformed(head.start, "a protobuf group, which ONNX does not have".into()));
            }
            other => return Err(malformed(head.start, format!("{other} is no wire type"))),
        }
        Ok(())
    }

    /// Reads a length; returns where it ends, which is not past `end`.
    pub(super) fn length(&mut self, end: u64) -> Result<u64> {
        let start = self.pos();
        let length = self.varint(end)?;
        match self.pos().checked_add(length) {
            Some(stop) if stop <= end => Ok(stop),
            // A petabyte was never there: that length is wrong, not the file short.
            _ if self.depth == 0 && length < 1 << 50 => Err(self.truncated(length)),
            _ => Err(malformed(start, format!("a length of {length} bytes runs past its message"))),
        }
    }

    pub(super) fn varint(&mut self, end: u64) -> Result<u64> {
        let start = self.pos();
        let mut value = 0u64;
        for shift in (0..).step_by(7).take(10) {
            let Some(byte) = self.window.byte(end)? else {
                return Err(self.cut());
            };
            if shift == 63 && byte > 1 {
                break;
            }
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(malformed(start, "a number longer than 64 bits".into()))
    }

    /// Copies the number behind a head as it stands, tag included.
    pub(super) fn copy_number(&mut self, head: Head, out: &mut Vec<u8>) -> Result<()> {
        put_tag(out, head.number, head.wire);
        if head.wire == VARINT {
            put_varint(out, self.varint(head.end)?);
            return Ok(());
        }
        let bytes = fixed_bytes(head.wire);
        if head.end - self.pos() < bytes || !self.window.copy(bytes, out)? {
            return Err(self.cut());
        }
        Ok(())
    }

    /// The bytes up to `stop`. The caller has made sure that they are few enough.
    pub(super) fn bytes(&mut self, stop: u64) -> Result<Vec<u8>> {
        let length = stop - self.pos();
        let mut bytes = Vec::new();
        if !self.window.copy(length, &mut bytes)? {
            return Err(self.truncated(length));
        }
        Ok(bytes)
    }

    fn cut(&self) -> Error {
        match self.depth {
            0 => self.truncated(1),
            _ => malformed(self.pos(), "a message ends inside a field".into()),
        }
    }

    fn truncated(&self, wanted: u64) -> Error {
        let len = self.window.len();
        let missing = self.pos().saturating_add(wanted).saturating_sub(len).max(1);
        Error::new(
            Code::Truncated,
            format!("the file ends at byte {len}, at least {missing} bytes too early"),
        )
        .at(len)
        .hint("It was cut short: download or export it again.")
    }
}

pub(super) fn malformed(at: u64, message: String) -> Error {
    Error::new(Code::Malformed, message).at(at).hint(
        "The file is damaged or was not written by an ONNX exporter: download or export it again; \
         onnx.checker.check_model says more.",
    )
}

fn fixed_bytes(wire: u8) -> u64 {
    if wire == FIXED32 { 4 } else { 8 }
}

/// How many varints the bytes hold, or `None` where they are not whole varints.
pub(super) fn varints(bytes: &[u8]) -> Option<usize> {
    let (mut count, mut length) = (0, 0);
    for &byte in bytes {
        length += 1;
        if length > 10 || (length == 10 && byte > 1) {
            return None;
        }
        if byte < 0x80 {
            count += 1;
            length = 0;
        }
    }
    (length == 0).then_some(count)
}

pub(super) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(super) fn put_tag(out: &mut Vec<u8>, number: u32, wire: u8) {
    put_varint(out, u64::from(number) << 3 | u64::from(wire));
}

pub(super) fn put_bytes(out: &mut Vec<u8>, number: u32, bytes: &[u8]) {
    put_tag(out, number, LEN);
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}
