//! Operators that keep the elements and their order, but not the shape; and Transpose.

use super::{Rule, fold};
use crate::ir::dim::Dim;
use crate::ir::graph::Shape;
use crate::ir::infer::{Ctx, Inferred, Why};
use crate::limits::MAX_RANK;

pub(super) fn find(op: &str) -> Option<Rule> {
    Some(match op {
        "Reshape" => reshape,
        "Flatten" => flatten,
        "Squeeze" => squeeze,
        "Unsqueeze" => unsqueeze,
        "Transpose" => transpose,
        "DepthToSpace" => |ctx| blocks(ctx, true),
        "SpaceToDepth" => |ctx| blocks(ctx, false),
        _ => return None,
    })
}

/// Sets output 0 to the elements of input 0 under another shape.
fn view(ctx: &mut Ctx<'_>, shape: Shape) -> Inferred {
    let folded = ctx.constant(0).and_then(|from| fold::reshaped(from, &shape));
    ctx.set(0, ctx.dtype(0), shape);
    ctx.fold(0, folded);
    Ok(())
}

/// 0 keeps the input's dimension at that place (unless `allowzero`), -1 takes what is left.
/// nx3x4 to `[0, -1]`: nx12. The shape is input 1, an attribute before opset 5.
fn reshape(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    ctx.set_dtype(0, dtype);
    let target = match ctx.ints_or_attr(1, "shape") {
        Ok(target) => target.ok_or_else(|| Why::new("Reshape without a shape"))?,
        Err(why) => {
            let rank = ctx.length(1)?.min(MAX_RANK + 1);
            ctx.set(0, dtype, vec![Dim::Unknown; rank]);
            return Err(why);
        }
    };
    if target.len() > MAX_RANK {
        return Err(Why::new("Reshape to too many dimensions"));
    }
    let zero_is_zero = ctx.attrs().int_or("allowzero", 0) != 0;
    let shape = resolved(ctx.shape(0).ok(), &target, zero_is_zero)?;
    let whole = !shape.contains(&Dim::Unknown);
    view(ctx, shape)?;
    if whole { Ok(()) } else { Err(Why::new("a size of the new shape is computed from data")) }
}

fn resolved(input: Option<&[Dim]>, target: &[Dim], zero_is_zero: bool) -> Result<Shape, Why> {
    let mut left: Vec<Option<&Dim>> = input.unwrap_or_default().iter().map(Some).collect();
    let mut shape = Shape::with_capacity(target.len());
    let mut open = Vec::new();
    let mut rest = Dim::Known(1);
    for (place, size) in target.iter().enumerate() {
        let dim = match size {
            Dim::Known(0) if !zero_is_zero => {
                let kept = input.and_then(|shape| shape.get(place));
                if input.is_some() && kept.is_none() {
                    return Err(Why::new(format!("Reshape keeps dimension {place}, which is not there")));
                }
                // What is kept stands on both sides and falls out, known or not.
                if let Some(slot) = left.get_mut(place) {
                    *slot = None;
                }
                kept.cloned().unwrap_or(Dim::Unknown)
            }
            Dim::Known(-1) | Dim::Unknown => {
                open.push(place);
                Dim::Unknown
            }
            Dim::Known(n) if *n < 0 => return Err(Why::new(format!("Reshape to a size of {n}"))),
            size => {
                rest = rest.mul(size);
                size.clone()
            }
        };
        shape.push(dim);
    }
    let total = input.map_or(Dim::Unknown, |_| Dim::product(left.into_iter().flatten()));
    if let [place] = open.as_slice()
        && let Some(slot) = shape.get_mut(*place)
    {
        *slot = total.div_exact(&rest);
    }
    let mismatch = open.is_empty() && total.same(&rest) == Some(false);
    if mismatch { Err(Why::new("Reshape to another number of elements")) } else { Ok(shape) }
}

