//! The graph with values for its symbols and inferred shapes. A guess that makes a shape impossible is moved.
//!
//! A guess is impossible where fewer shapes are known than with another value or none: a window wider than its input, a
//! Reshape or a matrix that asks for another size. Then usual sizes are tried in turn; where none fits, the symbol stays open.

use super::bind::{Bindings, Bound, Guess, SizeOf, bind};
use super::graph::{Graph, Source, Value};
use super::infer::infer;
use crate::error::Result;

/// Sides of images that networks are made for, most usual first.
const IMAGES: [i64; 24] = [
    256, 320, 640, 32, 28, 64, 128, 96, 112, 160, 192, 288, 299, 384, 416, 448, 480, 512, 608, 736, 768, 800,
    960, 1024,
];
/// Lengths of texts and signals.
const LENGTHS: [i64; 22] = [
    256, 512, 1024, 2048, 4096, 8192, 16_000, 16_384, 32_000, 32_768, 48_000, 64_000, 65_536, 131_072,
    262_144, 77, 64, 100, 200, 300, 400, 3000,
];

/// Binds the symbols and infers every shape.
///
/// # Errors
/// As [`bind`].
pub fn settle(graph: Graph, bindings: &Bindings) -> Result<(Graph, Vec<Bound>)> {
    let mut first = graph.clone();
    let mut bound = bind(&mut first, bindings)?;
    infer(&mut first);
    let guessed: Vec<SizeOf> = bound.iter().filter_map(|b| b.guess).collect();
    if open(&first) == 0 || guessed.is_empty() {
        return Ok((first, bound));
    }
    for (size, candidates) in [(SizeOf::Image, &IMAGES[..]), (SizeOf::Length, &LENGTHS[..])] {
        if !guessed.contains(&size) {
            continue;
        }
        let with = |value: Option<i64>| -> Result<(Graph, Vec<Bound>)> {
            let mut bindings = bindings.clone();
            bindings.guesses.push(Guess { size, value, why: String::new() });
            let mut graph = graph.clone();
            let bound = bind(&mut graph, &bindings)?;
            infer(&mut graph);
            Ok((graph, bound))
        };
        // What stays unknown whatever the value is: left open, or of some that are far apart.
        let mut least = open(&with(None)?.0);
        for candidate in candidates.iter().step_by(5) {
            least = least.min(open(&with(Some(*candidate))?.0));
        }
        if open(&first) <= least {
            continue;
        }
        let mut settled = with(None)?;
        for candidate in candidates {
            let tried = with(Some(*candidate))?;
            if open(&tried.0) <= least {
                settled = tried;
                break;
            }
        }
        let was = bound.iter().find(|b| b.guess == Some(size)).and_then(|b| b.value).unwrap_or(0);
        let reason = format!("{was} is impossible: {}", impossible(&first, &settled.0));
        (first, bound) = settled;
        for moved in bound.iter_mut().filter(|b| b.guess == Some(size)) {
            moved.why.clone_from(&reason);
        }
    }
    Ok((first, bound))
}

/// Values that nodes make and whose shape is not known, not even with symbols, or in contradiction.
fn open(graph: &Graph) -> usize {
    let made = graph.values.iter().filter(|value| matches!(value.source, Source::Node(..)));
    made.filter(|value| value.why.is_some() || value.fault.is_some()).count()
}

/// Why a value has no shape under the guess that has one under another.
fn impossible(guessed: &Graph, settled: &Graph) -> String {
    let mut both = guessed.values.iter().zip(&settled.values);
    let stuck = |value: &Value| value.why.is_some() || value.fault.is_some();
    let first = both.find(|(guessed, settled)| stuck(guessed) && !stuck(settled));
    let said = first.and_then(|(guessed, _)| {
        Some((guessed.fault.as_deref().or(guessed.why.as_deref())?, guessed.name.as_str()))
    });
    said.map_or_else(|| "a shape does not fit".to_owned(), |(why, name)| format!("{why} ({name})"))
}
