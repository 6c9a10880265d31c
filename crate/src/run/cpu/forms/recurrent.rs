//! Recurrent layers that rten does not have, step by step: RNN; GRU whose reset comes before the product; cells with
//! peepholes, lengths of sequences, clipping or functions of their own; quantised cells.
//!
//! The formulas are the standard's. A sequence that has ended keeps its state and gives zeros; going backwards it starts
//! late, which is the same as starting at its own end.

use super::{Made, attribute, float, input, int, output};
use crate::ir::dtype::DType;
use crate::onnx::NodeProto;

/// Steps of all directions up to which a layer is written out.
const MAX_STEPS: i64 = 4096;

/// A cell, its gates in the order of the weights, and how many functions of its own it has.
struct Cell {
    gates: i64,
    functions: &'static [&'static str],
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Lstm,
    Gru,
    Rnn,
}

/// Functions of cells, and the defaults of what each takes from `activation_alpha` and `activation_beta`: those of the
/// operators; None where there is no such operator.
const FUNCTIONS: [(&str, &[Option<f32>]); 11] = [
    ("Affine", &[None, None]),
    ("Elu", &[Some(1.0)]),
    ("HardSigmoid", &[Some(0.2), Some(0.5)]),
    ("LeakyRelu", &[Some(0.01)]),
    ("Relu", &[]),
    ("ScaledTanh", &[None, None]),
    ("Sigmoid", &[]),
    ("Softplus", &[]),
    ("Softsign", &[]),
    ("Tanh", &[]),
    ("ThresholdedRelu", &[Some(1.0)]),
];

/// A function with its alpha and beta.
#[derive(Clone, Copy)]
struct Function {
    name: &'static str,
    alpha: f32,
    beta: f32,
}

/// The functions of all directions, in order: alphas and betas go to those that take one. None where one is not known.
fn functions(node: &NodeProto, cell: &Cell, directions: usize) -> Option<Vec<Function>> {
    let names = attribute(node, "activations").map_or(&[][..], |a| a.strings.as_slice());
    let mut given = ["activation_alpha", "activation_beta"]
        .map(|name| attribute(node, name).map_or(&[][..], |a| a.floats.as_slice()).iter());
    let of = |(at, default): (usize, &&str)| {
        let name = names.get(at).map_or(default.as_bytes(), Vec::as_slice);
        let (name, defaults) =
            FUNCTIONS.into_iter().find(|(known, _)| known.as_bytes().eq_ignore_ascii_case(name))?;
        let mut taken = [0.0; 2];
        for ((number, default), given) in taken.iter_mut().zip(defaults).zip(&mut given) {
            *number = given.next().copied().or(*default)?;
        }
        Some(Function { name, alpha: taken[0], beta: taken[1] })
    };
    std::iter::repeat_n(cell.functions, directions).flatten().enumerate().map(of).collect()
}

/// One direction on its way.
struct Direction {
    /// Units x gates.
    r: String,
    /// The recurrent bias of the candidate, where the reset comes after it.
    candidate: Option<String>,
    peepholes: Option<[String; 3]>,
    functions: Vec<Function>,
}

