//! A graph to the engine's layers.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use reluctant_mpc::net::{Layer, Network, Op, Weights, Windows};
use reluctant_mpc::ring::Ring;

use crate::error::{Code, Error, Result};
use crate::ir::dim::Dim;
use crate::ir::graph::{Graph, Node, NodeId, Source, ValueId};
use crate::ir::whole::whole_factor;
use crate::ir::windows::{ConvSizes, PoolSizes, WindowAxis};
use crate::run::model::Runnable;
use crate::run::ring::Settings;
use crate::run::tensor::Tensor;

/// What the engine runs.
#[derive(Debug)]
pub struct Lowered {
    /// What both parties know.
    pub network: Network,
    /// What the server has.
    pub weights: Vec<Weights>,
    /// The node of each layer; the last one's for the place of the largest number.
    pub nodes: Vec<NodeId>,
    /// The input.
    pub input: ValueId,
}

impl Lowered {
    /// Ends with the place of the largest number.
    pub fn close(&mut self) {
        let (x, last) = (self.network.layers.len(), self.nodes.last().copied().unwrap_or(NodeId(0)));
        self.network.layers.push(Layer { name: "argmax".to_owned(), op: Op::Argmax { x } });
        self.weights.push(Weights::default());
        self.nodes.push(last);
    }
}

/// Reads a stored tensor; None for a value that is computed.
pub type Read<'a> = dyn FnMut(ValueId) -> Result<Option<Tensor>> + 'a;

/// Lowers a model of one sample.
///
/// # Errors
/// `NotSupported` for an operator, or a form of one, that the engine has no layer for; `InvalidSetting` for a ring that it
/// has not, that a weight leaves, or that is too coarse for a mean.
pub fn lower(model: &Runnable, settings: &Settings, read: &mut Read<'_>) -> Result<Lowered> {
    let bad = |e: reluctant_mpc::Fault| Error::new(Code::InvalidSetting, e.0);
    let ring = Ring::new(settings.ring_bits, settings.fraction_bits).map_err(bad)?;
    let graph = &model.graph;
    let (&[input], Some(&output)) = (graph.inputs.as_slice(), graph.outputs.first()) else {
        return Err(no("a network with one input is run"));
    };
    let dims = model.sizes(input).ok_or_else(|| no("its input's size is not known"))?;
    if model.dtype(input).is_some_and(|dtype| !dtype.is_float()) || dims.first() != Some(&1) {
        return Err(no("its input is not one sample of fractions"));
    }
    let network = Network { ring, input: dims.iter().product(), layers: Vec::new() };
    let mut lowering = Lowering {
        model,
        graph,
        settings,
        read,
        readers: graph.consumers(),
        values: HashMap::from([(input, 0)]),
        absorbed: BTreeSet::new(),
        elsewhere: HashMap::new(),
        picked: HashMap::new(),
        lowered: Lowered { network, weights: Vec::new(), nodes: Vec::new(), input },
    };
    let needed = lowering.needed(output);
    for id in &needed {
        lowering.find_elsewhere(graph.node(*id))?;
    }
    for id in needed {
        if !lowering.absorbed.contains(&id) {
            let node = graph.node(id);
            lowering.node(id, node).map_err(|e| match e.place.node {
                Some(_) => e,
                None => e.node(graph.label(node), node.op.clone()),
            })?;
        }
    }
    // Nothing after the last layer computes: what is between moves nothing.
    let made = lowering.values.get(&output).copied();
    let lowered = lowering.lowered;
    let sizes = lowered.network.sizes().map_err(|e| Error::new(Code::NotSupported, e.0))?;
    means(&lowered, graph)?;
    let wanted: Option<usize> = model.sizes(output).map(|dims| dims.iter().product());
    match made == Some(lowered.network.layers.len()) && sizes.last().copied() == wanted {
        true => Ok(lowered),
        false => Err(no("its output is not what its last layer makes")),
    }
}

