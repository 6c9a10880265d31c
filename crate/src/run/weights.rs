//! The weights of a model, found in the file and in the files beside it, and poured into one buffer, an engine's own, or
//! read tensor by tensor where an engine has no such buffer.
//!
//! After [`find`] every tensor of the model is either inline (small) or lies in the buffer, raw
//! and little-endian, at a multiple of 64 bytes; the messages say where, as external data at
//! [`WEIGHTS`]. A byte is held once, by the engine. The size is checked before it is allocated.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::{ControlFlow, Range};
use std::rc::Rc;

use prost::Message;

use super::small_types::{held, widened};
use super::tensor::Tensor;
use crate::engines::cpu::WEIGHTS;
use crate::error::{Code, Error, Result};
use crate::ir::dtype::DType;
use crate::limits::MAX_WEIGHT_BYTES;
use crate::onnx::{
    self, AttributeProto, ExternalData, GraphProto, ModelProto, NodeProto, Payload, Present, Progress,
    ReadAt, StringStringEntryProto, TensorProto, external, resolve, tensor_proto,
};

/// Tensors start at multiples of this.
const ALIGN: u64 = 64;
/// Bytes of one read: progress is told in between.
const CHUNK: u64 = 4 << 20;

/// The files that a model is read from.
pub struct Sources<'a> {
    /// The model.
    pub model: &'a dyn ReadAt,
    /// What lies beside it, in the order of `present`.
    pub beside: Vec<&'a dyn ReadAt>,
    /// Names and sizes of those.
    pub present: Vec<Present>,
}

/// Takes bytes of the weights and where they go.
pub type Put<'a> = dyn FnMut(u64, &[u8]) -> Result<()> + 'a;

/// The weights for engines that read tensor by tensor: from files that stay open, or from a buffer where they were lent.
#[derive(Clone, Debug, Default)]
pub struct Weights {
    place: Place,
    /// Weights of the main graph, initializers and Constant nodes, by the name of their value.
    named: HashMap<String, TensorProto>,
}

/// Where the bytes are.
#[derive(Clone)]
enum Place {
    Here(Rc<Vec<u8>>),
    Files { model: Rc<dyn ReadAt>, beside: Vec<Rc<dyn ReadAt>>, pieces: Rc<[Piece]>, bytes: u64 },
}

impl Default for Place {
    fn default() -> Self {
        Self::Here(Rc::default())
    }
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Here(bytes) => write!(f, "{} bytes here", bytes.len()),
            Self::Files { bytes, .. } => write!(f, "{bytes} bytes in files"),
        }
    }
}

/// Where a tensor's bytes come from.
enum Origin {
    /// Ready to be copied: file (0 is the model), offset.
    Raw(usize, u64),
    /// Typed fields: to be decoded.
    Typed(Vec<Payload>),
}

struct Piece {
    origin: Origin,
    /// As it is stored; it is held as [`held`] says.
    dtype: DType,
    dims: Vec<i64>,
    at: u64,
    /// Bytes as it is held.
    length: u64,
}

/// Weights that were found in their files and are not read yet.
pub struct Found<'a> {
    sources: Sources<'a>,
    pieces: Rc<[Piece]>,
    /// Bytes of the whole buffer.
    pub bytes: u64,
}

/// Finds all weights and rewrites the messages.
///
/// # Errors
/// `MissingData` for weights that are nowhere, `LimitExceeded` where they do not fit, `NotSupported`
/// for tensors of strings, `Malformed`, `Io`.
pub fn find<'a>(model: &mut ModelProto, payloads: &[Payload], sources: Sources<'a>) -> Result<Found<'a>> {
    let mut plan = Plan { payloads, sources: &sources, pieces: Vec::new(), total: 0 };
    model.training_info.clear();
    if let Some(graph) = &mut model.graph {
        plan.graph(graph)?;
    }
    for function in &mut model.functions {
        plan.nodes(&mut function.node)?;
    }
    let Plan { pieces, total, .. } = plan;
    if total > MAX_WEIGHT_BYTES {
        return Err(too_large(total));
    }
    Ok(Found { sources, pieces: pieces.into(), bytes: total })
}