/// `[product of the axes before, product of the others]`. 2x3x4 at axis 1: 2x12.
fn flatten(ctx: &mut Ctx<'_>) -> Inferred {
    ctx.set(0, ctx.dtype(0), vec![Dim::Unknown; 2]);
    let shape = ctx.shape(0)?;
    let axis = ctx.attrs().int_or("axis", 1);
    let place = if axis == shape.len() as i64 { shape.len() } else { Ctx::axis(axis, shape.len())? };
    let (before, after) = shape.split_at(place);
    view(ctx, vec![Dim::product(before), Dim::product(after)])
}

/// The axes of an attribute, or of input 1 from opset 13.
fn axes(ctx: &Ctx<'_>) -> Result<Option<Vec<i64>>, Why> {
    let axes = ctx.ints_or_attr(1, "axes")?;
    let known = |axes: Vec<Dim>| axes.iter().map(Dim::known).collect::<Option<Vec<i64>>>();
    match axes {
        Some(axes) => {
            let numbers = known(axes).ok_or_else(|| Why::new("an axis is computed from data"))?;
            Ok(Some(numbers))
        }
        None => Ok(None),
    }
}

/// Drops the axes, or every axis of 1 when none is named. 1x3x1 gives 3.
fn squeeze(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    ctx.set_dtype(0, dtype);
    let shape = ctx.shape(0)?;
    let axes = match axes(ctx) {
        Ok(axes) => axes,
        Err(why) => {
            let rank = shape.len().checked_sub(ctx.length(1)?);
            let rank = rank.ok_or_else(|| why.clone())?;
            ctx.set(0, dtype, vec![Dim::Unknown; rank]);
            return Err(why);
        }
    };
    let mut gone = vec![false; shape.len()];
    match axes {
        Some(axes) => {
            for axis in axes {
                gone[Ctx::axis(axis, shape.len())?] = true;
            }
        }
        None => {
            for (dim, gone) in shape.iter().zip(&mut gone) {
                let one = dim.same(&Dim::Known(1));
                *gone = one.ok_or_else(|| Why::new("Squeeze of every axis of 1, but one is not known"))?;
            }
        }
    }
    // What is more than 1 cannot go: the rank of what is left is known all the same.
    let wide = shape
        .iter()
        .zip(&gone)
        .filter(|(_, gone)| **gone)
        .find_map(|(dim, _)| dim.known().filter(|n| *n != 1));
    let kept = shape.iter().zip(gone).filter(|(_, gone)| !gone).map(|(dim, _)| dim.clone()).collect();
    view(ctx, kept)?;
    match wide {
        Some(size) => Err(Why::broken(format!("Squeeze of an axis of {size}"))),
        None => Ok(()),
    }
}

/// Axes of 1 at those places of the output. 3x4 at 0 and -1: 1x3x4x1.
fn unsqueeze(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    ctx.set_dtype(0, dtype);
    let shape = ctx.shape(0)?;
    let axes = match axes(ctx) {
        Ok(axes) => axes.ok_or_else(|| Why::new("Unsqueeze without axes"))?,
        Err(why) => {
            let rank = ctx.length(1)?.saturating_add(shape.len()).min(MAX_RANK + 1);
            ctx.set(0, dtype, vec![Dim::Unknown; rank]);
            return Err(why);
        }
    };
    let rank = shape.len().saturating_add(axes.len());
    if rank > MAX_RANK {
        return Err(Why::new("Unsqueeze to too many dimensions"));
    }
    let mut new = vec![false; rank];
    for axis in axes {
        let slot = &mut new[Ctx::axis(axis, rank)?];
        if std::mem::replace(slot, true) {
            return Err(Why::new("Unsqueeze names an axis twice"));
        }
    }
    let mut old = shape.iter();
    let dims = new.into_iter().map(|new| if new { Some(Dim::Known(1)) } else { old.next().cloned() });
    let shape: Option<Shape> = dims.collect();
    view(ctx, shape.ok_or_else(|| Why::new("the axes of Unsqueeze do not fit"))?)
}

