//! Messages and graph become the engine's network. Parameters keep the names of their initializers, activations take
//! the name of their value: by these a trained network goes back into the file.

use std::collections::HashMap;

use reluctant_train::layers::Window;
use reluctant_train::net::{Net, Unfit};

#[cfg(feature = "cli")]
use super::masked::{self, Poly};
use crate::error::{Code, Error, Result};
#[cfg(feature = "cli")]
use crate::ir::graph::NodeId;
use crate::ir::graph::{Graph, Node, ScopeId, ValueId};
use crate::onnx::{ModelProto, TensorProto};

/// Lowers a graph whose shapes are known.
///
/// # Errors
/// `NotSupported` for an operator, or a form of one, that the engine has no layer for.
pub fn lower(proto: &ModelProto, graph: &Graph) -> Result<Net<f32>> {
    let weights: HashMap<&str, &TensorProto> =
        proto.graph.iter().flat_map(|g| &g.initializer).map(|tensor| (tensor.name(), tensor)).collect();
    let (&[input], &[output]) = (graph.inputs.as_slice(), graph.outputs.as_slice()) else {
        return Err(no("a network with one input and one output is trained"));
    };
    let shape = match graph.sizes(input).as_deref() {
        Some([_, c, h, w]) => [*c, *h, *w].map(|size| size as usize),
        Some([_, c]) => [*c as usize, 1, 1],
        _ => return Err(no("its input is neither images nor vectors of known size")),
    };
    if shape.iter().product::<usize>() == 0 || shape.iter().any(|size| *size > 1 << 20) {
        return Err(no("its input is empty or too large"));
    }
    let mut lowering = Lowering {
        graph,
        weights,
        net: Net::new(shape),
        values: HashMap::from([(input, 0)]),
        #[cfg(feature = "cli")]
        plan: Plan { readers: graph.consumers(), polys: HashMap::new(), relus: HashMap::new() },
    };
    for node in graph.nodes.iter().filter(|node| node.scope == ScopeId::default()) {
        let refused = |error: Error| error.node(graph.label(node), node.op.clone());
        let value = lowering.node(node).map_err(refused)?;
        if let (Some(value), Some(made)) = (value, node.output(0)) {
            lowering.values.insert(made, value);
        }
    }
    // A polynomial may be what it answers with.
    #[cfg(feature = "cli")]
    lowering.made(output)?;
    let mut net = lowering.net;
    match lowering.values.get(&output) {
        Some(last) if *last + 1 == net.shapes.len() && *last > 0 && net.shape(*last)[1..] == [1, 1] => {}
        _ => return Err(no("its last layer is not what it answers with, or answers with a map")),
    }
    fill(&mut net, &lowering.weights)?;
    Ok(net)
}

fn no(text: impl Into<String>) -> Error {
    Error::new(Code::NotSupported, text)
        .hint("convolutions, BatchNorm, ReLU, pools, sums and dense layers are trained")
}

fn input(node: &Node, place: usize) -> Result<ValueId> {
    node.input(place).ok_or_else(|| no("an input is left out"))
}

fn unfit(error: Unfit) -> Error {
    no(error.0)
}

struct Lowering<'a> {
    graph: &'a Graph,
    weights: HashMap<&'a str, &'a TensorProto>,
    net: Net<f32>,
    values: HashMap<ValueId, usize>,
    #[cfg(feature = "cli")]
    plan: Plan,
}

impl<'a> Lowering<'a> {
    fn value(&mut self, node: &Node, place: usize) -> Result<usize> {
        let id = input(node, place)?;
        #[cfg(feature = "cli")]
        self.made(id)?;
        self.values.get(&id).copied().ok_or_else(|| no("it reads what no layer before it makes"))
    }

    /// Name and dims of a weight.
    fn weight(&self, node: &Node, place: usize) -> Result<Option<(&'a str, Vec<usize>)>> {
        let Some(id) = node.input(place) else { return Ok(None) };
        let name = self.graph.value(id).name.as_str();
        let tensor = self.weights.get(name).ok_or_else(|| no(format!("{name} is not stored as a weight")))?;
        let dims = tensor.dims.iter().map(|d| usize::try_from(*d).unwrap_or(0)).collect();
        Ok(Some((name, dims)))
    }

    fn needed(&self, node: &Node, place: usize) -> Result<(&'a str, Vec<usize>)> {
        self.weight(node, place)?.ok_or_else(|| no("a weight is left out"))
    }