/// A mean is a sum times 1 / count, a fraction that is rounded: by 1 % at most, or it takes more bits.
fn means(lowered: &Lowered, graph: &Graph) -> Result<()> {
    let fraction = lowered.network.ring.fraction;
    for (layer, node) in lowered.network.layers.iter().zip(&lowered.nodes) {
        let Op::Average { windows, padded, .. } = &layer.op else { continue };
        let held = |at| (0..windows.taps()).filter(|tap| windows.place(at, *tap).is_some()).count();
        let counts: BTreeSet<usize> = match padded {
            true => BTreeSet::from([windows.taps()]),
            false => (0..windows.positions()).map(held).collect(),
        };
        let off = |bits: u32, count: usize| {
            let share = f64::from(bits).exp2() / count as f64;
            (share.round() / share - 1.0).abs() > 0.01
        };
        let needed = |bits: &u32| !counts.iter().any(|count| off(*bits, *count));
        let needed = (fraction..=64).find(needed).unwrap_or(64);
        if needed > fraction {
            let most = counts.last().copied().unwrap_or(0);
            let text =
                format!("a mean over {most} elements needs {needed} bits after the point, not {fraction}");
            return Err(Error::new(Code::InvalidSetting, text)
                .hint("more bits after the point, or the wider ring")
                .node(layer.name.clone(), graph.node(*node).op.clone()));
        }
    }
    Ok(())
}

fn no(text: impl Into<String>) -> Error {
    Error::new(Code::NotSupported, text)
        .hint("convolutions, dense layers, BatchNorm, ReLU, polynomials, pools, sums and products are run")
}

struct Lowering<'a, 'r> {
    model: &'a Runnable,
    graph: &'a Graph,
    settings: &'a Settings,
    read: &'a mut Read<'r>,
    readers: Vec<Vec<NodeId>>,
    values: HashMap<ValueId, usize>,
    /// BatchNorms that went into the layer before.
    absorbed: BTreeSet<NodeId>,
    /// What stands in the place of activations that a plan took away: its nodes, with the places where it does. Only these are computed.
    elsewhere: HashMap<NodeId, Rc<Vec<usize>>>,
    /// Those places of a value, once some node has asked for them.
    picked: HashMap<(usize, Rc<Vec<usize>>), usize>,
    lowered: Lowered,
}

/// A BatchNorm as one product and one sum a channel.
struct Norm {
    scale: Vec<f64>,
    shift: Vec<f64>,
}

impl Lowering<'_, '_> {
    /// What the output hangs on, in order.
    fn needed(&self, output: ValueId) -> BTreeSet<NodeId> {
        let (mut needed, mut open) = (BTreeSet::new(), vec![output]);
        while let Some(id) = open.pop() {
            if !self.constant(id)
                && let Source::Node(node, _) = self.graph.value(id).source
                && needed.insert(node)
            {
                open.extend(self.graph.node(node).inputs.iter().flatten());
            }
        }
        needed
    }

    /// A value is known before the run.
    fn constant(&self, id: ValueId) -> bool {
        let value = self.graph.value(id);
        value.weight.is_some() || value.constant.as_ref().is_some_and(|known| known.is_known())
    }

    fn sizes(&self, id: ValueId) -> Result<Vec<usize>> {
        self.model.sizes(id).ok_or_else(|| no("a size is not known"))
    }

    /// The layers' value that a node reads.
    fn value(&self, node: &Node, place: usize) -> Result<usize> {
        let id = node.input(place).ok_or_else(|| no("an input is left out"))?;
        self.values.get(&id).copied().ok_or_else(|| no("it reads what no layer before it makes"))
    }

    /// A stored operand; None where the value is computed from the input.
    fn stored(&mut self, id: ValueId) -> Result<Option<Vec<f64>>> {
        let value = self.graph.value(id);
        if let Some(known) = value.constant.as_ref().filter(|known| known.is_known()) {
            return Ok(known.to_floats());
        }
        if value.weight.is_none() {
            return Ok(None);
        }
        Ok((self.read)(id)?.map(|tensor| tensor.data().convert()))
    }

