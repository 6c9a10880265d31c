//! Einstein sums.

use super::Rule;
use crate::ir::dim::Dim;
use crate::ir::graph::Shape;
use crate::ir::infer::{Ctx, Inferred, Why, broadcast};
use crate::ir::small_map::SmallMap;

pub(super) fn find(op: &str) -> Option<Rule> {
    (op == "Einsum").then_some(einsum as Rule)
}

fn einsum(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = (0..ctx.inputs()).find_map(|i| ctx.dtype(i));
    ctx.set_dtype(0, dtype);
    let equation = ctx.attrs().str("equation").ok_or_else(|| Why::new("Einsum without an equation"))?;
    let inputs = (0..ctx.inputs()).map(|i| ctx.shape(i)).collect::<Result<Vec<_>, _>>()?;
    let shape = output(equation, &inputs)?;
    ctx.set(0, dtype, shape);
    Ok(())
}

/// Each letter names a dimension; `...` stands for axes that broadcast. `bij,bjk->bik` of 2x3x4 and
/// 2x4x5 gives 2x3x5. Without `->`: the ellipsis, then the letters that occur once, in order.
fn output(equation: &str, inputs: &[&[Dim]]) -> Result<Shape, Why> {
    let equation: String = equation.chars().filter(|c| !c.is_whitespace()).collect();
    let (left, right) = match equation.split_once("->") {
        Some((left, right)) => (left, Some(right)),
        None => (equation.as_str(), None),
    };
    let terms: Vec<&str> = left.split(',').collect();
    let malformed = || Why::new(format!("the equation {equation} does not fit its inputs"));
    if terms.len() != inputs.len() {
        return Err(malformed());
    }
    let mut sizes: SmallMap<char, (Dim, usize)> = SmallMap::default();
    let mut dots = Shape::new();
    for (term, shape) in terms.iter().zip(inputs) {
        let (before, after) = term.split_once("...").unwrap_or((term, ""));
        let letters = before.chars().count() + after.chars().count();
        let free = shape.len().checked_sub(letters).ok_or_else(malformed)?;
        if free > 0 && !term.contains("...") {
            return Err(malformed());
        }
        let start = before.chars().count();
        let (head, rest) = shape.split_at_checked(start).ok_or_else(malformed)?;
        let (middle, tail) = rest.split_at_checked(free).ok_or_else(malformed)?;
        dots = broadcast(&dots, middle)?;
        for (letter, dim) in before.chars().chain(after.chars()).zip(head.iter().chain(tail)) {
            let (size, times) = sizes.get(&letter).cloned().unwrap_or((Dim::Known(1), 0));
            let joined = broadcast(&[size], std::slice::from_ref(dim))?;
            sizes.insert(letter, (joined.into_iter().next().unwrap_or(Dim::Unknown), times + 1));
        }
    }
    let size = |letter: char| sizes.get(&letter).map(|(size, _)| size.clone()).ok_or_else(malformed);
    let Some(right) = right else {
        let once = sizes.iter().filter(|(_, (_, times))| *times == 1).map(|(letter, _)| size(*letter));
        return dots.into_iter().map(Ok).chain(once).collect();
    };
    match right.split_once("...") {
        Some((before, after)) => (before.chars().map(size))
            .chain(dots.iter().cloned().map(Ok))
            .chain(after.chars().map(size))
            .collect(),
        None => right.chars().map(size).collect(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn equations() {
        let cases: [(&str, &[&[i64]], Option<&[i64]>); 8] = [
            ("bij, bjk -> bik", &[&[2, 3, 4], &[2, 4, 5]], Some(&[2, 3, 5])),
            ("ij->ji", &[&[3, 4]], Some(&[4, 3])),
            ("ij->", &[&[3, 4]], Some(&[])),
            ("...ii->...i", &[&[2, 3, 3]], Some(&[2, 3])),
            ("i,i", &[&[5], &[5]], Some(&[])),
            ("ba,ac", &[&[2, 3], &[3, 4]], Some(&[2, 4])),
            ("ij->ik", &[&[3, 4]], None),
            ("ij", &[&[3]], None),
        ];
        let shape = |sizes: &[i64]| -> Shape { sizes.iter().copied().map(Dim::Known).collect() };
        let failed: Vec<_> = cases
            .iter()
            .filter(|(equation, inputs, wanted)| {
                let shapes: Vec<Shape> = inputs.iter().map(|i| shape(i)).collect();
                let views: Vec<&[Dim]> = shapes.iter().map(Vec::as_slice).collect();
                output(equation, &views).ok() != wanted.map(shape)
            })
            .collect();
        assert!(failed.is_empty(), "{failed:?}");
    }
}