/// The buffer does not fit.
pub fn too_large(bytes: u64) -> Error {
    let text = format!("the weights need {} MB of memory, more than there is here", bytes.div_ceil(1 << 20));
    Error::new(Code::LimitExceeded, text).hint("run it with the command line, on a machine with more memory")
}

impl Found<'_> {
    /// Hands over every weight, a few megabytes at a time, in rising order.
    ///
    /// # Errors
    /// `Cancelled`, `Io`, `Malformed`; what `put` says.
    pub fn pour(&self, put: &mut Put<'_>, progress: &mut Progress<'_>) -> Result<()> {
        for piece in self.pieces.iter() {
            self.piece(piece, 0..piece.length, put, progress)?;
        }
        let _ = progress(self.bytes, self.bytes);
        Ok(())
    }

    /// Hands over bytes of one piece.
    fn piece(
        &self,
        piece: &Piece,
        range: Range<u64>,
        put: &mut Put<'_>,
        progress: &mut Progress<'_>,
    ) -> Result<()> {
        match &piece.origin {
            Origin::Raw(file, offset) if held(piece.dtype) != piece.dtype => {
                self.widen(*file, *offset, piece, range, put)
            }
            Origin::Raw(file, offset) => self.copy(*file, *offset, piece, range, put, progress),
            Origin::Typed(ranges) => {
                let bytes = self.typed(piece, ranges)?;
                let within = usize::try_from(range.start).ok().zip(usize::try_from(range.end).ok());
                let within = within.and_then(|(start, end)| bytes.get(start..end)).unwrap_or_default();
                put(piece.at + range.start, within)
            }
        }
    }

    /// For reading tensor by tensor: from the files, where they stay open, and nothing is read now; else all of them in
    /// one buffer.
    ///
    /// # Errors
    /// `LimitExceeded`; as [`pour`](Self::pour).
    pub fn keep(&self, model: &ModelProto, progress: &mut Progress<'_>) -> Result<Weights> {
        let Sources { model: file, beside, .. } = &self.sources;
        let kept = file.kept().zip(beside.iter().map(|file| file.kept()).collect::<Option<Vec<_>>>());
        let Some((file, beside)) = kept else { return self.hold(model, progress) };
        let _ = progress(self.bytes, self.bytes);
        let place = Place::Files { model: file, beside, pieces: self.pieces.clone(), bytes: self.bytes };
        Ok(Weights { place, named: model.graph.as_ref().map(named).unwrap_or_default() })
    }

    /// All of them in one buffer.
    ///
    /// # Errors
    /// `LimitExceeded`; as [`pour`](Self::pour).
    pub fn hold(&self, model: &ModelProto, progress: &mut Progress<'_>) -> Result<Weights> {
        let large = || too_large(self.bytes);
        let total = usize::try_from(self.bytes).map_err(|_| large())?;
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(total).map_err(|_| large())?;
        bytes.resize(total, 0);
        let mut put = |at: u64, part: &[u8]| {
            let place =
                usize::try_from(at).ok().and_then(|at| bytes.get_mut(at..at.checked_add(part.len())?));
            place.ok_or_else(large).map(|place| place.copy_from_slice(part))
        };
        self.pour(&mut put, progress)?;
        let named = model.graph.as_ref().map(named).unwrap_or_default();
        Ok(Weights { place: Place::Here(Rc::new(bytes)), named })
    }

    /// A file by its number in an [`Origin`].
    fn file(&self, file: usize) -> Result<&dyn ReadAt> {
        let from = match file.checked_sub(1) {
            None => Some(&self.sources.model),
            Some(index) => self.sources.beside.get(index),
        };
        from.copied().ok_or_else(|| Error::new(Code::MissingData, "a file of weights is not here"))
    }

    fn copy(
        &self,
        file: usize,
        offset: u64,
        piece: &Piece,
        range: Range<u64>,
        put: &mut Put<'_>,
        progress: &mut Progress<'_>,
    ) -> Result<()> {
        let from = self.file(file)?;
        let (mut done, mut chunk) = (range.start, Vec::new());
        while done < range.end {
            if progress(piece.at + done, self.bytes) == ControlFlow::Break(()) {
                return Err(Error::new(Code::Cancelled, "loading was stopped"));
            }
            let length = (range.end - done).min(CHUNK);
            chunk.resize(length as usize, 0);
            from.read_at(offset.saturating_add(done), &mut chunk)?;
            put(piece.at + done, &chunk)?;
            done += length;
        }
        Ok(())
    }

    /// Bytes of a type that is held as another.
    fn widen(
        &self,
        file: usize,
        offset: u64,
        piece: &Piece,
        range: Range<u64>,
        put: &mut Put<'_>,
    ) -> Result<()> {
        let from = self.file(file)?;
        let size = held(piece.dtype).bytes(1).unwrap_or(1).max(1);
        // Whole bytes of what is stored: at most two elements share one.
        let (mut done, end) = (range.start / (2 * size) * 2, range.end.div_ceil(size));
        while done < end {
            let count = (end - done).min(CHUNK / 8);
            let stored = |n: u64| piece.dtype.bytes(n).unwrap_or(0);
            let mut chunk = vec![0; stored(count) as usize];
            from.read_at(offset.saturating_add(stored(done)), &mut chunk)?;
            let wide = widened(piece.dtype, &chunk, count as usize);
            let skip = range.start.saturating_sub(done * size);
            let take = (range.end - done * size).min(wide.len() as u64);
            let part = wide.get(skip as usize..take as usize).unwrap_or_default();
            put(piece.at + done * size + skip, part)?;
            done += count;
        }
        Ok(())
    }

    /// Typed fields as raw bytes.
    fn typed(&self, piece: &Piece, ranges: &[Payload]) -> Result<Vec<u8>> {
        let fields = fields(self.sources.model, ranges)?;
        let mut tensor = TensorProto::decode(fields.as_slice()).map_err(damaged)?;
        tensor.data_type = Some(piece.dtype as i32);
        tensor.dims.clone_from(&piece.dims);
        let bytes = raw_from_typed(&tensor, piece.dtype);
        let size = held(piece.dtype).bytes(1).unwrap_or(1).max(1);
        let bytes = widened(piece.dtype, &bytes, (piece.length / size) as usize);
        if bytes.len() as u64 != piece.length {
            let text = format!("a weight needs {} bytes and has {}", piece.length, bytes.len());
            return Err(Error::new(Code::Malformed, text).hint("download or export the model again"));
        }
        Ok(bytes)
    }
}

