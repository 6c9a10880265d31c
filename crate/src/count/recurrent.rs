//! LSTM, GRU, RNN. MACs of a layer: directions*seq*batch*g*H*(I+H) with g = 4, 3, 1 gates. Two
//! directions, 16 steps, 32 inputs, 64 units: 2*16*4*64*96 = 786,432. The table shows one element
//! per unit, step and direction (2*16*64 = 2,048); the work lists the functions inside the gates.

use super::basics::{OVERFLOW, activation, product};
use super::view::View;
use super::{Activation, Counted, Kind, NodeCount, Work};

pub(super) fn find(domain: &str, op: &str) -> Option<fn(&View<'_>) -> Counted> {
    Some(match (domain, op) {
        ("", "LSTM") => |v| cell(v, &LSTM),
        ("", "GRU") => |v| cell(v, &GRU),
        ("", "RNN") => |v| cell(v, &RNN),
        ("com.microsoft", "DynamicQuantizeLSTM") => dynamic_lstm,
        _ => return None,
    })
}

/// What a cell does with each unit at each step.
struct Cell {
    kind: Kind,
    gates: u64,
    /// Its functions (in the order of the `activations` attribute) and how often each acts.
    functions: &'static [(&'static str, u64)],
    /// Products of two secret values.
    products: u64,
}

/// i, o, f by the first function; the cell input by the second, its output by the third; i*c, f*C, o*h(C).
const LSTM: Cell =
    Cell { kind: Kind::LSTM, gates: 4, functions: &[("Sigmoid", 3), ("Tanh", 1), ("Tanh", 1)], products: 3 };
/// z and r by the first function, the candidate by the second; r*H, (1-z)*h, z*H.
const GRU: Cell = Cell { kind: Kind::GRU, gates: 3, functions: &[("Sigmoid", 2), ("Tanh", 1)], products: 3 };
const RNN: Cell = Cell { kind: Kind::RNN, gates: 1, functions: &[("Tanh", 1)], products: 0 };

/// Weights stand the other way round, inputs x gates; the input is quantised as a whole, the state anew at each step. 6
/// steps of 1x5, 8 units: 6 * 32 * (5 + 8) = 2,496.
fn dynamic_lstm(view: &View<'_>) -> Counted {
    let turned = |place| -> Result<Vec<u64>, String> {
        let mut sizes = view.sizes(place)?;
        if let [_, a, b] = sizes.as_mut_slice() {
            std::mem::swap(a, b);
        }
        Ok(sizes)
    };
    let (x, w, r) = (view.sizes(0)?, turned(1)?, turned(2)?);
    let mut count = cell_of(view, &LSTM, &x, &w, &r)?;
    let ([steps, batch, _], [directions, ..], [_, _, units]) = (x.as_slice(), w.as_slice(), r.as_slice())
    else {
        return Err("a recurrent cell needs inputs of rank 3".to_owned());
    };
    let passes = product(&[*steps, *directions])?;
    super::quantised::quantised_anew(&mut count, product(&[*batch, *units])?, passes)?;
    super::quantised::quantised_anew(&mut count, product(&x)?, 1)?;
    Ok(count)
}

fn cell(view: &View<'_>, cell: &Cell) -> Counted {
    let (x, w, r) = (view.sizes(0)?, view.sizes(1)?, view.sizes(2)?);
    cell_of(view, cell, &x, &w, &r)
}

