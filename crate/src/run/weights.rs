//! The weights of a model, found in the file and in the files beside it, and poured into one buffer: an engine's own,
//! or one here for engines that read tensor by tensor.
//!
//! After [`find`] every tensor of the model is either inline (small) or lies in the buffer, raw
//! and little-endian, at a multiple of 64 bytes; the messages say where, as external data at
//! [`WEIGHTS`]. Each byte is read once and held once. The size is checked before it is allocated.

use std::collections::HashMap;
use std::ops::ControlFlow;

use prost::Message;

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

/// The weights in one buffer, for engines that read tensor by tensor.
#[derive(Clone, Debug, Default)]
pub struct Weights {
    /// All bytes.
    pub bytes: Vec<u8>,
    /// Weights of the main graph, initializers and Constant nodes, by the name of their value.
    #[allow(dead_code)] // for engines that read tensor by tensor
    named: HashMap<String, TensorProto>,
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
    dtype: DType,
    dims: Vec<i64>,
    at: u64,
    length: u64,
}

/// Weights that were found in their files and are not read yet.
pub struct Found<'a> {
    sources: Sources<'a>,
    pieces: Vec<Piece>,
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
    Ok(Found { sources, pieces, bytes: total })
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
        let mut chunk = Vec::new();
        for piece in &self.pieces {
            match &piece.origin {
                Origin::Raw(file, offset) => self.copy(*file, *offset, piece, &mut chunk, put, progress)?,
                Origin::Typed(ranges) => put(piece.at, &self.typed(piece, ranges)?)?,
            }
        }
        let _ = progress(self.bytes, self.bytes);
        Ok(())
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
        Ok(Weights { bytes, named })
    }

    fn copy(
        &self,
        file: usize,
        offset: u64,
        piece: &Piece,
        chunk: &mut Vec<u8>,
        put: &mut Put<'_>,
        progress: &mut Progress<'_>,
    ) -> Result<()> {
        let from = match file.checked_sub(1) {
            None => Some(&self.sources.model),
            Some(index) => self.sources.beside.get(index),
        };
        let from = from.ok_or_else(|| Error::new(Code::MissingData, "a file of weights is not here"))?;
        let mut done = 0;
        while done < piece.length {
            if progress(piece.at + done, self.bytes) == ControlFlow::Break(()) {
                return Err(Error::new(Code::Cancelled, "loading was stopped"));
            }
            let length = (piece.length - done).min(CHUNK);
            chunk.resize(length as usize, 0);
            from.read_at(offset.saturating_add(done), chunk)?;
            put(piece.at + done, chunk)?;
            done += length;
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

#[allow(dead_code)] // for engines that read tensor by tensor
impl Weights {
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
            let start = usize::try_from(data.offset).ok();
            let length = data.length.and_then(|n| usize::try_from(n).ok());
            let bytes = start
                .zip(length)
                .and_then(|(start, length)| self.bytes.get(start..start.checked_add(length)?));
            let bytes = bytes.ok_or_else(|| Error::new(Code::Malformed, "a weight outside the buffer"))?;
            return Tensor::from_le_bytes(dtype, shape, bytes);
        }
        match proto.raw_data() {
            [] => Tensor::from_le_bytes(dtype, shape, &raw_from_typed(proto, dtype)),
            raw => Tensor::from_le_bytes(dtype, shape, raw),
        }
    }
}
