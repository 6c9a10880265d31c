//! The walk over the protobuf wire format: copies a model into a skeleton, leaving large payloads
//! in the file.
//!
//! Assumes nothing of the bytes. Never follows a length past its parent, never nests deeper than
//! `MAX_MESSAGE_DEPTH`, never allocates more than what it has seen (and `MAX_SKELETON_BYTES`)
//! allows, and never looks into a payload that it leaves behind.

use crate::error::{Code, Error, Result};
use crate::limits;

use super::fields::{Field, Message, Number, field};
use super::skeleton::Payload;
use super::source::Window;

/// Our own field of TensorProto and AttributeProto: indices into the payload table.
const PAYLOAD_FIELD: u32 = 20000;
/// A nested message's length is patched in after its content: five bytes hold any length.
const LENGTH_BYTES: usize = 5;

const VARINT: u8 = 0;
const FIXED64: u8 = 1;
const LEN: u8 = 2;
const FIXED32: u8 = 5;

/// The state of one walk.
pub(super) struct Walk<'a, 'p> {
    pub(super) window: Window<'a, 'p>,
    /// The skeleton as protobuf.
    pub(super) out: Vec<u8>,
    pub(super) payloads: Vec<Payload>,
    pub(super) lossy_strings: u64,
    /// Fields of the model that were walked to their end.
    pub(super) model_fields: u64,
    /// Bytes that the skeleton will take once decoded.
    decoded: u64,
    /// Messages that are open around this one.
    depth: u32,
}

/// What a tensor (or attribute) holds back until its size is known.
#[derive(Default)]
struct Held {
    /// Small payloads as fields, in the order of the file.
    fields: Vec<u8>,
    /// Bytes of payload so far, kept or not.
    bytes: u64,
    /// Every repeated payload's range.
    ranges: Vec<Payload>,
    /// The last `Blob(false)`: protobuf's last one wins.
    blob: Option<Payload>,
}

impl<'a, 'p> Walk<'a, 'p> {
    pub(super) fn new(window: Window<'a, 'p>) -> Self {
        Self {
            window,
            out: Vec::new(),
            payloads: Vec::new(),
            lossy_strings: 0,
            model_fields: 0,
            decoded: 0,
            depth: 0,
        }
    }

    /// Walks the whole file as one ModelProto.
    pub(super) fn model(&mut self) -> Result<()> {
        let end = self.window.len();
        self.message(Message::Model, end)
    }

    fn message(&mut self, message: Message, end: u64) -> Result<()> {
        if self.depth > limits::MAX_MESSAGE_DEPTH {
            return Err(Error::new(
                Code::LimitExceeded,
                format!("messages are nested more than {} deep", limits::MAX_MESSAGE_DEPTH),
            )
            .at(self.window.pos)
            .hint("Flatten the subgraphs (inline the functions or the If branches) and export again."));
        }
        self.charge(message.decoded_bytes())?;
        let inline = match message {
            Message::Tensor => limits::INLINE_PAYLOAD_BYTES,
            _ => limits::INLINE_LIST_BYTES,
        };
        let mut held = Held::default();
        while self.window.pos < end {
            let start = self.window.pos;
            let (number, wire) = self.tag(end)?;
            match field(message, number) {
                None => self.skip(wire, end)?,
                Some(kind) => {
                    if !fits(kind, wire) {
                        return Err(self.malformed(
                            start,
                            format!("field {number} of {message:?} is written as wire type {wire}"),
                        ));
                    }
                    match kind {
                        Field::Drop => self.skip(wire, end)?,
                        Field::Msg(child) => self.child(number, child, end)?,
                        Field::Str => self.string(number, end)?,
                        Field::One(_) | Field::Many(_) if wire != LEN => {
                            self.scalar(number, wire, end, None)?
                        }
                        Field::One(n) | Field::Many(n) => self.packed(number, n, end)?,
                        Field::Numbers(_) | Field::Blob(_) => {
                            self.hold(&mut held, start, number, kind, wire, end, inline)?;
                        }
                    }
                    if message == Message::Model {
                        self.model_fields += 1;
                    }
                }
            }
        }
        self.release(held, inline)
    }

    /// A nested message: its content, then its length patched in front.
    fn child(&mut self, number: u32, message: Message, end: u64) -> Result<()> {
        let child_end = self.length(end)?;
        put_tag(&mut self.out, number, LEN);
        let at = self.out.len();
        self.out.extend_from_slice(&[0; LENGTH_BYTES]);
        self.depth += 1;
        self.message(message, child_end)?;
        self.depth -= 1;
        let mut length = self.out.len() - at - LENGTH_BYTES;
        for (i, slot) in self.out.iter_mut().skip(at).take(LENGTH_BYTES).enumerate() {
            *slot = (length & 0x7f) as u8 | if i + 1 < LENGTH_BYTES { 0x80 } else { 0 };
            length >>= 7;
        }
        Ok(())
    }

