//! Shapes of matrix products, for the fused and quantised ones.

use crate::ir::dim::Dim;
use crate::ir::graph::Shape;
use crate::ir::infer::{Why, broadcast};
use crate::ir::windows::agree;

/// Product of stacks of matrices; a vector stands as a row on the left, as a column on the right.
/// 2x3x4 by 4x5: 2x3x5.
pub(super) fn product(a: &[Dim], b: &[Dim]) -> Result<Shape, Why> {
    let (row, column) = (a.len() == 1, b.len() == 1);
    let one = [Dim::Known(1)];
    let a = if row { [&one, a].concat() } else { a.to_vec() };
    let b = if column { [b, &one].concat() } else { b.to_vec() };
    let ([a_stack @ .., m, inner], [b_stack @ .., other, n]) = (a.as_slice(), b.as_slice()) else {
        return Err(Why::new("a matrix product of scalars"));
    };
    agree(inner, other, "inner sizes of the product")?;
    let mut shape = broadcast(a_stack, b_stack)?;
    shape.extend((!row).then(|| m.clone()));
    shape.extend((!column).then(|| n.clone()));
    Ok(shape)
}

/// Last two axes swapped.
pub(super) fn transposed(shape: &[Dim]) -> Shape {
    let mut shape = shape.to_vec();
    if let [.., a, b] = shape.as_mut_slice() {
        std::mem::swap(a, b);
    }
    shape
}
