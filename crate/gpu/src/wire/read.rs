//! Reads a listing from the two arrays. Checks every length before it allocates.

use super::super::listing::{Dispatch, Listing, TensorId};
use super::super::shader::{File, Kernel};
use super::super::{Fault, Result, fault};

/// The listing of such arrays.
///
/// # Errors
/// They are no listing.
pub fn read(numbers: &[u32], texts: Vec<String>) -> Result<Listing> {
    let mut left = Left(numbers);
    let elements = left.list()?;
    let [constants, inputs, outputs] = [left.ids()?, left.ids()?, left.ids()?];
    let files = left.list()?;
    if texts.len() != files.len() {
        return Err(strange());
    }
    let kernel = |(place, head): (u32, String)| {
        File::ALL.get(place as usize).map(|file| Kernel { file: *file, head }).ok_or_else(strange)
    };
    let kernels = files.into_iter().zip(texts).map(kernel).collect::<Result<_>>()?;
    let (once, steps) = (left.steps()?, left.steps()?);
    match left.0 {
        [] => Ok(Listing { elements, constants, inputs, outputs, kernels, once, steps }),
        _ => Err(strange()),
    }
}

fn strange() -> Fault {
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