    /// A weight that there must be.
    fn weight(&mut self, node: &Node, place: usize) -> Result<(Vec<f64>, Vec<usize>)> {
        let id = node.input(place).ok_or_else(|| no("a weight is left out"))?;
        let numbers = self.stored(id)?.ok_or_else(|| no("a weight is computed while running"))?;
        Ok((numbers, self.sizes(id)?))
    }

    /// The numbers of an input that may be left out.
    fn optional(&mut self, node: &Node, place: usize) -> Result<Option<Vec<f64>>> {
        match node.input(place) {
            Some(_) => self.weight(node, place).map(|(numbers, _)| Some(numbers)),
            None => Ok(None),
        }
    }

    fn encoded(&self, numbers: &[f64], digits: u32) -> Result<Vec<u64>> {
        let ring = self.lowered.network.ring;
        let one = |number: &f64| match self.settings.encode(*number, digits) {
            (number, false) => Ok(ring.of(number)),
            (_, true) => {
                let text = format!(
                    "{number} does not fit a ring of {} bits with {digits} after the point",
                    ring.bits
                );
                Err(Error::new(Code::InvalidSetting, text)
                    .hint("fewer bits after the point, or the wider ring"))
            }
        };
        numbers.iter().map(one).collect()
    }

    /// One more layer, and the value that it makes.
    fn push(&mut self, id: NodeId, op: Op, factors: Vec<u64>, bias: Vec<u64>) -> usize {
        let name = self.graph.label(self.graph.node(id));
        self.lowered.network.layers.push(Layer { name, op });
        self.lowered.weights.push(Weights { factors, bias });
        self.lowered.nodes.push(id);
        self.lowered.network.layers.len()
    }

    fn plain(&mut self, id: NodeId, op: Op) -> usize {
        self.push(id, op, Vec::new(), Vec::new())
    }

    /// x, or less x, and these numbers, which are the server's.
    fn shift(&mut self, id: NodeId, x: usize, by: Vec<u64>, negated: bool) -> usize {
        self.push(id, Op::Shift { x, numbers: by.len(), negated }, Vec::new(), by)
    }

    fn node(&mut self, id: NodeId, node: &Node) -> Result<()> {
        if !node.domain.is_empty() {
            return Err(no("this operator is not run"));
        }
        let fraction = self.settings.fraction_bits;
        let mut end = node.output(0);
        let made = match node.op.as_str() {
            "Identity" | "Dropout" | "Reshape" | "Flatten" | "Squeeze" | "Unsqueeze" => {
                self.value(node, 0)?
            }
            "Conv" => self.conv(id, node, &mut end)?,
            "Gemm" | "MatMul" => self.dense(id, node, &mut end)?,
            "BatchNormalization" => {
                let (x, norm) = (self.value(node, 0)?, self.norm(node)?);
                let factors = self.encoded(&norm.scale, fraction)?;
                let bias = self.encoded(&norm.shift, 2 * fraction)?;
                self.push(id, Op::Norm { x, channels: norm.scale.len() }, factors, bias)
            }
            "Relu" => {
                let mut x = self.value(node, 0)?;
                if let Some(places) = self.kept(node)? {
                    x = self.plain(id, Op::Pick { x, places });
                }
                self.plain(id, Op::Relu { x })
            }
            "Where" => self.masked(id, node)?,
            "Clip" => self.clip(id, node)?,
            "MaxPool" if node.output(1).is_none() => {
                let (x, windows) = self.pool(node)?;
                self.plain(id, Op::Maximum { x, windows })
            }
            "AveragePool" => {
                let (x, windows) = self.pool(node)?;
                let padded = node.attrs.int_or("count_include_pad", 0) != 0;
                if padded && node.attrs.int_or("ceil_mode", 0) != 0 {
                    return Err(no("a mean that counts padding and rounds its size up"));
                }
                self.plain(id, Op::Average { x, windows, padded })
            }
            "GlobalAveragePool" => self.mean(id, node)?,
            "ReduceMean" if self.over_space(node)? => self.mean(id, node)?,
            "Add" | "Sum" | "Sub" | "Mul" | "Div" if node.inputs.len() == 2 => self.pairwise(id, node)?,
            _ => return Err(no("this operator is not run")),
        };
        if let Some(end) = end {
            self.values.insert(end, made);
        }
        Ok(())
    }

