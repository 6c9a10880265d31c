//! A changed model without reading its weights: ranges of the file to copy, new bytes between them.
//!
//! Nodes are replaced by index, tensors and metadata appended, functions copied under a new name;
//! only the lengths of messages around a change are written anew. Every other byte, fields that
//! ONNX does not have included, is copied as it stands. Assumes that the file is the one that the
//! indices were taken from; an index that is not met is an error.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::schema::{NodeProto, StringStringEntryProto, TensorProto};
use super::source::{Progress, ReadAt, Window};
use super::wire::{LEN, Reader, malformed, put_bytes, put_tag, put_varint};
use crate::error::{Code, Error, Result};

/// What to change in a model.
#[derive(Debug, Default)]
pub(crate) struct ModelEdits {
    /// In the main graph.
    pub(crate) graph: Edits,
    /// In functions, by index.
    pub(crate) functions: BTreeMap<usize, Edits>,
    /// Copies of functions: index, new name, what is different in the copy.
    pub(crate) copies: Vec<(usize, String, Edits)>,
    /// Entries of metadata_props to leave out, by index.
    pub(crate) dropped_metadata: Vec<usize>,
    /// Entries to append.
    pub(crate) metadata: Vec<(String, String)>,
}

/// What to change in a graph or a function.
#[derive(Debug, Default)]
pub(crate) struct Edits {
    /// By index of the node.
    pub(crate) nodes: BTreeMap<usize, NodeEdit>,
    /// Initializers to append; graphs only.
    pub(crate) tensors: Vec<TensorProto>,
    /// Initializers to leave out, by index; graphs only.
    pub(crate) dropped_tensors: BTreeSet<usize>,
}

/// What to change in a node.
#[derive(Debug)]
pub(crate) enum NodeEdit {
    /// These stand in its place.
    Replace(Vec<NewNode>),
    /// It stays, with changes inside.
    Inside {
        /// In its graphs, by index of the attribute.
        bodies: BTreeMap<usize, Edits>,
        /// Another operator: a copied function.
        op: Option<String>,
    },
}

/// A node that stands in another's place.
#[derive(Debug)]
pub(crate) enum NewNode {
    /// A new one.
    Made(Box<NodeProto>),
    /// The original, its first output under this name.
    Original(String),
}

/// A part of the changed file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A range of the original.
    Copy {
        /// First byte.
        offset: u64,
        /// Bytes.
        length: u64,
    },
    /// New bytes.
    Bytes(Vec<u8>),
}

/// A changed file.
#[derive(Clone, Debug, Default)]
pub struct Spliced {
    /// Its parts, in order.
    pub pieces: Vec<Piece>,
    /// Its size.
    pub bytes: u64,
    /// Bytes of the original that were read to make it.
    pub bytes_read: u64,
}

impl Spliced {
    fn copy(&mut self, offset: u64, end: u64) {
        let length = end - offset;
        if length == 0 {
            return;
        }
        self.bytes += length;
        match self.pieces.last_mut() {
            Some(Piece::Copy { offset: o, length: l }) if *o + *l == offset => *l += length,
            _ => self.pieces.push(Piece::Copy { offset, length }),
        }
    }

    fn put(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        match self.pieces.last_mut() {
            Some(Piece::Bytes(last)) => last.extend_from_slice(bytes),
            _ => self.pieces.push(Piece::Bytes(bytes.to_vec())),
        }
    }

    /// A field that holds a spliced message.
    fn nest(&mut self, number: u32, inner: Self) {
        let mut head = Vec::new();
        put_tag(&mut head, number, LEN);
        put_varint(&mut head, inner.bytes);
        self.put(&head);
        for piece in inner.pieces {
            match piece {
                Piece::Copy { offset, length } => self.copy(offset, offset + length),
                Piece::Bytes(bytes) => self.put(&bytes),
            }
        }
    }

    /// A field that holds a text.
    fn text(&mut self, number: u32, text: &str) {
        let mut field = Vec::new();
        put_bytes(&mut field, number, text.as_bytes());
        self.put(&field);
    }