/// Weights of the main graph by the name of their value.
fn named(graph: &GraphProto) -> HashMap<String, TensorProto> {
    let stored = graph.initializer.iter().map(|t| (t.name().to_owned(), t.clone()));
    let constants = graph.node.iter().filter(|node| node.op_type() == "Constant").filter_map(|node| {
        let tensor = node.attribute.iter().find_map(constant)?;
        Some((node.output.first()?.clone(), tensor))
    });
    stored.chain(constants).collect()
}

/// What an attribute of a Constant node stands for; None for strings and sparse tensors.
fn constant(attribute: &AttributeProto) -> Option<TensorProto> {
    let of = |dtype: DType, dims: Vec<i64>| TensorProto {
        data_type: Some(dtype as i32),
        dims,
        ..TensorProto::default()
    };
    let list = |n: usize| vec![n as i64];
    Some(match attribute.name() {
        "value" => *attribute.t.clone()?,
        "value_float" => TensorProto { float_data: vec![attribute.f?], ..of(DType::F32, Vec::new()) },
        "value_int" => TensorProto { int64_data: vec![attribute.i?], ..of(DType::I64, Vec::new()) },
        "value_floats" => TensorProto {
            float_data: attribute.floats.clone(),
            ..of(DType::F32, list(attribute.floats.len()))
        },
        "value_ints" => {
            TensorProto { int64_data: attribute.ints.clone(), ..of(DType::I64, list(attribute.ints.len())) }
        }
        _ => return None,
    })
}

struct Plan<'a> {
    payloads: &'a [Payload],
    sources: &'a Sources<'a>,
    pieces: Vec<Piece>,
    total: u64,
}