    /// What a node makes; nothing for what holds weights only.
    fn node(&mut self, node: &Node) -> Result<Option<usize>> {
        #[cfg(feature = "cli")]
        match node.op.as_str() {
            "Sign" => return self.sign(node).map(Some),
            "PRelu" => return self.prelu(node).map(Some),
            // The end of an RPReLU.
            "Add" if node.output(0).is_some_and(|made| self.values.contains_key(&made)) => return Ok(None),
            _ if self.left(node)? => return Ok(None),
            _ => {}
        }
        Ok(Some(match node.op.as_str() {
            "Constant" => return Ok(None),
            "Conv" => {
                let (weight, dims) = self.needed(node, 1)?;
                let bias = self.weight(node, 2)?.map(|(name, _)| name);
                let window = window(node, dims.get(2).copied())?;
                let groups = usize::try_from(node.attrs.int_or("group", 1)).unwrap_or(0);
                let x = self.value(node, 0)?;
                let outputs = dims.first().copied().unwrap_or(0);
                let square = dims.len() == 4 && dims.get(2) == dims.get(3);
                let reads = self.net.shape(x)[0].checked_div(groups);
                if !square || dims.get(1).copied() != reads {
                    return Err(no("its kernel is not square, or of other channels than its input"));
                }
                self.net.conv(x, [Some(weight), bias], outputs, window, groups).map_err(unfit)?
            }
            "BatchNormalization" => {
                let mut names = [""; 4];
                for (place, name) in names.iter_mut().enumerate() {
                    *name = self.needed(node, place + 1)?.0;
                }
                let eps = f64::from(node.attrs.float("epsilon").unwrap_or(1e-5));
                let x = self.value(node, 0)?;
                self.net.norm(x, names, eps)
            }
            "Relu" => {
                let name = node.output(0).map(|id| self.graph.value(id).name.clone()).unwrap_or_default();
                let x = self.value(node, 0)?;
                self.net.relu(x, &name)
            }
            "AveragePool" => {
                let window = window(node, None)?;
                if window.pad > 0 && node.attrs.int_or("count_include_pad", 0) == 0 {
                    return Err(no("its mean leaves the padding out"));
                }
                let x = self.value(node, 0)?;
                self.net.average(x, window).map_err(unfit)?
            }
            "MaxPool" => {
                let x = self.value(node, 0)?;
                self.net.maximum(x, window(node, None)?).map_err(unfit)?
            }
            "GlobalAveragePool" => {
                let x = self.value(node, 0)?;
                self.net.global(x)
            }
            "Flatten" if node.attrs.int_or("axis", 1) == 1 => {
                let x = self.value(node, 0)?;
                self.net.flatten(x)
            }
            "Identity" | "Dropout" => self.value(node, 0)?,
            "Add" | "Sum" if node.inputs.len() == 2 => {
                let (a, b) = (self.value(node, 0)?, self.value(node, 1)?);
                self.net.add(a, b).map_err(unfit)?
            }
            "Gemm" => {
                let (weight, dims) = self.needed(node, 1)?;
                let bias = self.weight(node, 2)?.map(|(name, _)| name);
                let one = |name: &str| node.attrs.float(name).is_none_or(|value| value == 1.0);
                let x = self.value(node, 0)?;
                let plain = node.attrs.int_or("transB", 0) == 1 && node.attrs.int_or("transA", 0) == 0;
                if !plain || !one("alpha") || !one("beta") || dims.get(1) != self.net.shape(x).first() {
                    return Err(no("it is no dense layer as PyTorch writes one (transB = 1)"));
                }
                let outputs = dims.first().copied().unwrap_or(0);
                self.net.dense(x, [Some(weight), bias], outputs).map_err(unfit)?
            }
            _ => return Err(no("this operator is not trained")),
        }))
    }
}

/// What a plan left in the file, as far as it was met. The page's core trains networks of specs alone.
#[cfg(feature = "cli")]
struct Plan {
    readers: Vec<Vec<NodeId>>,
    /// What Mul and Add with stored numbers make, until a layer reads it.
    polys: HashMap<ValueId, Poly>,
    /// ReLUs that a mask chooses from, and what they read.
    relus: HashMap<ValueId, ValueId>,
}