    /// A BatchNorm that alone reads what a layer makes, and then its end.
    fn norm_behind(&mut self, end: &mut Option<ValueId>) -> Result<Option<Norm>> {
        let Some(made) = *end else { return Ok(None) };
        let [reader] = self.readers.get(made.0 as usize).map(Vec::as_slice).unwrap_or_default() else {
            return Ok(None);
        };
        let (reader, node) = (*reader, self.graph.node(*reader));
        if node.op != "BatchNormalization"
            || node.input(0) != Some(made)
            || self.graph.outputs.contains(&made)
        {
            return Ok(None);
        }
        let norm = self.norm(node)?;
        self.absorbed.insert(reader);
        *end = node.output(0);
        Ok(Some(norm))
    }

    fn norm(&mut self, node: &Node) -> Result<Norm> {
        if node.attrs.int_or("training_mode", 0) != 0 {
            return Err(no("a norm in training").node(self.graph.label(node), node.op.clone()));
        }
        let [(scale, _), (shift, _), (mean, _), (variance, _)] =
            [self.weight(node, 1)?, self.weight(node, 2)?, self.weight(node, 3)?, self.weight(node, 4)?];
        let eps = f64::from(node.attrs.float("epsilon").unwrap_or(1e-5));
        let scale: Vec<f64> = scale.iter().zip(&variance).map(|(s, v)| s / (v + eps).sqrt()).collect();
        let shift = shift.iter().zip(&mean).zip(&scale).map(|((b, m), s)| b - m * s).collect();
        Ok(Norm { scale, shift })
    }

    /// `rows` of weights, a row an output, with a bias each: a BatchNorm behind them goes in.
    fn folded(
        &mut self,
        end: &mut Option<ValueId>,
        rows: &mut [f64],
        outputs: usize,
        bias: Option<Vec<f64>>,
    ) -> Result<[Vec<u64>; 2]> {
        let mut bias = bias.unwrap_or_else(|| vec![0.0; outputs]);
        if let Some(norm) = self.norm_behind(end)? {
            let each = rows.len() / outputs.max(1);
            for (row, scale) in rows.chunks_mut(each.max(1)).zip(&norm.scale) {
                row.iter_mut().for_each(|weight| *weight *= scale);
            }
            let all = bias.iter_mut().zip(norm.scale.iter().zip(&norm.shift));
            all.for_each(|(bias, (scale, shift))| *bias = *bias * scale + shift);
        }
        let fraction = self.settings.fraction_bits;
        Ok([self.encoded(rows, fraction)?, self.encoded(&bias, 2 * fraction)?])
    }

    fn conv(&mut self, id: NodeId, node: &Node, end: &mut Option<ValueId>) -> Result<usize> {
        let (x, input) = (self.value(node, 0)?, node.input(0).ok_or_else(|| no("no input"))?);
        let (mut weights, dims) = self.weight(node, 1)?;
        let bias = self.optional(node, 2)?;
        let known = |sizes: &[usize]| sizes.iter().map(|n| Dim::Known(*n as i64)).collect::<Vec<_>>();
        let input = self.sizes(input)?;
        let sizes = ConvSizes::conv(&node.attrs, &known(&input), &known(&dims))
            .map_err(|_| Error::new(Code::InvalidGraph, "a convolution whose sizes disagree"))?;
        let outputs = dims.first().copied().unwrap_or(0);
        let windows = windows(&input, &sizes.axes)?;
        let groups = usize::try_from(sizes.groups).unwrap_or(0);
        let [factors, bias] = self.folded(end, &mut weights, outputs, bias)?;
        Ok(self.push(id, Op::Conv { x, groups, outputs, windows }, factors, bias))
    }