    /// A field that holds a new message.
    fn message(&mut self, number: u32, message: &impl prost::Message) {
        let mut field = Vec::new();
        put_bytes(&mut field, number, &message.encode_to_vec());
        self.put(&field);
    }

    /// The whole file, from its original.
    ///
    /// # Errors
    /// Of reading.
    pub fn write(&self, source: &dyn ReadAt, put: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let mut buffer = vec![0u8; 1 << 20];
        for piece in &self.pieces {
            match piece {
                Piece::Bytes(bytes) => put(bytes)?,
                Piece::Copy { offset, length } => {
                    let (mut at, end) = (*offset, offset + length);
                    while at < end {
                        let size = (end - at).min(buffer.len() as u64);
                        let part = buffer.get_mut(..size as usize).unwrap_or_default();
                        source.read_at(at, part)?;
                        put(part)?;
                        at += size;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Makes the changed model.
///
/// # Errors
/// As reading, `Malformed` where the file is not the one that the edits were made for.
pub(crate) fn splice(
    source: &dyn ReadAt,
    edits: &ModelEdits,
    progress: &mut Progress<'_>,
) -> Result<Spliced> {
    let mut splicer = Splicer { reader: Reader { window: Window::new(source, progress), depth: 0 } };
    let mut out = splicer.model(edits, source.len())?;
    out.bytes_read = splicer.reader.window.bytes_read;
    Ok(out)
}

/// Field numbers.
const MODEL_GRAPH: u32 = 7;
const MODEL_METADATA: u32 = 14;
const MODEL_FUNCTION: u32 = 25;
const GRAPH_NODE: u32 = 1;
const GRAPH_INITIALIZER: u32 = 5;
const FUNCTION_NAME: u32 = 1;
const FUNCTION_NODE: u32 = 7;
const NODE_OUTPUT: u32 = 2;
const NODE_OP: u32 = 4;
const NODE_ATTRIBUTE: u32 = 5;
const ATTRIBUTE_GRAPH: u32 = 6;

/// A field as it stands: tag and content.
#[derive(Clone, Copy)]
struct Found {
    number: u32,
    /// Where the tag starts.
    start: u64,
    /// Where the content starts, where it is a message or bytes.
    content: u64,
    /// Where both end.
    end: u64,
}

struct Splicer<'a, 'p> {
    reader: Reader<'a, 'p>,
}

impl Splicer<'_, '_> {
    /// The next field of a message, gone past.
    fn field(&mut self, end: u64) -> Result<Found> {
        let head = self.reader.head(end)?;
        let mut found = Found { number: head.number, start: head.start, content: head.start, end: 0 };
        if head.wire == LEN {
            found.end = self.reader.length(end)?;
            found.content = self.reader.pos();
            self.reader.window.pos = found.end;
        } else {
            self.reader.skip(head)?;
            found.end = self.reader.pos();
            found.number = 0; // no message is written so
        }
        Ok(found)
    }

    /// Every field of the message that lies at `start..end`, in order.
    fn each(
        &mut self,
        (start, end): (u64, u64),
        visit: &mut dyn FnMut(&mut Self, Found) -> Result<()>,
    ) -> Result<()> {
        let depth = self.reader.depth;
        self.reader.window.seek(start);
        while self.reader.pos() < end {
            let found = self.field(end)?;
            self.reader.depth = depth + 1;
            visit(self, found)?;
            self.reader.depth = depth;
            self.reader.window.seek(found.end);
        }
        Ok(())
    }

    fn model(&mut self, edits: &ModelEdits, end: u64) -> Result<Spliced> {
        let mut out = Spliced::default();
        let (mut functions, mut entries, mut graphs) = (Vec::new(), 0, 0);
        self.each((0, end), &mut |splicer, found| {
            match found.number {
                MODEL_GRAPH if !edits.graph.is_empty() => {
                    graphs += 1;
                    out.nest(MODEL_GRAPH, splicer.container(found, &edits.graph, GRAPH_NODE)?);
                }
                MODEL_FUNCTION => {
                    match edits.functions.get(&functions.len()) {
                        Some(edits) => {
                            out.nest(MODEL_FUNCTION, splicer.container(found, edits, FUNCTION_NODE)?);
                        }
                        None => out.copy(found.start, found.end),
                    }
                    functions.push(found);
                }
                MODEL_METADATA => {
                    if !edits.dropped_metadata.contains(&entries) {
                        out.copy(found.start, found.end);
                    }
                    entries += 1;
                }
                _ => out.copy(found.start, found.end),
            }
            Ok(())
        })?;
        if graphs > 1 {
            return Err(malformed(0, "the graph stands in two parts".into()));
        }
        for (index, name, edits) in &edits.copies {
            let found = functions.get(*index).ok_or_else(changed)?;
            out.nest(MODEL_FUNCTION, self.renamed(*found, name, edits)?);
        }
        for (key, value) in &edits.metadata {
            let entry = StringStringEntryProto { key: Some(key.clone()), value: Some(value.clone()) };
            out.message(MODEL_METADATA, &entry);
        }
        Ok(out)
    }

    /// A graph or function with edits.
    fn container(&mut self, at: Found, edits: &Edits, node_field: u32) -> Result<Spliced> {
        let mut out = Spliced::default();
        let (mut index, mut met, mut tensors) = (0, 0, 0);
        // A function's field of that number is another one.
        let graph = node_field == GRAPH_NODE;
        self.each(at.inside(), &mut |splicer, found| {
            if graph && found.number == GRAPH_INITIALIZER {
                if !edits.dropped_tensors.contains(&tensors) {
                    out.copy(found.start, found.end);
                }
                tensors += 1;
                return Ok(());
            }
            if found.number != node_field {
                out.copy(found.start, found.end);
                return Ok(());
            }
            match edits.nodes.get(&index) {
                Some(edit) => {
                    met += 1;
                    splicer.node(found, edit, node_field, &mut out)?;
                }
                None => out.copy(found.start, found.end),
            }
            index += 1;
            Ok(())
        })?;
        if met != edits.nodes.len() {
            return Err(changed());
        }
        for tensor in &edits.tensors {
            out.message(GRAPH_INITIALIZER, tensor);
        }
        Ok(out)
    }

    /// A function under another name, with edits.
    fn renamed(&mut self, at: Found, name: &str, edits: &Edits) -> Result<Spliced> {
        let mut names = Vec::new();
        self.each(at.inside(), &mut |_, found| {
            names.extend((found.number == FUNCTION_NAME).then_some(found));
            Ok(())
        })?;
        let mut out = Spliced::default();
        out.text(FUNCTION_NAME, name);
        for piece in self.container(at, edits, FUNCTION_NODE)?.pieces {
            match piece {
                Piece::Bytes(bytes) => out.put(&bytes),
                // The last name counts in protobuf: the old one is cut out of what is copied.
                Piece::Copy { offset, length } => {
                    let (mut at, end) = (offset, offset + length);
                    for name in names.iter().filter(|n| n.start >= offset && n.end <= end) {
                        out.copy(at, name.start);
                        at = name.end;
                    }
                    out.copy(at, end);
                }
            }
        }
        Ok(out)
    }

    fn node(&mut self, at: Found, edit: &NodeEdit, node_field: u32, out: &mut Spliced) -> Result<()> {
        match edit {
            NodeEdit::Replace(nodes) => {
                for node in nodes {
                    match node {
                        NewNode::Made(proto) => out.message(node_field, proto),
                        NewNode::Original(output) => out.nest(node_field, self.with_output(at, output)?),
                    }
                }
            }
            NodeEdit::Inside { bodies, op } => {
                let mut inner = Spliced::default();
                let (mut index, mut met) = (0, 0);
                self.each(at.inside(), &mut |splicer, found| {
                    match (found.number, op) {
                        (NODE_OP, Some(op)) => inner.text(NODE_OP, op),
                        (NODE_ATTRIBUTE, _) => {
                            match bodies.get(&index) {
                                Some(edits) => {
                                    met += 1;
                                    inner.nest(NODE_ATTRIBUTE, splicer.attribute(found, edits)?);
                                }
                                None => inner.copy(found.start, found.end),
                            }
                            index += 1;
                        }
                        _ => inner.copy(found.start, found.end),
                    }
                    Ok(())
                })?;
                if met != bodies.len() {
                    return Err(changed());
                }
                out.nest(node_field, inner);
            }
        }
        Ok(())
    }

    /// A graph attribute with edits in its graph.
    fn attribute(&mut self, at: Found, edits: &Edits) -> Result<Spliced> {
        let mut out = Spliced::default();
        self.each(at.inside(), &mut |splicer, found| {
            match found.number {
                ATTRIBUTE_GRAPH => out.nest(ATTRIBUTE_GRAPH, splicer.container(found, edits, GRAPH_NODE)?),
                _ => out.copy(found.start, found.end),
            }
            Ok(())
        })?;
        Ok(out)
    }

    /// A node whose first output has another name.
    fn with_output(&mut self, at: Found, output: &str) -> Result<Spliced> {
        let mut out = Spliced::default();
        let mut done = false;
        self.each(at.inside(), &mut |_, found| {
            if found.number == NODE_OUTPUT && !done {
                done = true;
                out.text(NODE_OUTPUT, output);
            } else {
                out.copy(found.start, found.end);
            }
            Ok(())
        })?;
        if done { Ok(out) } else { Err(changed()) }
    }
}

impl Found {
    /// Where its content lies.
    fn inside(&self) -> (u64, u64) {
        (self.content, self.end)
    }
}

impl Edits {
    fn is_empty(&self) -> bool {
        self.nodes.is_empty() && self.tensors.is_empty() && self.dropped_tensors.is_empty()
    }
}

fn changed() -> Error {
    Error::new(Code::Malformed, "the file is not the one that was opened")
        .hint("Was it changed in between? Open it again.")
}

/// A changed file as one to read.
pub struct SplicedFile<'a> {
    spliced: &'a Spliced,
    source: &'a dyn ReadAt,
    /// Where each piece starts in the changed file.
    starts: Vec<u64>,
}

impl<'a> SplicedFile<'a> {
    /// Of a change and its original.
    pub fn new(spliced: &'a Spliced, source: &'a dyn ReadAt) -> Self {
        let mut at = 0;
        let start = |piece: &Piece| {
            let start = at;
            at += match piece {
                Piece::Copy { length, .. } => *length,
                Piece::Bytes(bytes) => bytes.len() as u64,
            };
            start
        };
        let starts = spliced.pieces.iter().map(start).collect();
        Self { spliced, source, starts }
    }
}

impl ReadAt for SplicedFile<'_> {
    fn len(&self) -> u64 {
        self.spliced.bytes
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<()> {
        let past = || Error::new(Code::Io, "a read past the end of the bytes").at(offset);
        let (mut at, mut rest) = (offset, buf);
        while !rest.is_empty() {
            let index = self.starts.partition_point(|start| *start <= at).checked_sub(1).ok_or_else(past)?;
            let (Some(piece), Some(start)) = (self.spliced.pieces.get(index), self.starts.get(index)) else {
                return Err(past());
            };
            let inside = at - start;
            let length = match piece {
                Piece::Copy { length, .. } => *length,
                Piece::Bytes(bytes) => bytes.len() as u64,
            };
            let take = length.saturating_sub(inside).min(rest.len() as u64);
            if take == 0 {
                return Err(past());
            }
            let (here, more) = rest.split_at_mut(take as usize);
            match piece {
                Piece::Copy { offset, .. } => self.source.read_at(offset + inside, here)?,
                Piece::Bytes(bytes) => {
                    let from = inside as usize;
                    here.copy_from_slice(bytes.get(from..from + take as usize).ok_or_else(past)?);
                }
            }
            (at, rest) = (at + take, more);
        }
        Ok(())
    }

    fn kept(&self) -> Option<Rc<dyn ReadAt>> {
        Some(Rc::new(Kept { spliced: self.spliced.clone(), source: self.source.kept()? }))
    }
}

/// The same, beyond the loan.
struct Kept {
    spliced: Spliced,
    source: Rc<dyn ReadAt>,
}

impl ReadAt for Kept {
    fn len(&self) -> u64 {
        self.spliced.bytes
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<()> {
        SplicedFile::new(&self.spliced, &*self.source).read_at(offset, buf)
    }
}