fn cell_of(view: &View<'_>, cell: &Cell, x: &[u64], w: &[u64], r: &[u64]) -> Counted {
    if view.secret(1) || view.secret(2) {
        return Err("recurrent weights that depend on the input have no rule".to_owned());
    }
    let ([a, b, inputs], [directions, rows, _], [_, _, units]) = (x, w, r) else {
        return Err("a recurrent cell needs inputs of rank 3".to_owned());
    };
    let batch_first = view.node.attrs.int_or("layout", 0) != 0;
    let (steps, batch) = if batch_first { (*b, *a) } else { (*a, *b) };
    if product(&[cell.gates, *units])? != *rows {
        return Err("the weights do not fit the cell".to_owned());
    }
    let positions = product(&[*directions, steps, batch])?;
    let width = inputs.checked_add(*units).ok_or(OVERFLOW)?;
    let macs = product(&[positions, *rows, width])?;
    let elements = product(&[positions, *units])?;
    let gates = product(&[positions, *rows])?;
    if *directions > 2 {
        return Err(format!("a recurrent layer of {directions} directions has no rule"));
    }
    // Each direction has weights of its own.
    let one = [
        Work::MatMul {
            batch: 1,
            m: product(&[steps, batch])?,
            k: *inputs,
            n: *rows,
            secret: false,
            steps: 1,
        },
        Work::MatMul { batch: 1, m: batch, k: *units, n: *rows, secret: false, steps },
    ];
    let mut work: Vec<Work> = (0..*directions).flat_map(|_| one.clone()).collect();
    for (kind, times) in functions(view, cell, *directions)? {
        // Functions of all directions share `elements`; a listed one acts in its own.
        let acts = product(&[elements.checked_div(*directions).unwrap_or(0), times])?;
        work.push(Work::Activation(activation(kind, acts)?));
    }
    let products = product(&[elements, cell.products])?;
    if products > 0 {
        work.push(Work::Product { elements: products });
    }
    let mut peepholes = 0;
    if cell.kind == Kind::LSTM && view.has(7) {
        peepholes = product(&[elements, 3])?;
        work.push(Work::Scale { elements: peepholes });
    }
    let truncations = [product(&[gates, 2])?, products, peepholes]
        .into_iter()
        .try_fold(0u64, |sum, part| sum.checked_add(part))
        .ok_or(OVERFLOW)?;
    let shown =
        Activation { kind: cell.kind, elements, rows: 0, row_length: 0, comparisons: 0, folded: false };
    Ok(NodeCount {
        rule: "recurrent",
        macs,
        macs_valid: macs,
        activation: Some(shown),
        work,
        products,
        truncations,
        bias: if view.has(3) { gates } else { 0 },
        ..NodeCount::default()
    })
}

/// Kinds and how often each acts per unit and step, over all directions.
fn functions(view: &View<'_>, cell: &Cell, directions: u64) -> Result<Vec<(Kind, u64)>, String> {
    let named: Vec<&str> = match view.node.attrs.get("activations") {
        Some(crate::ir::attrs::Attr::Strs(names)) => names.iter().map(String::as_str).collect(),
        _ => Vec::new(),
    };
    let directions =
        usize::try_from(directions).ok().filter(|d| (1..=2).contains(d)).ok_or("more than two directions")?;
    let mut sums: Vec<(Kind, u64)> = Vec::new();
    for direction in 0..directions {
        for (place, (default, times)) in cell.functions.iter().enumerate() {
            let name = named.get(direction * cell.functions.len() + place).copied().unwrap_or(default);
            let Some(kind) = gate(name)? else { continue };
            match sums.iter_mut().find(|(k, _)| *k == kind) {
                Some((_, sum)) => *sum += times,
                None => sums.push((kind, *times)),
            }
        }
    }
    Ok(sums)
}

/// Kind of a gate function; None where it is affine.
fn gate(name: &str) -> Result<Option<Kind>, String> {
    Ok(Some(match name.to_ascii_lowercase().as_str() {
        "sigmoid" => Kind::Sigmoid,
        "tanh" | "scaledtanh" => Kind::Tanh,
        "relu" => Kind::ReLU,
        "leakyrelu" => Kind::LeakyReLU,
        "thresholdedrelu" => Kind::ThresholdedReLU,
        "hardsigmoid" => Kind::HardSigmoid,
        "elu" => Kind::ELU,
        "softsign" => Kind::Softsign,
        "softplus" => Kind::Softplus,
        "affine" => return Ok(None),
        other => return Err(format!("the gate function {other} has no rule")),
    }))
}
