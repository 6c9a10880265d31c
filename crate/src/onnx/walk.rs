//! The walk over a model's messages: copies them into a skeleton, leaving large payloads in the
//! file.
//!
//! Assumes nothing of the bytes. Never nests deeper than `MAX_MESSAGE_DEPTH`, never allocates
//! more than what it has seen (and `MAX_SKELETON_BYTES`) allows, and never looks into a payload
//! that it leaves behind.

use crate::error::{Code, Error, Result};
use crate::limits;

use super::fields::{Field, Message, Number, field};
use super::payload::Payload;
use super::source::Window;
use super::wire::{
    FIXED32, FIXED64, Head, LEN, Reader, VARINT, malformed, put_bytes, put_tag, put_varint, varints,
};

/// Our own field of TensorProto and AttributeProto: indices into the payload table.
const PAYLOAD_FIELD: u32 = 20000;
/// A nested message's length is patched in after its content: five bytes hold any length.
const LENGTH_BYTES: usize = 5;

/// The state of one walk.
pub(super) struct Walk<'a, 'p> {
    pub(super) reader: Reader<'a, 'p>,
    /// The skeleton as protobuf.
    pub(super) out: Vec<u8>,
    pub(super) payloads: Vec<Payload>,
    pub(super) lossy_strings: u64,
    /// Fields of the model itself that were walked to their end.
    pub(super) model_fields: u64,
    /// Bytes that the skeleton will take once decoded.
    decoded: u64,
}

/// What a tensor (or an attribute) holds back until its size is known.
struct Held {
    /// Up to this many bytes of payload are kept.
    limit: u64,
    /// Bytes of payload so far, kept or not.
    bytes: u64,
    /// Payloads as fields, in the order of the file; complete while `bytes <= limit`.
    fields: Vec<u8>,
    /// Where every repeated payload lies.
    ranges: Vec<Payload>,
    /// The last value of a single payload: in protobuf the last one counts.
    blob: Option<Payload>,
}

impl<'a, 'p> Walk<'a, 'p> {
    pub(super) fn new(window: Window<'a, 'p>) -> Self {
        Self {
            reader: Reader { window, depth: 0 },
            out: Vec::new(),
            payloads: Vec::new(),
            lossy_strings: 0,
            model_fields: 0,
            decoded: 0,
        }
    }

    /// Walks the whole file as one ModelProto.
    pub(super) fn model(&mut self) -> Result<()> {
        let end = self.reader.window.len();
        self.message(Message::Model, end)
    }

    fn message(&mut self, message: Message, end: u64) -> Result<()> {
        if self.reader.depth > limits::MAX_MESSAGE_DEPTH {
            let message = format!("messages are nested more than {} deep", limits::MAX_MESSAGE_DEPTH);
            return Err(Error::new(Code::LimitExceeded, message)
                .at(self.reader.pos())
                .hint("Flatten the subgraphs (If and Loop bodies inside each other) and export again."));
        }
        self.charge(message.decoded_bytes())?;
        let mut held = Held::new(message);
        while self.reader.pos() < end {
            let head = self.reader.head(end)?;
            let Some(kind) = field(message, head.number) else {
                self.reader.skip(head)?;
                continue;
            };
            if !fits(kind, head.wire) {
                let text =
                    format!("field {} of {message:?} is written as wire type {}", head.number, head.wire);
                return Err(malformed(head.start, text));
            }
            match kind {
                Field::Drop => self.reader.skip(head)?,
                Field::Msg(child) => self.child(head, child)?,
                Field::Str => self.string(head)?,
                Field::One(n) | Field::Many(n) => self.numbers(head, n)?,
                Field::Numbers(_) | Field::Blob(_) => self.hold(&mut held, head, kind)?,
            }
            self.model_fields += u64::from(message == Message::Model);
        }
        self.release(held)
    }

    /// A nested message: its content, then its length patched in front.
    fn child(&mut self, head: Head, message: Message) -> Result<()> {
        let end = self.reader.length(head.end)?;
        put_tag(&mut self.out, head.number, LEN);
        let at = self.out.len();
        self.out.extend_from_slice(&[0; LENGTH_BYTES]);
        self.reader.depth += 1;
        self.message(message, end)?;
        self.reader.depth -= 1;
        let mut length = self.out.len() - at - LENGTH_BYTES;
        for (i, slot) in self.out.iter_mut().skip(at).take(LENGTH_BYTES).enumerate() {
            *slot = (length & 0x7f) as u8 | if i + 1 < LENGTH_BYTES { 0x80 } else { 0 };
            length >>= 7;
        }
        Ok(())
    }

    fn string(&mut self, head: Head) -> Result<()> {
        let bytes = self.content(head)?;
        if std::str::from_utf8(&bytes).is_ok() {
            put_bytes(&mut self.out, head.number, &bytes);
            return Ok(());
        }
        self.lossy_strings += 1;
        // A bad byte becomes five; paid for before it is written.
        self.charge(bytes.len() as u64 * 5)?;
        let mut repaired = String::new();
        for chunk in bytes.utf8_chunks() {
            repaired.push_str(chunk.valid());
            for byte in chunk.invalid() {
                repaired.push_str(&format!("\u{fffd}{byte:02x}"));
            }
        }
        put_bytes(&mut self.out, head.number, repaired.as_bytes());
        Ok(())
    }