    fn string(&mut self, number: u32, end: u64) -> Result<()> {
        let mut bytes = self.take(end)?;
        if std::str::from_utf8(&bytes).is_err() {
            self.lossy_strings += 1;
            let mut repaired = String::new();
            for chunk in bytes.utf8_chunks() {
                repaired.push_str(chunk.valid());
                for byte in chunk.invalid() {
                    repaired.push_str(&format!("\u{fffd}{byte:02x}"));
                }
            }
            self.charge(repaired.len() as u64)?;
            bytes = repaired.into_bytes();
        }
        put_bytes(&mut self.out, number, &bytes);
        Ok(())
    }

    /// One number; into `to`, or into the skeleton.
    fn scalar(&mut self, number: u32, wire: u8, end: u64, to: Option<&mut Vec<u8>>) -> Result<()> {
        self.charge(8)?;
        let mut bytes = Vec::with_capacity(10);
        match wire {
            VARINT => put_varint(&mut bytes, self.varint(end)?),
            FIXED32 => self.fixed(4, end, &mut bytes)?,
            _ => self.fixed(8, end, &mut bytes)?,
        }
        let out = to.unwrap_or(&mut self.out);
        put_tag(out, number, wire);
        out.extend_from_slice(&bytes);
        Ok(())
    }

    /// Packed numbers that are kept.
    fn packed(&mut self, number: u32, kind: Number, end: u64) -> Result<()> {
        let start = self.window.pos;
        let bytes = self.take(end)?;
        self.check_packed(&bytes, kind, start)?;
        put_bytes(&mut self.out, number, &bytes);
        Ok(())
    }

    /// Whole numbers only, and room for them once decoded.
    fn check_packed(&mut self, bytes: &[u8], kind: Number, start: u64) -> Result<()> {
        let (whole, count) = match kind {
            Number::Fixed32 => (bytes.len() % 4 == 0, bytes.len() / 4),
            Number::Fixed64 => (bytes.len() % 8 == 0, bytes.len() / 8),
            Number::Varint => varints(bytes).map_or((false, 0), |n| (true, n)),
        };
        if !whole {
            return Err(self.malformed(start, "packed numbers end inside a number".into()));
        }
        self.charge(count as u64 * 8)
    }

    /// A payload: kept aside while small, otherwise only its place is kept.
    #[allow(clippy::too_many_arguments)]
    fn hold(
        &mut self,
        held: &mut Held,
        start: u64,
        number: u32,
        kind: Field,
        wire: u8,
        end: u64,
        inline: u64,
    ) -> Result<()> {
        let tagged = wire != LEN || kind == Field::Blob(true);
        let mut range = Payload { file: 0, field: number, offset: start, length: 0, tagged };
        if wire == LEN {
            let data_end = self.length(end)?;
            let data = self.window.pos;
            if !tagged {
                range.offset = data;
            }
            let length = data_end - data;
            held.bytes = held.bytes.saturating_add(length);
            if held.bytes <= inline {
                let bytes = self.bytes(length)?;
                if let Field::Numbers(n) = kind {
                    self.check_packed(&bytes, n, data)?;
                }
                put_bytes(&mut held.fields, number, &bytes);
            }
            self.window.pos = data_end;
        } else if held.bytes > inline {
            self.skip(wire, end)?;
        } else {
            self.scalar(number, wire, end, Some(&mut held.fields))?;
            held.bytes = held.bytes.saturating_add(self.window.pos - start);
        }
        range.length = self.window.pos - range.offset;
        if kind == Field::Blob(false) {
            held.blob = Some(range);
            return Ok(());
        }
        match held.ranges.last_mut() {
            Some(last)
                if tagged && last.tagged && last.field == number && last.offset + last.length == start =>
            {
                last.length += range.length;
            }
            _ => {
                self.charge(size_of::<Payload>() as u64)?;
                held.ranges.push(range);
            }
        }
        Ok(())
    }

    /// Writes what a message held: all of it, or the indices of its ranges.
    fn release(&mut self, held: Held, inline: u64) -> Result<()> {
        if held.bytes <= inline {
            self.out.extend_from_slice(&held.fields);
            return Ok(());
        }
        for range in held.ranges.into_iter().chain(held.blob) {
            self.charge(size_of::<Payload>() as u64 + 4)?;
            let index = u64::try_from(self.payloads.len()).unwrap_or(u64::MAX);
            put_tag(&mut self.out, PAYLOAD_FIELD, VARINT);
            put_varint(&mut self.out, index);
            self.payloads.push(range);
        }
        Ok(())
    }