    /// alpha A B + beta C: rows of one sample by a weight.
    fn dense(&mut self, id: NodeId, node: &Node, end: &mut Option<ValueId>) -> Result<usize> {
        let (x, input) = (self.value(node, 0)?, node.input(0).ok_or_else(|| no("no input"))?);
        let (weights, dims) = self.weight(node, 1)?;
        let gemm = node.op == "Gemm";
        let factor = |name: &str| f64::from(node.attrs.float(name).unwrap_or(1.0));
        let &[first, second] = dims.as_slice() else { return Err(no("its weight is no matrix")) };
        let turned = gemm && node.attrs.int_or("transB", 0) != 0;
        let (inputs, outputs) = if turned { (second, first) } else { (first, second) };
        let numbers: usize = self.sizes(input)?.iter().product();
        let rows = numbers.checked_div(inputs).filter(|rows| rows * inputs == numbers);
        let rows = rows.filter(|_| !gemm || node.attrs.int_or("transA", 0) == 0);
        let rows = rows.ok_or_else(|| no("its left side is turned, or fits no weight"))?;
        // A row an output, scaled by alpha.
        let at = |out: usize, i: usize| if turned { out * inputs + i } else { i * outputs + out };
        let one = |place: usize| weights.get(at(place / inputs, place % inputs)).copied().unwrap_or(0.0);
        let mut turned: Vec<f64> = (0..inputs * outputs).map(|place| factor("alpha") * one(place)).collect();
        let bias = match gemm && node.input(2).is_some() {
            true => {
                let (bias, dims) = self.weight(node, 2)?;
                let bias: Vec<f64> = bias.iter().map(|b| b * factor("beta")).collect();
                match bias.as_slice() {
                    [one] => Some(vec![*one; outputs]),
                    all if all.len() == outputs && dims.last() == Some(&outputs) => Some(bias),
                    _ => return Err(no("its bias differs by row")),
                }
            }
            false => None,
        };
        // A norm over rows has channels of its own.
        let mut own = if rows == 1 { *end } else { None };
        let [factors, bias] = self.folded(&mut own, &mut turned, outputs, bias)?;
        *end = own.or(*end);
        let columns = (0..inputs * outputs).filter_map(|place| {
            let (i, out) = (place / outputs, place % outputs);
            factors.get(out * inputs + i).copied()
        });
        Ok(self.push(id, Op::Dense { x, rows, inputs, outputs }, columns.collect(), bias))
    }

    /// The elements that a plan keeps of an activation: its only reader is a choice by a stored mask. None where all are.
    fn kept(&mut self, node: &Node) -> Result<Option<Vec<usize>>> {
        let Some(made) = node.output(0) else { return Ok(None) };
        let [reader] = self.readers.get(made.0 as usize).map(Vec::as_slice).unwrap_or_default() else {
            return Ok(None);
        };
        let reader = self.graph.node(*reader);
        let chosen = reader.op == "Where" && reader.domain.is_empty() && reader.input(1) == Some(made);
        match (reader.input(0), reader.input(2)) {
            (Some(mask), Some(other)) if chosen && other != made && !self.graph.outputs.contains(&made) => {
                Ok(self.places(mask, made)?.filter(|places| !places.is_empty()))
            }
            _ => Ok(None),
        }
    }