impl Plan<'_> {
    fn graph(&mut self, graph: &mut GraphProto) -> Result<()> {
        for tensor in &mut graph.initializer {
            self.tensor(tensor)?;
        }
        if let Some(sparse) = graph.sparse_initializer.first() {
            let name = sparse.values.as_ref().map(|v| v.name().to_owned()).unwrap_or_default();
            return Err(Error::new(Code::NotSupported, "sparse weights are not run")
                .value(name)
                .hint("store the tensor densely and save the model again"));
        }
        self.nodes(&mut graph.node)
    }

    fn nodes(&mut self, nodes: &mut [NodeProto]) -> Result<()> {
        for node in nodes {
            for attribute in &mut node.attribute {
                self.attribute(attribute)?;
            }
        }
        Ok(())
    }

    fn attribute(&mut self, attribute: &mut AttributeProto) -> Result<()> {
        if !attribute.payload.is_empty() {
            // A long list: it belongs into the message.
            let bytes = self.fields(&std::mem::take(&mut attribute.payload))?;
            attribute.merge(bytes.as_slice()).map_err(|e| damaged(e).value(attribute.name()))?;
        }
        for tensor in attribute.t.iter_mut().map(|t| &mut **t).chain(&mut attribute.tensors) {
            self.tensor(tensor)?;
        }
        for graph in attribute.g.iter_mut().map(|g| &mut **g).chain(&mut attribute.graphs) {
            self.graph(graph)?;
        }
        Ok(())
    }

    fn tensor(&mut self, tensor: &mut TensorProto) -> Result<()> {
        let outside = external(tensor);
        if outside.is_none() && tensor.payload.is_empty() {
            widen_inline(tensor);
            return Ok(());
        }
        let name = tensor.name().to_owned();
        let dtype = DType::from_onnx(tensor.data_type());
        let elements = tensor.dims.iter().try_fold(1u64, |n, d| n.checked_mul(u64::try_from(*d).ok()?));
        let Some((dtype, length)) = dtype.and_then(|d| Some((d, d.bytes(elements?)?))) else {
            return Err(
                Error::new(Code::NotSupported, "a weight of strings, or of no known type").value(name)
            );
        };
        let origin = match outside {
            Some(data) => self.outside(&data, length).map_err(|e| e.value(name))?,
            None => self.inside(tensor, length).map_err(|e| e.value(name))?,
        };
        let length = held(dtype).bytes(elements.unwrap_or(0)).unwrap_or(length);
        tensor.data_type = Some(held(dtype) as i32);
        let at = self.total;
        self.total = at.saturating_add(length).saturating_add(ALIGN - 1) / ALIGN * ALIGN;
        let dims = tensor.dims.clone();
        self.pieces.push(Piece { origin, dtype, dims, at, length });
        tensor.payload.clear();
        tensor.data_location = Some(tensor_proto::DataLocation::External as i32);
        let entry = |key: &str, value: String| StringStringEntryProto {
            key: Some(key.to_owned()),
            value: Some(value),
        };
        tensor.external_data = vec![
            entry("location", WEIGHTS.to_owned()),
            entry("offset", at.to_string()),
            entry("length", length.to_string()),
        ];
        Ok(())
    }

    fn outside(&self, data: &ExternalData, length: u64) -> Result<Origin> {
        let missing = |text: String| {
            Error::new(Code::MissingData, text)
                .hint(format!("give the file {} together with the model", data.location))
        };
        let needs = ExternalData { length: Some(length), ..data.clone() };
        match resolve(&needs, &self.sources.present) {
            onnx::Found::Here(index) => Ok(Origin::Raw(index + 1, data.offset)),
            onnx::Found::TooShort { needs, .. } => {
                Err(missing(format!("{} is too short: the weights end at byte {needs}", data.location)))
            }
            onnx::Found::Missing { reason } => Err(missing(format!("weights are missing: {reason}"))),
        }
    }

    fn inside(&self, tensor: &TensorProto, length: u64) -> Result<Origin> {
        let ranges = tensor.payload.iter().map(|index| self.payloads.get(*index as usize).copied());
        let ranges: Option<Vec<Payload>> = ranges.collect();
        let ranges = ranges.ok_or_else(|| Error::new(Code::Malformed, "a weight without its bytes"))?;
        match ranges.as_slice() {
            [one] if one.field == RAW_DATA && !one.tagged => {
                if one.length != length {
                    let text = format!("a weight needs {length} bytes and has {}", one.length);
                    return Err(Error::new(Code::Malformed, text).hint("download or export the model again"));
                }
                Ok(Origin::Raw(0, one.offset))
            }
            _ => Ok(Origin::Typed(ranges)),
        }
    }

    /// The payloads as protobuf fields.
    fn fields(&self, indices: &[u32]) -> Result<Vec<u8>> {
        let ranges: Vec<Payload> =
            indices.iter().filter_map(|index| self.payloads.get(*index as usize).copied()).collect();
        fields(self.sources.model, &ranges)
    }
}