/// Axis `i` of the output is axis `perm[i]` of the input; reversed by default. 2x3x4: 4x3x2.
fn transpose(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    ctx.set_dtype(0, dtype);
    let perm = ctx.attrs().ints("perm");
    let Ok(shape) = ctx.shape(0) else {
        if let Some(perm) = perm {
            ctx.set(0, dtype, vec![Dim::Unknown; perm.len().min(MAX_RANK + 1)]);
        }
        return ctx.shape(0).map(drop);
    };
    let rank = shape.len();
    let perm: Vec<usize> = match perm {
        Some(perm) => perm.iter().map(|axis| Ctx::axis(*axis, rank)).collect::<Result<_, _>>()?,
        None => (0..rank).rev().collect(),
    };
    let mut sorted = perm.clone();
    sorted.sort_unstable();
    if !sorted.into_iter().eq(0..rank) {
        return Err(Why::new("perm of Transpose does not fit its input"));
    }
    let out: Shape = perm.iter().map(|axis| shape[*axis].clone()).collect();
    let folded = ctx.constant(0).filter(|from| from.dims.len() == rank).and_then(|from| {
        let strides = fold::strides(&from.dims);
        let dims: Vec<u64> = perm.iter().map(|axis| from.dims[*axis]).collect();
        let place = |at: Vec<usize>| Some(at.iter().zip(&perm).map(|(at, axis)| at * strides[*axis]).sum());
        let places: Vec<_> = fold::coordinates(&dims)?.into_iter().map(place).collect();
        fold::pick(from, dims, &places)
    });
    ctx.set(0, dtype, out);
    ctx.fold(0, folded);
    Ok(())
}

/// Blocks of `b x b` pixels to channels or back. DepthToSpace, b = 2: 1x8x2x3 gives 1x2x4x6.
fn blocks(ctx: &mut Ctx<'_>, to_space: bool) -> Inferred {
    let dtype = ctx.dtype(0);
    ctx.set(0, dtype, vec![Dim::Unknown; 4]);
    let [n, c, h, w] = ctx.shape(0)? else { return Err(Why::new("the input needs four dimensions")) };
    let block = ctx.attrs().int("blocksize").filter(|b| *b > 0).map(Dim::Known);
    let block = block.ok_or_else(|| Why::new("no blocksize"))?;
    let area = block.mul(&block);
    let shape = match to_space {
        true => vec![n.clone(), c.div_exact(&area), h.mul(&block), w.mul(&block)],
        false => vec![n.clone(), c.mul(&area), h.div_exact(&block), w.div_exact(&block)],
    };
    ctx.set(0, dtype, shape);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_resolve() {
        let n = crate::ir::dim::Symbols::default().intern("n");
        let n = Dim::symbol(n);
        let k = Dim::Known;
        let unknown = Dim::Unknown;
        let cases = [
            (vec![n.clone(), k(3), k(4)], vec![k(0), k(-1)], vec![n.clone(), k(12)]),
            (vec![n.clone(), k(3), k(4)], vec![k(-1), k(6)], vec![n.mul(&k(2)), k(6)]),
            (vec![unknown.clone(), k(3), k(4)], vec![k(0), k(-1)], vec![unknown.clone(), k(12)]),
            (vec![k(2), k(12)], vec![unknown.clone(), k(3)], vec![k(8), k(3)]),
            (vec![k(2), k(12)], vec![unknown.clone(), k(-1)], vec![unknown.clone(), unknown.clone()]),
            (vec![n.clone(), k(12)], vec![n.clone(), k(3), k(-1)], vec![n.clone(), k(3), k(4)]),
            (vec![k(0), k(3)], vec![k(3), k(-1)], vec![k(3), k(0)]),
        ];
        let failed: Vec<_> = cases
            .iter()
            .filter(|(input, target, wanted)| resolved(Some(input), target, false).as_ref() != Ok(wanted))
            .collect();
        assert!(failed.is_empty(), "{failed:?}");
        assert!(resolved(Some(&[k(6)]), &[k(4)], false).is_err());
    }
}