    /// Where a stored mask is set, spread over a value; None where it is computed, or larger than that.
    fn places(&mut self, mask: ValueId, over: ValueId) -> Result<Option<Vec<usize>>> {
        let Some(numbers) = self.stored(mask)? else { return Ok(None) };
        let (from, over) = (self.sizes(mask)?, self.sizes(over)?);
        if crate::run::ring::broadcast(&from, &over).as_ref() != Some(&over) {
            return Ok(None);
        }
        let places = crate::run::ring::places(&over, &from).into_iter().enumerate();
        let set = |(_, at): &(usize, usize)| numbers.get(*at).is_some_and(|set| *set != 0.0);
        Ok(Some(places.filter(set).map(|(at, _)| at).collect()))
    }

    /// The nodes that compute, element by element, what a plan's choice takes where its mask is not set: from the input of the
    /// activation on, with stored numbers, read by nobody else.
    fn find_elsewhere(&mut self, node: &Node) -> Result<()> {
        let (Some(act), Some(other)) = (node.input(1).filter(|_| node.op == "Where"), node.input(2)) else {
            return Ok(());
        };
        let Source::Node(made, _) = self.graph.value(act).source else { return Ok(()) };
        let (Some(x), Some(kept)) = (self.graph.node(made).input(0), self.kept(self.graph.node(made))?)
        else {
            return Ok(());
        };
        let sizes = self.sizes(act)?;
        let (mut found, mut open) = (Vec::new(), vec![other]);
        while let Some(value) = open.pop() {
            if value == x || self.constant(value) {
                continue;
            }
            let Source::Node(id, _) = self.graph.value(value).source else { return Ok(()) };
            let by = self.graph.node(id);
            let alone = self.readers.get(value.0 as usize).is_some_and(|readers| readers.len() == 1);
            let elementwise = matches!(by.op.as_str(), "Add" | "Sub" | "Mul") && by.domain.is_empty();
            if !alone || !elementwise || self.sizes(value)? != sizes || self.graph.outputs.contains(&value) {
                return Ok(());
            }
            found.push(id);
            open.extend(by.inputs.iter().flatten());
        }
        let kept: BTreeSet<usize> = kept.into_iter().collect();
        let all = sizes.iter().product();
        let places: Rc<Vec<usize>> = Rc::new((0..all).filter(|place| !kept.contains(place)).collect());
        if !places.is_empty() {
            self.elsewhere.extend(found.into_iter().map(|id| (id, places.clone())));
        }
        Ok(())
    }

    /// A secret operand of a node: all of it, or the places that the node is computed at.
    fn operand(&mut self, id: NodeId, value: ValueId) -> Option<usize> {
        let whole = self.values.get(&value).copied()?;
        let Some(places) = self.elsewhere.get(&id).cloned() else { return Some(whole) };
        match self.graph.value(value).source {
            Source::Node(made, _) if self.elsewhere.contains_key(&made) => Some(whole),
            _ => match self.picked.get(&(whole, places.clone())) {
                Some(picked) => Some(*picked),
                None => {
                    let op = Op::Pick { x: whole, places: places.to_vec() };
                    let picked = self.plain(id, op);
                    self.picked.insert((whole, places), picked);
                    Some(picked)
                }
            },
        }
    }

    /// A plan's choice: the activation where its mask is set, elsewhere what stands in its place.
    fn masked(&mut self, id: NodeId, node: &Node) -> Result<usize> {
        let no_plan = || no("a choice that is no plan's");
        let (act, other) = (node.input(1).ok_or_else(no_plan)?, node.input(2).ok_or_else(no_plan)?);
        let Source::Node(made, _) = self.graph.value(act).source else { return Err(no_plan()) };
        let relu = self.graph.node(made);
        let (y, mut x) = (self.value(node, 1)?, self.value(node, 2)?);
        let same = self.sizes(other)? == self.sizes(act)?;
        let Some(kept) = self.kept(relu)?.filter(|_| same && relu.op == "Relu") else {
            return Err(no_plan());
        };
        if let Source::Node(by, _) = self.graph.value(other).source
            && let Some(places) = self.elsewhere.get(&by).cloned()
        {
            // Both are parts: the activation's input is as large as the whole, and none of it stays.
            let whole = self.value(relu, 0)?;
            x = self.plain(id, Op::Put { x: whole, y: x, places: places.to_vec() });
        }
        Ok(self.plain(id, Op::Put { x, y, places: kept }))
    }