/// A small tensor of a type that is held as another.
fn widen_inline(tensor: &mut TensorProto) {
    let Some(dtype) = DType::from_onnx(tensor.data_type()).filter(|dtype| held(*dtype) != *dtype) else {
        return;
    };
    let elements = tensor.dims.iter().try_fold(1usize, |n, d| n.checked_mul(usize::try_from(*d).ok()?));
    let raw = match tensor.raw_data() {
        [] => raw_from_typed(tensor, dtype),
        raw => raw.to_vec(),
    };
    tensor.raw_data = Some(widened(dtype, &raw, elements.unwrap_or(0)));
    tensor.data_type = Some(held(dtype) as i32);
    tensor.int32_data.clear();
}

/// Field of TensorProto that holds raw bytes.
const RAW_DATA: u32 = 9;

fn damaged(e: prost::DecodeError) -> Error {
    Error::new(Code::Malformed, format!("a weight does not decode: {e}"))
        .hint("download or export the model again")
}

/// Ranges of a file as protobuf fields: those without their tag get it back.
fn fields(model: &dyn ReadAt, ranges: &[Payload]) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    for range in ranges {
        if range.length > MAX_WEIGHT_BYTES {
            return Err(Error::new(Code::LimitExceeded, "a weight is too large"));
        }
        if !range.tagged {
            prost::encoding::encode_key(range.field, prost::encoding::WireType::LengthDelimited, &mut out);
            prost::encoding::encode_varint(range.length, &mut out);
        }
        let start = out.len();
        let length = usize::try_from(range.length).unwrap_or(usize::MAX);
        let large = || Error::new(Code::LimitExceeded, "a weight is too large");
        out.try_reserve_exact(length).map_err(|_| large())?;
        out.resize(start + length, 0);
        model.read_at(range.offset, out.get_mut(start..).unwrap_or_default())?;
    }
    Ok(out)
}

/// Elements of typed fields as raw little-endian bytes.
fn raw_from_typed(tensor: &TensorProto, dtype: DType) -> Vec<u8> {
    fn all<const N: usize>(values: impl Iterator<Item = [u8; N]>) -> Vec<u8> {
        values.flatten().collect()
    }
    match dtype {
        DType::F32 | DType::C64 => all(tensor.float_data.iter().map(|v| v.to_le_bytes())),
        DType::F64 | DType::C128 => all(tensor.double_data.iter().map(|v| v.to_le_bytes())),
        DType::I64 => all(tensor.int64_data.iter().map(|v| v.to_le_bytes())),
        DType::U64 => all(tensor.uint64_data.iter().map(|v| v.to_le_bytes())),
        DType::U32 => all(tensor.uint64_data.iter().map(|v| (*v as u32).to_le_bytes())),
        DType::I32 => all(tensor.int32_data.iter().map(|v| v.to_le_bytes())),
        DType::F16 | DType::BF16 | DType::I16 | DType::U16 => {
            all(tensor.int32_data.iter().map(|v| (*v as u16).to_le_bytes()))
        }
        _ => all(tensor.int32_data.iter().map(|v| [*v as u8])),
    }
}