    /// One number, or several packed ones.
    fn numbers(&mut self, head: Head, kind: Number) -> Result<()> {
        if head.wire != LEN {
            self.charge(8)?;
            return self.reader.copy_number(head, &mut self.out);
        }
        let bytes = self.content(head)?;
        self.check_packed(&bytes, kind, head)?;
        put_bytes(&mut self.out, head.number, &bytes);
        Ok(())
    }

    /// Whole numbers only, and room for them once decoded.
    fn check_packed(&mut self, bytes: &[u8], kind: Number, head: Head) -> Result<()> {
        let count = match kind {
            Number::Fixed32 => bytes.len().is_multiple_of(4).then_some(bytes.len() / 4),
            Number::Fixed64 => bytes.len().is_multiple_of(8).then_some(bytes.len() / 8),
            Number::Varint => varints(bytes),
        };
        match count {
            Some(count) => self.charge(count as u64 * 8),
            None => Err(malformed(head.start, "packed numbers end inside a number".into())),
        }
    }

    /// A payload: kept aside while small; its place is kept in any case.
    fn hold(&mut self, held: &mut Held, head: Head, kind: Field) -> Result<()> {
        let tagged = head.wire != LEN || kind == Field::Blob(true);
        let mut offset = head.start;
        if head.wire != LEN {
            if held.bytes > held.limit {
                self.reader.skip(head)?;
            } else {
                self.charge(8)?;
                self.reader.copy_number(head, &mut held.fields)?;
            }
            held.bytes = held.bytes.saturating_add(self.reader.pos() - head.start);
        } else {
            let stop = self.reader.length(head.end)?;
            let length = stop - self.reader.pos();
            if !tagged {
                offset = self.reader.pos();
            }
            held.bytes = held.bytes.saturating_add(length);
            if held.bytes <= held.limit {
                self.charge(length + size_of::<Vec<u8>>() as u64)?;
                let bytes = self.reader.bytes(stop)?;
                if let Field::Numbers(n) = kind {
                    self.check_packed(&bytes, n, head)?;
                }
                put_bytes(&mut held.fields, head.number, &bytes);
            }
            self.reader.window.pos = stop;
        }
        let length = self.reader.pos() - offset;
        let range = Payload { file: 0, field: head.number, offset, length, tagged };
        if kind == Field::Blob(false) {
            held.blob = Some(range);
        } else if !held.extend(range) && length > 0 {
            self.charge(size_of::<Payload>() as u64)?;
            held.ranges.push(range);
        }
        Ok(())
    }

    /// Writes what a message held: all of it, or the indices of its ranges.
    fn release(&mut self, held: Held) -> Result<()> {
        if held.bytes <= held.limit {
            self.out.extend_from_slice(&held.fields);
            return Ok(());
        }
        for range in held.ranges.into_iter().chain(held.blob) {
            self.charge(size_of::<Payload>() as u64 + 4)?;
            put_tag(&mut self.out, PAYLOAD_FIELD, VARINT);
            put_varint(&mut self.out, self.payloads.len() as u64);
            self.payloads.push(range);
        }
        Ok(())
    }

    /// A length and its bytes.
    fn content(&mut self, head: Head) -> Result<Vec<u8>> {
        let stop = self.reader.length(head.end)?;
        self.charge((stop - self.reader.pos()).saturating_add(size_of::<Vec<u8>>() as u64))?;
        self.reader.bytes(stop)
    }

    /// Counts what the skeleton will take in memory, before it is taken.
    fn charge(&mut self, bytes: u64) -> Result<()> {
        self.decoded = self.decoded.saturating_add(bytes);
        if self.decoded <= limits::MAX_SKELETON_BYTES {
            return Ok(());
        }
        let megabytes = limits::MAX_SKELETON_BYTES >> 20;
        Err(Error::new(Code::LimitExceeded, format!("the model's structure needs more than {megabytes} MB"))
            .at(self.reader.pos())
            .hint("Weights do not count here. Are values stored as names or attributes? Make them initializers."))
    }
}

impl Held {
    fn new(message: Message) -> Self {
        let limit = match message {
            Message::Tensor => limits::INLINE_PAYLOAD_BYTES,
            _ => limits::INLINE_LIST_BYTES,
        };
        Self { limit, bytes: 0, fields: Vec::new(), ranges: Vec::new(), blob: None }
    }

    /// Lets the last range grow by one that continues it; true where it did.
    fn extend(&mut self, range: Payload) -> bool {
        match self.ranges.last_mut() {
            Some(last) if last.tagged && range.tagged && last.field == range.field => {
                let continues = last.offset + last.length == range.offset;
                last.length += if continues { range.length } else { 0 };
                continues
            }
            _ => false,
        }
    }
}

/// Whether a field of this kind may be written with this wire type.
fn fits(kind: Field, wire: u8) -> bool {
    let of = |number| match number {
        Number::Varint => VARINT,
        Number::Fixed32 => FIXED32,
        Number::Fixed64 => FIXED64,
    };
    match kind {
        Field::One(n) => wire == of(n),
        Field::Many(n) | Field::Numbers(n) => wire == of(n) || wire == LEN,
        Field::Str | Field::Msg(_) | Field::Drop | Field::Blob(_) => wire == LEN,
    }
}