    /// max(x, low), then min with high: low + ReLU(x - low), high - ReLU(high - x). What is local is done around.
    fn clip(&mut self, id: NodeId, node: &Node) -> Result<usize> {
        let bounds = [(1, "min"), (2, "max")].map(|(place, name)| -> Result<Option<f64>> {
            match node.input(place) {
                Some(_) => Ok(self.optional(node, place)?.and_then(|numbers| numbers.first().copied())),
                None => Ok(node.attrs.float(name).map(f64::from)),
            }
        });
        let [low, high] = bounds;
        let mut x = self.value(node, 0)?;
        for (bound, upper) in [(low?, false), (high?, true)] {
            let Some(bound) = bound.filter(|bound| bound.is_finite()) else { continue };
            let by = self.encoded(&[bound], self.settings.fraction_bits)?;
            let ring = self.lowered.network.ring;
            let back: Vec<u64> =
                by.iter().map(|by| if upper { *by } else { ring.wrap(by.wrapping_neg()) }).collect();
            if upper || back != [0] {
                x = self.shift(id, x, back, upper);
            }
            x = self.plain(id, Op::Relu { x });
            if upper || by != [0] {
                x = self.shift(id, x, by, upper);
            }
        }
        Ok(x)
    }

    fn pool(&self, node: &Node) -> Result<(usize, Windows)> {
        let (x, input) = (self.value(node, 0)?, node.input(0).ok_or_else(|| no("no input"))?);
        let input = self.sizes(input)?;
        let dims: Vec<Dim> = input.iter().map(|n| Dim::Known(*n as i64)).collect();
        let sizes = PoolSizes::pool(&node.attrs, &dims)
            .map_err(|_| Error::new(Code::InvalidGraph, "a pooling layer whose sizes disagree"))?;
        Ok((x, windows(&input, &sizes.axes)?))
    }

    /// The mean of each channel.
    fn mean(&mut self, id: NodeId, node: &Node) -> Result<usize> {
        let (x, input) = (self.value(node, 0)?, node.input(0).ok_or_else(|| no("no input"))?);
        let input = self.sizes(input)?;
        let (channels, inner) = (input.get(1).copied().unwrap_or(0), input.iter().skip(2).product());
        let windows = Windows {
            channels,
            input: [1, inner],
            output: [1, 1],
            kernel: [1, inner],
            strides: [1, 1],
            dilations: [1, 1],
            pads: [0, 0],
        };
        Ok(self.plain(id, Op::Average { x, windows, padded: false }))
    }

    /// Whether a mean goes over all axes behind the channels.
    fn over_space(&mut self, node: &Node) -> Result<bool> {
        let rank = node.input(0).map_or(Ok(0), |id| self.sizes(id).map(|dims| dims.len()))? as i64;
        let axes = match node.attrs.ints("axes") {
            Some(axes) => axes.to_vec(),
            None => self.optional(node, 1)?.unwrap_or_default().iter().map(|axis| *axis as i64).collect(),
        };
        let axes: BTreeSet<i64> =
            axes.iter().map(|axis| if *axis < 0 { axis + rank } else { *axis }).collect();
        Ok(rank > 2 && axes.into_iter().eq(2..rank))
    }