impl Weights {
    /// Hands over every weight, in rising order.
    ///
    /// # Errors
    /// As [`Found::pour`].
    pub fn pour(&self, put: &mut Put<'_>) -> Result<()> {
        match self.place.found() {
            Ok(found) => found.pour(put, &mut |_, _| ControlFlow::Continue(())),
            Err(bytes) => put(0, bytes),
        }
    }

    /// Elements of a float32 weight of the main graph as 32-bit words, from a place on: as many as one read gives, none
    /// past the last. None for a value that is computed, or of another type.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub fn words(&self, name: &str, from: usize) -> Result<Option<Vec<u32>>> {
        let Some(proto) = self.named.get(name) else { return Ok(None) };
        let Some((data, DType::F32)) = external(proto).zip(DType::from_onnx(proto.data_type())) else {
            return Ok(None);
        };
        let length = data.length.unwrap_or(0);
        let start = (from as u64).saturating_mul(4).min(length);
        let bytes = self.place.read(data.offset, start..length.min(start.saturating_add(CHUNK)));
        let bytes = bytes.map_err(|e| e.value(name))?;
        Ok(Some(bytes.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word)).collect()))
    }

    /// The weight that a value of the main graph holds; None for a value that is computed.
    ///
    /// # Errors
    /// `NotSupported` for an element type without arrays, `Malformed`.
    pub fn of(&self, name: &str) -> Result<Option<Tensor>> {
        let Some(proto) = self.named.get(name) else { return Ok(None) };
        self.tensor(proto).map(Some).map_err(|e| e.value(name))
    }

    /// A tensor of the gathered model.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub fn tensor(&self, proto: &TensorProto) -> Result<Tensor> {
        let dtype = DType::from_onnx(proto.data_type())
            .ok_or_else(|| Error::new(Code::NotSupported, "a weight of no known type"))?;
        let shape: Vec<usize> =
            proto.dims.iter().map(|d| usize::try_from(*d).unwrap_or(usize::MAX)).collect();
        if let Some(data) = external(proto) {
            let bytes = self.place.read(data.offset, 0..data.length.unwrap_or(0))?;
            return Tensor::from_le_bytes(dtype, shape, &bytes);
        }
        match proto.raw_data() {
            [] => Tensor::from_le_bytes(dtype, shape, &raw_from_typed(proto, dtype)),
            raw => Tensor::from_le_bytes(dtype, shape, raw),
        }
    }
}