#[cfg(feature = "cli")]
impl<'a> Lowering<'a> {
    /// A node that a plan left, or that gives a value another name: what it makes is noted for who reads it.
    fn left(&mut self, node: &Node) -> Result<bool> {
        let stored = (0..2).any(|place| self.stored(node, place).is_some());
        let Some(made) = node.output(0) else { return Ok(false) };
        match node.op.as_str() {
            "Identity" | "Dropout" => {
                let poly = self.poly(input(node, 0)?);
                self.plan.polys.insert(made, poly);
            }
            "Relu" if self.is_chosen(node) => {
                self.plan.relus.insert(made, input(node, 0)?);
            }
            "Where" => {
                let value = self.choice(node)?;
                self.values.insert(made, value);
            }
            "Mul" | "Add" if stored || node.op == "Mul" => {
                let poly = self.horner(node)?.ok_or_else(|| no("it is no polynomial that a plan leaves"))?;
                self.plan.polys.insert(made, poly);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn known(&self, id: ValueId) -> Result<usize> {
        self.values.get(&id).copied().ok_or_else(|| no("it reads what no layer before it makes"))
    }

    /// A value that a layer reads: a polynomial becomes an activation without a ReLU.
    fn made(&mut self, id: ValueId) -> Result<()> {
        // What is no value yet and no polynomial is for its reader to refuse.
        let (false, Some(poly)) = (self.values.contains_key(&id), self.plan.polys.get(&id).cloned()) else {
            return Ok(());
        };
        let x = self.known(poly.of)?;
        let value = match poly.is_identity() {
            true => x,
            false => self.site(id, x, vec![0.0; self.net.shape(x).iter().product()], &poly)?,
        };
        self.values.insert(id, value);
        Ok(())
    }

    fn site(&mut self, id: ValueId, x: usize, keep: Vec<f32>, poly: &Poly) -> Result<usize> {
        let name = self.graph.value(id).name.clone();
        masked::site(&mut self.net, x, &name, keep, poly)
            .ok_or_else(|| no("its polynomial is of other channels than what it reads"))
    }

    /// The stored tensor of an input.
    fn stored(&self, node: &Node, place: usize) -> Option<&'a TensorProto> {
        self.weights.get(self.graph.value(node.input(place)?).name.as_str()).copied()
    }

    fn poly(&self, id: ValueId) -> Poly {
        self.plan.polys.get(&id).cloned().unwrap_or_else(|| Poly::identity(id))
    }

    /// A step of Horner: a value times or plus stored numbers, or times x.
    fn horner(&self, node: &Node) -> Result<Option<Poly>> {
        let scales = node.op == "Mul";
        for (value, other) in [(0, 1), (1, 0)] {
            let (poly, id) = (self.poly(input(node, value)?), input(node, other)?);
            let rank = self.graph.shape(poly.of).map_or(0, <[_]>::len);
            let made = match self.stored(node, other) {
                Some(tensor) => masked::by_channel(tensor, rank)
                    .and_then(|by| if scales { poly.scaled(&by) } else { poly.plus(&by) }),
                None if scales && id == poly.of => poly.raised(),
                None => None,
            };
            if made.is_some() {
                return Ok(made);
            }
        }
        Ok(None)
    }

    /// A mask that chooses between a ReLU and a polynomial of the same value.
    fn choice(&mut self, node: &Node) -> Result<usize> {
        let other = || no("it does not choose between a ReLU and a polynomial of the same value");
        if let Some(value) = self.dropped(node)? {
            return Ok(value);
        }
        let (id, x) = (node.output(0).ok_or_else(other)?, self.plan.relus.get(&input(node, 1)?).copied());
        let (x, poly) = (x.ok_or_else(other)?, self.poly(input(node, 2)?));
        if poly.of != x {
            return Err(other());
        }
        let rank = self.graph.shape(x).map_or(0, <[_]>::len);
        let x = self.known(x)?;
        let keep = self.stored(node, 0).and_then(|tensor| masked::mask(tensor, rank, self.net.shape(x)));
        self.site(id, x, keep.ok_or_else(other)?, &poly)
    }

    /// A mask that chooses between a layer's outputs and 0: those that a plan drops.
    fn dropped(&mut self, node: &Node) -> Result<Option<usize>> {
        let rank = node.input(1).and_then(|id| self.graph.shape(id)).map_or(0, <[_]>::len);
        let zero = self.stored(node, 2).and_then(|tensor| masked::by_channel(tensor, rank));
        if zero.as_deref() != Some(&[0.0]) {
            return Ok(None);
        }
        let (x, keep) = (self.value(node, 1)?, self.stored(node, 0));
        let keep = keep.and_then(|tensor| masked::mask(tensor, rank, self.net.shape(x)));
        let keep = keep.ok_or_else(|| no("its mask is none of the layer's places"))?;
        let name = node.output(0).map(|id| self.graph.value(id).name.clone()).unwrap_or_default();
        Ok(Some(self.net.masked(x, &format!("{name}/places"), keep)))
    }

    /// Whether a ReLU is there only for a mask to choose it.
    fn is_chosen(&self, node: &Node) -> bool {
        let readers = node.output(0).and_then(|id| self.plan.readers.get(id.0 as usize));
        readers.is_some_and(|readers| {
            matches!(readers.as_slice(), [one] if self.graph.node(*one).is("Where")
                && self.graph.node(*one).input(1) == node.output(0))
        })
    }
}

/// ReActNet's activations, as an export that is clean holds them: RSign is Add, Sign; RPReLU is Add, PRelu, Add; what is added is
/// one number a channel, and each Add may be missing.
#[cfg(feature = "cli")]
impl<'a> Lowering<'a> {
    fn sign(&mut self, node: &Node) -> Result<usize> {
        let (x, shift) = self.shifted(input(node, 0)?)?;
        Ok(self.net.rsign(x, shift))
    }

    fn prelu(&mut self, node: &Node) -> Result<usize> {
        let (x, shift) = self.shifted(input(node, 0)?)?;
        let slope = self.each_channel(node, 1);
        let slope = slope.ok_or_else(|| no("its slope is not one stored number a channel"))?;
        let made = node.output(0).filter(|made| !self.graph.outputs.contains(made));
        let readers = made.and_then(|made| self.plan.readers.get(made.0 as usize));
        let lift = match (made, readers.map(Vec::as_slice)) {
            (Some(made), Some(&[one])) => self.added(self.graph.node(one), made),
            _ => None,
        };
        let value = self.net.rprelu(x, [shift, slope, lift.map_or("", |(_, name)| name)]);
        if let Some((sum, _)) = lift {
            self.values.insert(sum, value);
        }
        Ok(value)
    }

    /// Of the sum of this value and one stored number a channel: what it is called, and they.
    fn added(&self, sum: &Node, value: ValueId) -> Option<(ValueId, &'a str)> {
        let place = (0..2).find(|place| sum.input(*place) == Some(value)).filter(|_| sum.is("Add"))?;
        Some((sum.output(0)?, self.each_channel(sum, 1 - place)?))
    }

    /// What one stored number a channel was added to, and its name; where none was, the value and no name.
    fn shifted(&mut self, id: ValueId) -> Result<(usize, &'a str)> {
        let sum = self.graph.producer(id).map(|(_, sum)| sum);
        let parts = sum.into_iter().flat_map(|sum| sum.inputs.iter().flatten().map(move |x| (sum, *x)));
        let mut shifted = parts.filter_map(|(sum, x)| Some((x, self.added(sum, x)?.1)));
        let (id, name) = shifted.next().unwrap_or((id, ""));
        self.made(id)?;
        Ok((self.known(id)?, name))
    }

    /// The name of a stored tensor of one number for each channel of what the node makes.
    fn each_channel(&self, node: &Node, place: usize) -> Option<&'a str> {
        let sizes = self.graph.sizes(node.output(0)?)?;
        let numbers = masked::by_channel(self.stored(node, place)?, sizes.len())?;
        let name = self.graph.value(node.input(place)?).name.as_str();
        (sizes.get(1) == Some(&(numbers.len() as u64))).then_some(name)
    }
}

/// A square window from the attributes.
fn window(node: &Node, kernel: Option<usize>) -> Result<Window> {
    let list = |name: &str, default: i64| -> Result<usize> {
        let all = node.attrs.ints(name).unwrap_or_default();
        let first = all.first().copied().unwrap_or(default);
        let same = all.iter().all(|one| *one == first);
        usize::try_from(first)
            .ok()
            .filter(|n| same && *n < 1 << 16)
            .ok_or_else(|| no(format!("its {name} differ")))
    };
    let auto = node.attrs.str("auto_pad").is_some_and(|text| !matches!(text, "" | "NOTSET"));
    if auto || list("dilations", 1)? != 1 || node.attrs.int_or("ceil_mode", 0) != 0 {
        return Err(no("dilation, padding by name and sizes rounded up are not trained"));
    }
    let given = list("kernel_shape", kernel.map_or(0, |k| k as i64))?;
    Ok(Window { kernel: given, stride: list("strides", 1)?, pad: list("pads", 0)? })
}

/// Stored numbers into the parameters that carry their names.
fn fill(net: &mut Net<f32>, weights: &HashMap<&str, &TensorProto>) -> Result<()> {
    for param in &mut net.params {
        let Some(tensor) = weights.get(param.name.as_str()) else { continue };
        let count = param.value.len();
        let numbers: Vec<f32> = match (tensor.raw_data(), tensor.float_data.as_slice()) {
            // A spec's weights lie nowhere; they are drawn.
            ([], []) => continue,
            ([], floats) => floats.to_vec(),
            (raw, _) if tensor.data_type() == 1 => {
                raw.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
            }
            _ => return Err(no("only float32 weights are trained").value(&param.name)),
        };
        if numbers.len() != count || numbers.iter().any(|v| !v.is_finite()) {
            let text = format!("{} numbers where {count} are needed, or one that is none", numbers.len());
            return Err(Error::new(Code::InvalidGraph, text).value(&param.name));
        }
        param.value = numbers.into();
    }
    Ok(())
}
