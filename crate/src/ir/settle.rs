//! The graph with values for its symbols and inferred shapes. A guess that makes a shape impossible is moved.
//!
//! A guess is impossible where shapes that hold for symbols do not hold for it: a window wider than its input, a Reshape
//! or a matrix that asks for another size. Then usual sizes are tried in turn, and where none fits, the symbol stays open.

use super::bind::{Bindings, Bound, Guess, SizeOf, bind};
use super::graph::{Graph, Source};
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
        // What stays unknown whatever the value is.
        let with = |guess: Option<i64>, why: &str| -> Result<(Graph, Vec<Bound>)> {
            let mut bindings = bindings.clone();
            bindings.guesses.push(Guess { size, value: guess, why: why.to_owned() });
            let mut graph = graph.clone();
            let bound = bind(&mut graph, &bindings)?;
            infer(&mut graph);
            Ok((graph, bound))
        };
        let symbolic = with(None, "")?;
        let least = open(&symbolic.0);
        if open(&first) <= least {
            continue;
        }
        let was = bound.iter().find(|b| b.guess == Some(size)).and_then(|b| b.value).unwrap_or(0);
        let reason = impossible(&first, &symbolic.0);
        let moved = format!("{was} is impossible: {reason}");
        let mut settled = None;
        for candidate in candidates {
            let tried = with(Some(*candidate), &moved)?;
            if open(&tried.0) <= least {
                settled = Some(tried);
                break;
            }
        }
        (first, bound) = match settled {
            Some(settled) => settled,
            None => with(None, &moved)?,
        };
    }
    Ok((first, bound))
}

/// Values that nodes make and whose shape is not known, not even with symbols.
fn open(graph: &Graph) -> usize {
    let made = graph.values.iter().filter(|value| matches!(value.source, Source::Node(..)));
    made.filter(|value| value.why.is_some()).count()
}

/// Why a value has no shape that has one for symbols.
fn impossible(guessed: &Graph, symbolic: &Graph) -> String {
    let mut both = guessed.values.iter().zip(&symbolic.values);
    let first = both.find(|(guessed, symbolic)| guessed.why.is_some() && symbolic.why.is_none());
    let said = first.and_then(|(guessed, _)| Some((guessed.why.as_deref()?, guessed.name.as_str())));
    said.map_or_else(|| "a shape does not fit".to_owned(), |(why, name)| format!("{why} ({name})"))
}