impl Place {
    /// What is in files as it was found; else the bytes.
    fn found(&self) -> std::result::Result<Found<'_>, &[u8]> {
        match self {
            Self::Here(bytes) => Err(bytes),
            Self::Files { model, beside, pieces, bytes } => {
                let beside = beside.iter().map(|file| &**file).collect();
                let sources = Sources { model: &**model, beside, present: Vec::new() };
                Ok(Found { sources, pieces: pieces.clone(), bytes: *bytes })
            }
        }
    }

    /// Bytes of the tensor that starts at a place.
    fn read(&self, at: u64, range: Range<u64>) -> Result<Cow<'_, [u8]>> {
        let outside = || Error::new(Code::Malformed, "a weight outside the buffer");
        let length = usize::try_from(range.end.saturating_sub(range.start)).map_err(|_| outside())?;
        match self.found() {
            Err(bytes) => {
                let start = at.checked_add(range.start).and_then(|start| usize::try_from(start).ok());
                let bytes = start.and_then(|start| bytes.get(start..start.checked_add(length)?));
                bytes.map(Cow::Borrowed).ok_or_else(outside)
            }
            Ok(found) => {
                let piece = found.pieces.binary_search_by_key(&at, |piece| piece.at);
                let piece = piece.ok().and_then(|place| found.pieces.get(place));
                let piece = piece.filter(|piece| range.end <= piece.length).ok_or_else(outside)?;
                let mut bytes = Vec::new();
                bytes.try_reserve_exact(length).map_err(|_| too_large(range.end))?;
                let mut put = |_, part: &[u8]| {
                    bytes.extend_from_slice(part);
                    Ok(())
                };
                found.piece(piece, range, &mut put, &mut |_, _| ControlFlow::Continue(()))?;
                Ok(Cow::Owned(bytes))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::cell::RefCell;

    use super::*;
    use crate::onnx::OperatorSetIdProto;

    /// A file that stays open, and the largest read of it.
    struct Open {
        bytes: Rc<Vec<u8>>,
        largest: Rc<RefCell<usize>>,
    }

    impl ReadAt for Open {
        fn len(&self) -> u64 {
            self.bytes.len() as u64
        }

        fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<()> {
            let largest = (*self.largest.borrow()).max(buf.len());
            self.largest.replace(largest);
            self.bytes.read_at(offset, buf)
        }

        fn kept(&self) -> Option<Rc<dyn ReadAt>> {
            Some(Rc::new(Self { bytes: self.bytes.clone(), largest: self.largest.clone() }))
        }
    }

    /// A weight of 6 MB, one of typed fields, one of whole numbers.
    fn file() -> Vec<u8> {
        let large: Vec<u8> = (0..1_500_000u32).flat_map(|n| (n as f32).to_le_bytes()).collect();
        let tensor = |name: &str, dtype: DType, dims: Vec<i64>| TensorProto {
            name: Some(name.to_owned()),
            data_type: Some(dtype as i32),
            dims,
            ..TensorProto::default()
        };
        let typed: Vec<f32> = (0..2000).map(|n| n as f32 * 0.5).collect();
        let whole: Vec<u8> = (0..3000i64).flat_map(i64::to_le_bytes).collect();
        let initializer = vec![
            TensorProto { raw_data: Some(large), ..tensor("large", DType::F32, vec![1500, 1000]) },
            TensorProto { float_data: typed, ..tensor("typed", DType::F32, vec![2000]) },
            TensorProto { raw_data: Some(whole), ..tensor("whole", DType::I64, vec![3000]) },
        ];
        let graph = GraphProto { initializer, ..GraphProto::default() };
        let opset_import = vec![OperatorSetIdProto { version: Some(17), ..OperatorSetIdProto::default() }];
        let model =
            ModelProto { ir_version: Some(8), opset_import, graph: Some(graph), ..ModelProto::default() };
        model.encode_to_vec()
    }

    #[test]
    fn weights_of_an_open_file_are_read_when_they_are_asked_for() {
        let (bytes, largest) = (Rc::new(file()), Rc::new(RefCell::new(0)));
        let open = Open { bytes, largest: largest.clone() };
        let mut go = |_: u64, _: u64| ControlFlow::Continue(());
        let opened = onnx::open("m", &open, &mut go).unwrap();
        let (mut proto, payloads) = (opened.model, opened.payloads);
        let sources = Sources { model: &open, beside: Vec::new(), present: Vec::new() };
        let found = find(&mut proto, &payloads, sources).unwrap();
        largest.replace(0);
        let kept = found.keep(&proto, &mut go).unwrap();
        assert_eq!(*largest.borrow(), 0, "nothing is read before it is asked for");
        let held = found.hold(&proto, &mut go).unwrap();
        drop(found);
        for name in ["large", "typed", "whole"] {
            let [kept, held] = [&kept, &held].map(|w| w.of(name).unwrap().unwrap().to_le_bytes());
            assert!(kept == held && !kept.is_empty(), "{name}");
        }
        for weights in [&kept, &held] {
            let mut words = Vec::new();
            loop {
                let more = weights.words("large", words.len()).unwrap().unwrap();
                assert!(more.len() * 4 <= CHUNK as usize);
                if more.is_empty() {
                    break;
                }
                words.extend(more);
            }
            assert!((0..1_500_000u32).map(|n| (n as f32).to_bits()).eq(words));
            assert_eq!(weights.words("whole", 0).unwrap(), None);
            let mut poured = vec![0; 6_100_000];
            let put = &mut |at: u64, part: &[u8]| {
                poured[at as usize..at as usize + part.len()].copy_from_slice(part);
                Ok(())
            };
            weights.pour(put).unwrap();
            assert_eq!(poured[4 * 1_499_999..6_000_000], 1_499_999f32.to_le_bytes());
        }
        assert_eq!(*largest.borrow(), CHUNK as usize);
    }
}
