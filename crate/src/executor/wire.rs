//! A listing as one array of numbers and one of texts: how it passes from one wasm package to another.
//! Lists are preceded by their lengths. Reading checks every length before it allocates.

use super::fault;
use super::listing::{Dispatch, Listing, TensorId, Text};
use crate::error::{Error, Result};

/// Numbers, and each kernel's label and source.
pub fn write(listing: &Listing) -> (Vec<u32>, Vec<String>) {
    let mut numbers = Vec::new();
    put(&mut numbers, listing.elements.iter().copied());
    for ids in [&listing.constants, &listing.inputs, &listing.outputs] {
        put(&mut numbers, ids.iter().map(|id| id.0));
    }
    put(&mut numbers, listing.kernels.iter().map(|kernel| kernel.reads));
    for steps in [&listing.once, &listing.steps] {
        numbers.push(steps.len() as u32);
        for step in steps {
            numbers.extend([step.kernel, step.writes.0]);
            numbers.extend(step.groups);
            put(&mut numbers, step.reads.iter().map(|id| id.0));
            put(&mut numbers, step.params.iter().copied());
        }
    }
    let text = |kernel: &Text| [kernel.label.clone(), kernel.source.clone()];
    (numbers, listing.kernels.iter().flat_map(text).collect())
}

fn put(numbers: &mut Vec<u32>, list: impl ExactSizeIterator<Item = u32>) {
    numbers.push(list.len() as u32);
    numbers.extend(list);
}

/// The listing of such arrays.
///
/// # Errors
/// `Gpu` where they are no listing.
pub fn read(numbers: &[u32], texts: Vec<String>) -> Result<Listing> {
    let mut left = Left(numbers);
    let elements = left.list()?;
    let [constants, inputs, outputs] = [left.ids()?, left.ids()?, left.ids()?];
    let reads = left.list()?;
    if texts.len() != reads.len().saturating_mul(2) {
        return Err(strange());
    }
    let mut texts = texts.into_iter();
    let mut kernels = Vec::with_capacity(reads.len());
    for reads in reads {
        let (Some(label), Some(source)) = (texts.next(), texts.next()) else { return Err(strange()) };
        kernels.push(Text { label, source, reads });
    }
    let (once, steps) = (left.steps()?, left.steps()?);
    match left.0 {
        [] => Ok(Listing { elements, constants, inputs, outputs, kernels, once, steps }),
        _ => Err(strange()),
    }
}

fn strange() -> Error {
    fault("what was sent to the GPU is no listing")
}

/// What is not read yet.
struct Left<'a>(&'a [u32]);

impl Left<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u32; N]> {
        let (head, tail) = self.0.split_first_chunk().ok_or_else(strange)?;
        self.0 = tail;
        Ok(*head)
    }

    fn list(&mut self) -> Result<Vec<u32>> {
        let [length] = self.take()?;
        let (head, tail) = self.0.split_at_checked(length as usize).ok_or_else(strange)?;
        self.0 = tail;
        Ok(head.to_vec())
    }

    fn ids(&mut self) -> Result<Vec<TensorId>> {
        Ok(self.list()?.into_iter().map(TensorId).collect())
    }

    fn steps(&mut self) -> Result<Vec<Dispatch>> {
        let [count] = self.take()?;
        let mut steps = Vec::new();
        for _ in 0..count {
            let [kernel, writes, x, y, z] = self.take()?;
            let (reads, params) = (self.ids()?, self.list()?);
            steps.push(Dispatch { kernel, params, reads, writes: TensorId(writes), groups: [x, y, z] });
        }
        Ok(steps)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;

    fn listing() -> Listing {
        let ids = |ids: &[u32]| ids.iter().copied().map(TensorId).collect::<Vec<_>>();
        let step = |kernel, params: &[u32], reads: &[u32], writes, groups| {
            let (params, reads, writes) = (params.to_vec(), ids(reads), TensorId(writes));
            Dispatch { kernel, params, reads, writes, groups }
        };
        let text = |label: &str, reads| Text { label: label.into(), source: format!("// {label}"), reads };
        Listing {
            elements: vec![4, 0, 9],
            constants: ids(&[1]),
            inputs: ids(&[0]),
            outputs: ids(&[2, 0]),
            kernels: vec![text("Map", 3), text("Fill", 0)],
            once: vec![step(1, &[], &[], 1, [1, 1, 1])],
            steps: vec![step(0, &[7, 8], &[0, 1], 2, [5, 2, 1]), step(1, &[1], &[], 0, [1, 0, 1])],
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let (numbers, texts) = write(&listing());
        assert_eq!(read(&numbers, texts).unwrap(), listing());
    }

    #[test]
    fn anything_else_is_refused() {
        let (numbers, texts) = write(&listing());
        for length in 0..numbers.len() {
            assert!(read(&numbers[..length], texts.clone()).is_err(), "{length} numbers");
        }
        assert!(read(&[&numbers[..], &[0]].concat(), texts.clone()).is_err());
        assert!(read(&numbers, texts[1..].to_vec()).is_err());
        // A length beyond what is there allocates nothing.
        assert!(read(&[u32::MAX, 1], Vec::new()).is_err());
    }
}