impl Made<'_> {
    /// The nodes of a recurrent layer; None where rten reads it right, or where it cannot be written out.
    pub(super) fn recurrent(&mut self, node: &NodeProto) -> Option<()> {
        let cell = match (node.domain(), node.op_type()) {
            ("" | "ai.onnx", "LSTM") => {
                Cell { gates: 4, functions: &["Sigmoid", "Tanh", "Tanh"], kind: Kind::Lstm }
            }
            ("" | "ai.onnx", "GRU") => Cell { gates: 3, functions: &["Sigmoid", "Tanh"], kind: Kind::Gru },
            ("" | "ai.onnx", "RNN") => Cell { gates: 1, functions: &["Tanh"], kind: Kind::Rnn },
            ("com.microsoft", "DynamicQuantizeLSTM") => {
                Cell { gates: 4, functions: &["Sigmoid", "Tanh", "Tanh"], kind: Kind::Lstm }
            }
            _ => return None,
        };
        let quantised = node.op_type() == "DynamicQuantizeLSTM";
        let set = |name: &str| attribute(node, name).is_some_and(|a| a.i() != 0);
        let needed = quantised
            || cell.kind == Kind::Rnn
            || (cell.kind == Kind::Gru && !set("linear_before_reset"))
            || !input(node, 4).is_empty()
            || (cell.kind == Kind::Lstm && (!input(node, 7).is_empty() || set("input_forget")))
            || attribute(node, "clip").is_some()
            || attribute(node, "activations").is_some();
        if !needed {
            return None;
        }
        let sizes = self.sizes(input(node, 0))?;
        let ([a, b, _], [_, mid, last]) =
            (*sizes.first_chunk::<3>()?, *self.sizes(input(node, 2))?.first_chunk::<3>()?);
        let batch_first = set("layout");
        let steps = if batch_first { b } else { a };
        let units = if quantised { mid } else { last };
        let directions: &[bool] = match attribute(node, "direction").map_or(&b"forward"[..], |a| a.s()) {
            b"forward" => &[false],
            b"reverse" => &[true],
            _ => &[false, true],
        };
        if steps.checked_mul(directions.len() as i64)? > MAX_STEPS || steps < 1 {
            return None;
        }
        let functions = functions(node, &cell, directions.len())?;
        let turn = |made: &mut Self, name: &str| match batch_first && !name.is_empty() {
            true => made.node(
                "Transpose",
                vec![name.to_owned()],
                vec![super::int_list("perm", vec![1, 0, 2])],
                node,
            ),
            false => name.to_owned(),
        };
        let mut x = turn(self, input(node, 0));
        let (h0, c0) = (turn(self, input(node, 5)), turn(self, input(node, 6)));
        if quantised {
            x = self.through_range(x, node);
        }
        let (mut all, mut last_h, mut last_c) = (Vec::new(), Vec::new(), Vec::new());
        for (place, backwards) in directions.iter().enumerate() {
            let at = place as i64;
            let functions = functions.chunks_exact(cell.functions.len()).nth(place)?.to_vec();
            let (w, r) = if quantised {
                (self.dequantised_weight(node, 1, 8, at)?, self.dequantised_weight(node, 2, 10, at)?)
            } else {
                let perm = || vec![super::int_list("perm", vec![1, 0])];
                let (w, r) = (self.part(input(node, 1), at, node), self.part(input(node, 2), at, node));
                (self.node("Transpose", vec![w], perm(), node), self.node("Transpose", vec![r], perm(), node))
            };
            let mut xw = self.node("MatMul", vec![x.clone(), w], Vec::new(), node);
            let mut candidate = None;
            if !input(node, 3).is_empty() {
                let b = self.part(input(node, 3), at, node);
                let width = cell.gates * units;
                let of_input = self.columns(&b, 0, width, node);
                let of_state = self.columns(&b, width, 2 * width, node);
                xw = self.node("Add", vec![xw, of_input], Vec::new(), node);
                if cell.kind == Kind::Gru && set("linear_before_reset") {
                    let gates = self.columns(&of_state, 0, 2 * units, node);
                    let zeros = self.floats(&vec![0.0; usize::try_from(units).ok()?], false, node);
                    let gates = self.node("Concat", vec![gates, zeros], vec![int("axis", 0)], node);
                    xw = self.node("Add", vec![xw, gates], Vec::new(), node);
                    candidate = Some(self.columns(&of_state, 2 * units, 3 * units, node));
                } else {
                    xw = self.node("Add", vec![xw, of_state], Vec::new(), node);
                }
            }
            let peepholes = if cell.kind == Kind::Lstm && !input(node, 7).is_empty() {
                let p = self.part(input(node, 7), at, node);
                Some([0, 1, 2].map(|gate| self.columns(&p, gate * units, (gate + 1) * units, node)))
            } else {
                None
            };
            let direction = Direction { r, candidate, peepholes, functions };
            let (mut h, mut c) = (self.state(&h0, at, units, node)?, self.state(&c0, at, units, node)?);
            let mut outputs = vec![String::new(); usize::try_from(steps).ok()?];
            for step in 0..steps {
                let t = if *backwards { steps - 1 - step } else { step };
                let index = self.ints(&[t], true, node);
                let xt = self.node("Gather", vec![xw.clone(), index.clone()], vec![int("axis", 0)], node);
                let from = if quantised && !(step == 0 && h0.is_empty()) {
                    self.through_range(h.clone(), node)
                } else {
                    h.clone()
                };
                let (mut next_h, mut next_c) =
                    self.step(&cell, &direction, [&xt, &from, &h, &c], units, node)?;
                let mut y = next_h.clone();
                if !input(node, 4).is_empty() {
                    let to = vec![int("to", DType::I64 as i64)];
                    let lengths = self.node("Cast", vec![input(node, 4).to_owned()], to, node);
                    let alive = self.node("Greater", vec![lengths, index], Vec::new(), node);
                    let column = self.ints(&[-1, 1], false, node);
                    let alive = self.node("Reshape", vec![alive, column], Vec::new(), node);
                    let zero = self.floats(&[0.0], true, node);
                    y = self.node("Where", vec![alive.clone(), next_h.clone(), zero], Vec::new(), node);
                    next_h = self.node("Where", vec![alive.clone(), next_h, h], Vec::new(), node);
                    next_c = self.node("Where", vec![alive, next_c, c], Vec::new(), node);
                }
                (h, c) = (next_h, next_c);
                let axes = self.ints(&[0, 1], false, node);
                *outputs.get_mut(usize::try_from(t).ok()?)? =
                    self.node("Unsqueeze", vec![y, axes], Vec::new(), node);
            }
            all.push(self.node("Concat", outputs, vec![int("axis", 0)], node));
            for (state, list) in [(h, &mut last_h), (c, &mut last_c)] {
                let axis = self.ints(&[0], false, node);
                list.push(self.node("Unsqueeze", vec![state, axis], Vec::new(), node));
            }
        }
        for (place, parts, axis, order) in
            [(0, all, 1, vec![2, 0, 1, 3]), (1, last_h, 0, vec![1, 0, 2]), (2, last_c, 0, vec![1, 0, 2])]
        {
            let name = output(node, place).to_owned();
            if name.is_empty() {
                continue;
            }
            let joined = vec![int("axis", axis)];
            if batch_first {
                let joined = self.node("Concat", parts, joined, node);
                self.put("Transpose", vec![joined], vec![super::int_list("perm", order)], node, name);
            } else {
                self.put("Concat", parts, joined, node, name);
            }
        }
        Some(())
    }

    /// One step: the next state, and the next cell of an LSTM. `[xt, from, h, c]`: the input's product, the state that is
    /// multiplied, the state, the cell.
    fn step(
        &mut self,
        cell: &Cell,
        d: &Direction,
        [xt, from, h, c]: [&str; 4],
        units: i64,
        node: &NodeProto,
    ) -> Option<(String, String)> {
        let op = |made: &mut Self, op: &str, a: &str, b: &str| {
            made.node(op, vec![a.to_owned(), b.to_owned()], Vec::new(), node)
        };
        let gate =
            |made: &mut Self, all: &str, at: i64| made.last_columns(all, at * units, (at + 1) * units, node);
        let acts = |made: &mut Self, which: usize, value: String| -> Option<String> {
            let value = made.clipped(value, node);
            Some(made.act(*d.functions.get(which)?, value, node))
        };
        match cell.kind {
            Kind::Rnn => {
                let hr = op(self, "MatMul", from, &d.r);
                let sum = op(self, "Add", xt, &hr);
                Some((acts(self, 0, sum)?, c.to_owned()))
            }
            Kind::Gru => {
                let gates = self.last_columns(&d.r, 0, 2 * units, node);
                let candidate = self.last_columns(&d.r, 2 * units, 3 * units, node);
                let hr = op(self, "MatMul", from, &gates);
                let zr = self.last_columns(xt, 0, 2 * units, node);
                let zr = op(self, "Add", &zr, &hr);
                let zr = acts(self, 0, zr)?;
                let (z, r) = (gate(self, &zr, 0), gate(self, &zr, 1));
                let reset = if attribute(node, "linear_before_reset").is_some_and(|a| a.i() != 0) {
                    let mut product = op(self, "MatMul", from, &candidate);
                    if let Some(bias) = &d.candidate {
                        product = op(self, "Add", &product, bias);
                    }
                    op(self, "Mul", &r, &product)
                } else {
                    let kept = op(self, "Mul", &r, from);
                    op(self, "MatMul", &kept, &candidate)
                };
                let own = gate(self, xt, 2);
                let sum = op(self, "Add", &own, &reset);
                let new = acts(self, 1, sum)?;
                // (1 - z) new + z h = new + z (h - new).
                let away = op(self, "Sub", h, &new);
                let away = op(self, "Mul", &z, &away);
                Some((op(self, "Add", &new, &away), c.to_owned()))
            }
            Kind::Lstm => {
                let hr = op(self, "MatMul", from, &d.r);
                let sum = op(self, "Add", xt, &hr);
                let [mut i, mut o, mut f, new] = [0, 1, 2, 3].map(|at| gate(self, &sum, at));
                if let Some([pi, _, pf]) = &d.peepholes {
                    let (seen_i, seen_f) = (op(self, "Mul", pi, c), op(self, "Mul", pf, c));
                    (i, f) = (op(self, "Add", &i, &seen_i), op(self, "Add", &f, &seen_f));
                }
                let i = acts(self, 0, i)?;
                let f = if attribute(node, "input_forget").is_some_and(|a| a.i() != 0) {
                    let one = self.floats(&[1.0], true, node);
                    op(self, "Sub", &one, &i)
                } else {
                    acts(self, 0, f)?
                };
                let new = acts(self, 1, new)?;
                let (kept, added) = (op(self, "Mul", &f, c), op(self, "Mul", &i, &new));
                let next = op(self, "Add", &kept, &added);
                if let Some([_, po, _]) = &d.peepholes {
                    let seen = op(self, "Mul", po, &next);
                    o = op(self, "Add", &o, &seen);
                }
                let o = acts(self, 0, o)?;
                let shown = self.act(*d.functions.get(2)?, next.clone(), node);
                Some((op(self, "Mul", &o, &shown), next))
            }
        }
    }

    /// A function of a cell.
    fn act(&mut self, function: Function, x: String, node: &NodeProto) -> String {
        let Function { name, alpha, beta } = function;
        let by = |made: &mut Self, op: &str, x: String, number: f32| {
            let number = made.floats(&[number], true, node);
            made.node(op, vec![x, number], Vec::new(), node)
        };
        match name {
            "Affine" => {
                let scaled = by(self, "Mul", x, alpha);
                by(self, "Add", scaled, beta)
            }
            "ScaledTanh" => {
                let scaled = by(self, "Mul", x, beta);
                let tanh = self.node("Tanh", vec![scaled], Vec::new(), node);
                by(self, "Mul", tanh, alpha)
            }
            "ThresholdedRelu" => {
                let reached = by(self, "GreaterOrEqual", x.clone(), alpha);
                let zero = self.floats(&[0.0], true, node);
                self.node("Where", vec![reached, x, zero], Vec::new(), node)
            }
            "HardSigmoid" => self.node(name, vec![x], vec![float("alpha", alpha), float("beta", beta)], node),
            "Elu" | "LeakyRelu" => self.node(name, vec![x], vec![float("alpha", alpha)], node),
            _ => self.node(name, vec![x], Vec::new(), node),
        }
    }

    fn clipped(&mut self, value: String, node: &NodeProto) -> String {
        let Some(clip) = attribute(node, "clip").map(|a| a.f()) else { return value };
        let (low, high) = (self.floats(&[-clip], true, node), self.floats(&[clip], true, node));
        self.node("Clip", vec![value, low, high], Vec::new(), node)
    }

    /// One direction's part of a tensor, without the axis of directions.
    fn part(&mut self, name: &str, at: i64, node: &NodeProto) -> String {
        let index = self.ints(&[at], true, node);
        self.node("Gather", vec![name.to_owned(), index], vec![int("axis", 0)], node)
    }

    /// A state to start from, samples x units; a row of zeros where none is given.
    fn state(&mut self, name: &str, at: i64, units: i64, node: &NodeProto) -> Option<String> {
        if !name.is_empty() {
            return Some(self.part(name, at, node));
        }
        let zeros = self.floats(&vec![0.0; usize::try_from(units).ok()?], false, node);
        let axis = self.ints(&[0], false, node);
        Some(self.node("Unsqueeze", vec![zeros, axis], Vec::new(), node))
    }

    /// Entries of a vector.
    fn columns(&mut self, name: &str, from: i64, to: i64, node: &NodeProto) -> String {
        self.last_columns(name, from, to, node)
    }

    /// Entries along the last axis.
    fn last_columns(&mut self, name: &str, from: i64, to: i64, node: &NodeProto) -> String {
        let [from, to, axis] = [from, to, -1].map(|n| self.ints(&[n], false, node));
        self.node("Slice", vec![name.to_owned(), from, to, axis], Vec::new(), node)
    }

    /// A weight of one direction as floats, inputs x gates: scale and zero point stand at `scale` and behind it.
    fn dequantised_weight(
        &mut self,
        node: &NodeProto,
        place: usize,
        scale: usize,
        at: i64,
    ) -> Option<String> {
        let to = || vec![int("to", DType::F32 as i64)];
        let w = self.part(input(node, place), at, node);
        let mut w = self.node("Cast", vec![w], to(), node);
        for (place, op) in [(scale + 1, "Sub"), (scale, "Mul")] {
            if input(node, place).is_empty() {
                continue;
            }
            let by = self.part(input(node, place), at, node);
            let by = self.node("Cast", vec![by], to(), node);
            w = self.node(op, vec![w, by], Vec::new(), node);
        }
        Some(w)
    }

    /// A value quantised by its own range to 8 bits and back, as a dynamic quantiser does: the range holds 0, and where it
    /// is nothing but 0, the scale is 1.
    fn through_range(&mut self, x: String, node: &NodeProto) -> String {
        let op = |made: &mut Self, op: &str, inputs: &[&String]| {
            made.node(op, inputs.iter().map(|name| (*name).clone()).collect(), Vec::new(), node)
        };
        let (scale, point) = self.range(&x, node);
        let [zero, levels] = [0.0, 255.0].map(|n| self.floats(&[n], true, node));
        let steps = op(self, "Div", &[&x, &scale]);
        let steps = op(self, "Round", &[&steps]);
        let steps = op(self, "Add", &[&steps, &point]);
        let steps = op(self, "Clip", &[&steps, &zero, &levels]);
        let back = op(self, "Sub", &[&steps, &point]);
        op(self, "Mul", &[&back, &scale])
    }
}
