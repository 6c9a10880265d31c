//! Folding: the elements of small tensors, computed as far as they are known.
//!
//! Everything here returns None rather than a guess, and stays within `MAX_FOLDED_ELEMENTS`.

use crate::ir::dim::Dim;
use crate::ir::dtype::DType;
use crate::ir::graph::{Const, Data};
use crate::limits::MAX_FOLDED_ELEMENTS;

/// Sizes of a shape whose dimensions are all numbers.
pub(super) fn sizes(shape: &[Dim]) -> Option<Vec<u64>> {
    shape.iter().map(|dim| dim.known().and_then(|n| u64::try_from(n).ok())).collect()
}

/// Number of elements; None past what folding may hold.
pub(super) fn count(dims: &[u64]) -> Option<usize> {
    let elements = dims.iter().try_fold(1u64, |product, dim| product.checked_mul(*dim))?;
    usize::try_from(elements).ok().filter(|n| *n <= MAX_FOLDED_ELEMENTS)
}

/// The tensor of `dims` whose elements stand at `places` of another, in order. A place that is None
/// is an unknown element.
pub(super) fn pick(from: &Const, dims: Vec<u64>, places: &[Option<usize>]) -> Option<Const> {
    if count(&dims)? != places.len() {
        return None;
    }
    let data = match &from.data {
        Data::Ints(values) => Data::Ints(
            places
                .iter()
                .map(|place| place.map_or(Some(Dim::Unknown), |place| values.get(place).cloned()))
                .collect::<Option<_>>()?,
        ),
        Data::Floats(values) => {
            Data::Floats(places.iter().map(|place| values.get((*place)?).copied()).collect::<Option<_>>()?)
        }
    };
    Some(Const { dims, data })
}

/// The same elements under other dimensions.
pub(super) fn reshaped(from: &Const, shape: &[Dim]) -> Option<Const> {
    let dims = sizes(shape)?;
    (count(&dims)? == from.len()).then(|| Const { dims, data: from.data.clone() })
}

/// Place in a row-major tensor of `dims` for each axis' step of one.
pub(super) fn strides(dims: &[u64]) -> Vec<usize> {
    let mut strides = vec![1usize; dims.len()];
    for axis in (1..dims.len()).rev() {
        strides[axis - 1] = strides[axis].saturating_mul(dims[axis] as usize);
    }
    strides
}

/// Coordinates of every element of a tensor of `dims`, row-major.
pub(super) fn coordinates(dims: &[u64]) -> Option<Vec<Vec<usize>>> {
    let elements = count(dims)?;
    let strides = strides(dims);
    let at = |place: usize| {
        strides.iter().zip(dims).map(|(stride, dim)| place / stride % (*dim).max(1) as usize).collect()
    };
    Some((0..elements).map(at).collect())
}

/// For each element of a tensor of `to`, where it stands in one of `from` that is broadcast to it.
pub(super) fn broadcast_places(from: &[u64], to: &[u64]) -> Option<Vec<Option<usize>>> {
    let lead = to.len().checked_sub(from.len())?;
    let fits = from.iter().zip(to.get(lead..)?).all(|(small, large)| small == large || *small == 1);
    fits.then_some(())?;
    let strides = strides(from);
    let place = |at: Vec<usize>| {
        let steps = at.iter().skip(lead).zip(&strides).zip(from);
        Some(steps.map(|((at, stride), dim)| if *dim == 1 { 0 } else { at * stride }).sum())
    };
    Some(coordinates(to)?.into_iter().map(place).collect())
}

/// Sizes that tensors of known sizes broadcast to.
pub(super) fn broadcast_sizes(all: &[&[u64]]) -> Option<Vec<u64>> {
    let rank = all.iter().map(|dims| dims.len()).max()?;
    (0..rank)
        .map(|axis| {
            let mut size = 1;
            for dims in all {
                let one = (axis + dims.len()).checked_sub(rank).and_then(|i| dims.get(i)).copied();
                match one.unwrap_or(1) {
                    1 => {}
                    n if size == 1 || size == n => size = n,
                    _ => return None,
                }
            }
            Some(size)
        })
        .collect()
}

/// A tensor broadcast to `dims`.
pub(super) fn stretched(from: &Const, dims: &[u64]) -> Option<Const> {
    count(dims)?;
    pick(from, dims.to_vec(), &broadcast_places(&from.dims, dims)?)
}

/// An integer as that type holds it: one that does not fit is unknown, as types wrap differently.
pub(super) fn fit_int(dtype: DType, value: Dim) -> Dim {
    let Some(number) = value.known() else { return value };
    let (low, high) = match dtype {
        DType::I64 => return value,
        DType::Bool => (0, 1),
        DType::I8 => (-(1 << 7), (1 << 7) - 1),
        DType::U8 => (0, (1 << 8) - 1),
        DType::I16 => (-(1 << 15), (1 << 15) - 1),
        DType::U16 => (0, (1 << 16) - 1),
        DType::I32 => (-(1 << 31), (1 << 31) - 1),
        DType::U32 => (0, (1 << 32) - 1),
        DType::U64 => (0, i64::MAX),
        _ => return Dim::Unknown,
    };
    if (low..=high).contains(&number) { value } else { Dim::Unknown }
}

/// A result of one operation in that type's precision; None for types that are not followed.
pub(super) fn fit_float(dtype: DType, value: f64) -> Option<f64> {
    match dtype {
        DType::F64 => Some(value),
        // Both roundings agree with one for +, -, *, / and square root.
        DType::F32 => Some(f64::from(value as f32)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broadcasting_repeats_places() {
        let places = broadcast_places(&[2, 1], &[2, 2, 3]);
        let wanted = [0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1].map(Some).to_vec();
        assert_eq!(places, Some(wanted));
        assert_eq!(broadcast_places(&[2], &[3]), None);
        assert_eq!(broadcast_sizes(&[&[2, 1], &[3], &[]]), Some(vec![2, 3]));
        assert_eq!(broadcast_sizes(&[&[2], &[3]]), None);
    }

    #[test]
    fn hostile_sizes_are_refused_before_allocation() {
        assert_eq!(count(&[1 << 40, 1 << 40]), None);
        assert_eq!(coordinates(&[1 << 62]), None);
        assert_eq!(coordinates(&[0, 1 << 62]), Some(Vec::new()));
    }

    #[test]
    fn integers_outside_their_type_are_unknown() {
        let cases = [
            (DType::U8, 255, true),
            (DType::U8, 256, false),
            (DType::I8, -128, true),
            (DType::I8, 128, false),
            (DType::U32, 4_294_967_295, true),
            (DType::U32, -1, false),
            (DType::U64, i64::MAX, true),
            (DType::I32, 1 << 31, false),
        ];
        let failed: Vec<_> = cases
            .into_iter()
            .filter(|(dtype, value, fits)| fit_int(*dtype, Dim::Known(*value)).known().is_some() != *fits)
            .collect();
        assert!(failed.is_empty(), "{failed:?}");
    }
}