    /// Sums and products, of two secrets or of one with stored numbers.
    fn pairwise(&mut self, id: NodeId, node: &Node) -> Result<usize> {
        let fraction = self.settings.fraction_bits;
        let (Some(a), Some(b)) = (node.input(0), node.input(1)) else {
            return Err(no("an input is left out"));
        };
        let out = self.sizes(node.output(0).ok_or_else(|| no("no output"))?)?;
        match (self.operand(id, a), self.operand(id, b)) {
            (Some(x), Some(y)) => {
                if self.sizes(a)? != self.sizes(b)? {
                    return Err(no("two values of different sizes"));
                }
                let op = match node.op.as_str() {
                    "Add" | "Sum" => Op::Add { a: x, b: y },
                    "Sub" => Op::Sub { a: x, b: y },
                    "Mul" => Op::Multiply { a: x, b: y },
                    _ => return Err(no("a secret divisor")),
                };
                Ok(self.plain(id, op))
            }
            (Some(x), None) | (None, Some(x)) => {
                let (kept, other) = if self.values.contains_key(&a) { (a, b) } else { (b, a) };
                if self.sizes(kept)? != out {
                    return Err(no("a stored value larger than what it meets"));
                }
                let numbers =
                    self.stored(other)?.ok_or_else(|| no("an operand is computed while running"))?;
                let mut numbers = spread(&numbers, &self.sizes(other)?, &out);
                if let Some(places) = self.elsewhere.get(&id).filter(|_| numbers.len() > 1) {
                    numbers = places.iter().filter_map(|place| numbers.get(*place).copied()).collect();
                }
                let first = kept == a;
                if let Some((_, by)) = whole_factor(self.graph, node) {
                    let by = self.lowered.network.ring.of(by);
                    return Ok(self.plain(id, Op::Times { x, by }));
                }
                Ok(match (node.op.as_str(), first) {
                    ("Add" | "Sum", _) | ("Sub", false) => {
                        let (by, negated) = (self.encoded(&numbers, fraction)?, node.op == "Sub");
                        self.shift(id, x, by, negated)
                    }
                    ("Sub", true) => {
                        let less: Vec<f64> = numbers.iter().map(|number| -number).collect();
                        let by = self.encoded(&less, fraction)?;
                        self.shift(id, x, by, false)
                    }
                    ("Mul", _) | ("Div", true) => {
                        let divides = node.op == "Div";
                        let by: Vec<f64> = numbers
                            .iter()
                            .map(|number| if divides { 1.0 / number } else { *number })
                            .collect();
                        let by = self.encoded(&by, fraction)?;
                        self.plain(id, Op::Scale { x, by })
                    }
                    _ => return Err(no("a secret divisor")),
                })
            }
            (None, None) => Err(no("it reads what no layer before it makes")),
        }
    }
}

/// Windows of one or two axes.
fn windows(input: &[usize], axes: &[WindowAxis]) -> Result<Windows> {
    let number = |dim: &Dim| dim.known().and_then(|n| usize::try_from(n).ok());
    let axis = |axis: &WindowAxis| -> Option<[usize; 6]> {
        Some([
            number(&axis.input)?,
            number(&axis.output)?,
            number(&axis.kernel)?,
            usize::try_from(axis.stride).ok()?,
            usize::try_from(axis.dilation).ok()?,
            number(axis.pads.first()?)?,
        ])
    };
    let one = [1, 1, 1, 1, 1, 0];
    let (a, b) = match axes {
        [only] => (Some(one), axis(only)),
        [first, second] => (axis(first), axis(second)),
        _ => return Err(no("windows over one or two axes are run")),
    };
    let (Some(a), Some(b)) = (a, b) else {
        return Err(no("a window of unknown size, or padded by less than nothing"));
    };
    Ok(Windows {
        channels: input.get(1).copied().unwrap_or(0),
        input: [a[0], b[0]],
        output: [a[1], b[1]],
        kernel: [a[2], b[2]],
        strides: [a[3], b[3]],
        dilations: [a[4], b[4]],
        pads: [a[5], b[5]],
    })
}

/// Stored numbers spread over a shape as numpy does; one number stays one.
fn spread(numbers: &[f64], from: &[usize], over: &[usize]) -> Vec<f64> {
    if numbers.len() <= 1 {
        return numbers.to_vec();
    }
    let places = crate::run::ring::places(over, from);
    places.into_iter().map(|place| numbers.get(place).copied().unwrap_or(0.0)).collect()
}