    fn tag(&mut self, end: u64) -> Result<(u32, u8)> {
        let start = self.window.pos;
        let key = self.varint(end)?;
        let wire = (key & 7) as u8;
        match u32::try_from(key >> 3) {
            Ok(number) if (1..1 << 29).contains(&number) => Ok((number, wire)),
            _ => Err(self.malformed(start, format!("{} is no field number", key >> 3))),
        }
    }

    fn skip(&mut self, wire: u8, end: u64) -> Result<()> {
        match wire {
            VARINT => drop(self.varint(end)?),
            FIXED64 => self.advance(8, end)?,
            LEN => self.window.pos = self.length(end)?,
            FIXED32 => self.advance(4, end)?,
            3 | 4 => {
                return Err(
                    self.malformed(self.window.pos, "a protobuf group, which ONNX does not have".into())
                );
            }
            _ => return Err(self.malformed(self.window.pos, format!("{wire} is no wire type"))),
        }
        Ok(())
    }

    /// Reads a length; returns where it ends, which is inside `end`.
    fn length(&mut self, end: u64) -> Result<u64> {
        let start = self.window.pos;
        let length = self.varint(end)?;
        match self.window.pos.checked_add(length) {
            Some(stop) if stop <= end => Ok(stop),
            _ if self.depth == 0 && length < 1 << 40 => Err(self.truncated(length)),
            _ => Err(self.malformed(start, format!("a length of {length} bytes runs past its message"))),
        }
    }

    fn advance(&mut self, bytes: u64, end: u64) -> Result<()> {
        if end - self.window.pos < bytes {
            return Err(self.cut());
        }
        self.window.pos += bytes;
        Ok(())
    }

    fn fixed(&mut self, bytes: u64, end: u64, out: &mut Vec<u8>) -> Result<()> {
        if end - self.window.pos < bytes || !self.window.copy(bytes, out)? {
            return Err(self.cut());
        }
        Ok(())
    }

    fn varint(&mut self, end: u64) -> Result<u64> {
        let start = self.window.pos;
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
        Err(self.malformed(start, "a number longer than 64 bits".into()))
    }

    /// A length and its bytes.
    fn take(&mut self, end: u64) -> Result<Vec<u8>> {
        let stop = self.length(end)?;
        self.bytes(stop - self.window.pos)
    }

    fn bytes(&mut self, length: u64) -> Result<Vec<u8>> {
        self.charge(length.saturating_add(size_of::<Vec<u8>>() as u64))?;
        let mut bytes = Vec::new();
        if !self.window.copy(length, &mut bytes)? {
            return Err(self.truncated(length));
        }
        Ok(bytes)
    }

    fn charge(&mut self, bytes: u64) -> Result<()> {
        self.decoded = self.decoded.saturating_add(bytes);
        if self.decoded > limits::MAX_SKELETON_BYTES {
            return Err(Error::new(
                Code::LimitExceeded,
                format!("the model's structure needs more than {} MB", limits::MAX_SKELETON_BYTES >> 20),
            )
            .at(self.window.pos)
            .hint("Weights do not count here: are values stored as attributes or names? Store them as initializers."));
        }
        Ok(())
    }

    fn cut(&self) -> Error {
        if self.depth == 0 {
            return self.truncated(1);
        }
        self.malformed(self.window.pos, "a message ends inside a field".into())
    }

    fn truncated(&self, wanted: u64) -> Error {
        let len = self.window.len();
        let missing = self.window.pos.saturating_add(wanted).saturating_sub(len).max(1);
        Error::new(
            Code::Truncated,
            format!("the file ends at byte {len}, at least {missing} bytes too early"),
        )
        .at(len)
        .hint("It was cut short: download or export it again.")
    }

    fn malformed(&self, at: u64, message: String) -> Error {
        Error::new(Code::Malformed, message).at(at).hint(
            "The file is damaged or was not written by an ONNX exporter: download or export it again; \
             onnx.checker.check_model says more.",
        )
    }
}

/// Whether a field of this kind may be written with this wire type.
fn fits(kind: Field, wire: u8) -> bool {
    match kind {
        Field::One(n) => wire == wire_of(n),
        Field::Many(n) | Field::Numbers(n) => wire == wire_of(n) || wire == LEN,
        Field::Str | Field::Msg(_) | Field::Drop | Field::Blob(_) => wire == LEN,
    }
}

fn wire_of(number: Number) -> u8 {
    match number {
        Number::Varint => VARINT,
        Number::Fixed32 => FIXED32,
        Number::Fixed64 => FIXED64,
    }
}

/// How many varints the bytes hold, or `None` where they are not whole varints.
fn varints(bytes: &[u8]) -> Option<usize> {
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

fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn put_tag(out: &mut Vec<u8>, number: u32, wire: u8) {
    put_varint(out, u64::from(number) << 3 | u64::from(wire));
}

fn put_bytes(out: &mut Vec<u8>, number: u32, bytes: &[u8]) {
    put_tag(out, number, LEN);
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}
