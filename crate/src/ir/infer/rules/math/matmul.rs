//! Matrix products and determinants.

use super::Rule;
use crate::ir::dim::Dim;
use crate::ir::dtype::DType;
use crate::ir::graph::Shape;
use crate::ir::infer::{Ctx, Inferred, Why, broadcast};
use crate::ir::windows::agree;

pub(super) fn find(op: &str) -> Option<Rule> {
    Some(match op {
        "MatMul" => |ctx| matmul(ctx, ctx.dtype(0).or(ctx.dtype(1))),
        "MatMulInteger" => |ctx| matmul(ctx, Some(DType::I32)),
        "Gemm" => gemm,
        "Det" => det,
        _ => return None,
    })
}

fn matmul(ctx: &mut Ctx<'_>, dtype: Option<DType>) -> Inferred {
    ctx.set_dtype(0, dtype);
    let shape = product(ctx.shape(0)?, ctx.shape(1)?)?;
    ctx.set(0, dtype, shape);
    Ok(())
}

/// `[.., m, k] x [.., k, n] = [.., m, n]`, leading axes broadcast; a vector stands as a row on the
/// left and a column on the right, and its axis goes. 2x3x4 by 4x5 gives 2x3x5; 4 by 4x5 gives 5.
pub(in crate::ir::infer::rules) fn product(a: &[Dim], b: &[Dim]) -> Result<Shape, Why> {
    let scalar = || Why::new("a scalar takes no matrix product");
    let (a_lead, m, k) = match a {
        [] => return Err(scalar()),
        [k] => (&[][..], None, k),
        [lead @ .., m, k] => (lead, Some(m), k),
    };
    let (b_lead, other, n) = match b {
        [] => return Err(scalar()),
        [k] => (&[][..], k, None),
        [lead @ .., k, n] => (lead, k, Some(n)),
    };
    if let (Some(x), Some(y)) = (k.known(), other.known())
        && x != y
    {
        return Err(Why::broken(format!("a matrix product of inner sizes {x} and {y}")));
    }
    let mut shape = broadcast(a_lead, b_lead)?;
    shape.extend(m.into_iter().chain(n).cloned());
    Ok(shape)
}

/// `[m, k] x [k, n] = [m, n]`, after the transpositions asked for. 3x2 (transA) by 3x5 gives 2x5.
fn gemm(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0).or(ctx.dtype(1));
    let side = |input: usize, transposed: &str, axis: usize| {
        let flipped = ctx.attrs().int_or(transposed, 0) != 0;
        let shape = ctx.shape(input)?;
        let size = shape.get(if flipped { 1 - axis } else { axis }).filter(|_| shape.len() == 2);
        size.cloned().ok_or_else(|| Why::new(format!("input {input} of Gemm is not a matrix")))
    };
    let (m, n) = (side(0, "transA", 0), side(1, "transB", 1));
    let known = |size: &Result<Dim, Why>| size.as_ref().map_or(Dim::Unknown, Dim::clone);
    let inner = (side(0, "transA", 1), side(1, "transB", 0));
    ctx.set(0, dtype, vec![known(&m), known(&n)]);
    if let (Ok(a), Ok(b)) = inner {
        agree(&a, &b, "inner sizes of Gemm")?;
    }
    m.and(n).map(drop)
}

/// The last two axes go. 4x3x3 gives 4.
fn det(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    ctx.set_dtype(0, dtype);
    let shape = ctx.shape(0)?;
    let lead = shape.len().checked_sub(2).and_then(|lead| shape.get(..lead));
    let lead = lead.ok_or_else(|| Why::new("a determinant needs a matrix"))?.to_vec();
    ctx.set(0, dtype, lead);
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn products_of_matrices_and_vectors() {
        let cases: [(&[i64], &[i64], Option<&[i64]>); 7] = [
            (&[2, 3], &[3, 4], Some(&[2, 4])),
            (&[3], &[3], Some(&[])),
            (&[3], &[5, 3, 4], Some(&[5, 4])),
            (&[5, 2, 3], &[3], Some(&[5, 2])),
            (&[7, 1, 2, 3], &[6, 3, 4], Some(&[7, 6, 2, 4])),
            (&[2, 3], &[4, 5], None),
            (&[], &[1], None),
        ];
        let shape = |sizes: &[i64]| -> Shape { sizes.iter().copied().map(Dim::Known).collect() };
        let failed: Vec<_> = cases
            .iter()
            .filter(|(a, b, wanted)| product(&shape(a), &shape(b)).ok() != wanted.map(shape))
            .collect();
        assert!(failed.is_empty(), "{failed:?}");
    }
}
