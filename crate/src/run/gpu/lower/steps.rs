//! What lowering adds to the program: constants and steps.

use crate::engines::gpu::shader::Kernel;
use crate::error::{Code, Error, Result};
use crate::ir::graph::ValueId;
use crate::run::gpu::activation::Activation;
use crate::run::gpu::program::{Constant, Kind, Step, TensorId};

use super::{Lower, View};

impl Lower<'_> {
    /// Floats that are there from the start.
    pub(super) fn table(&mut self, values: &[f32]) -> TensorId {
        let id = self.program.floats(values);
        self.constant.insert(id);
        id
    }

    /// Words that are there from the start.
    pub(super) fn word_table(&mut self, words: Vec<u32>) -> TensorId {
        let id = self.program.words(words, Kind::I32);
        self.constant.insert(id);
        id
    }

    /// Adds a constant tensor.
    pub(super) fn constant(&mut self, dims: Vec<usize>, constant: Constant<ValueId>) -> Result<View> {
        let view = self.tensor(dims, Kind::F32)?;
        self.program.constants.push((view.tensor, constant));
        self.constant.insert(view.tensor);
        Ok(view)
    }

    /// Adds steps that together make one tensor; done once if all they read is constant.
    pub(super) fn emit(&mut self, steps: Vec<Step>) {
        let steps: Vec<Step> = steps.into_iter().filter(|step| !step.groups.contains(&0)).collect();
        let fixed = steps.iter().all(|step| step.reads.iter().all(|read| self.constant.contains(read)));
        if fixed {
            self.constant.extend(steps.iter().map(|step| step.writes));
            self.program.once.extend(steps);
        } else {
            self.program.steps.extend(steps);
        }
    }

    /// A step of a kernel whose workgroups each make `each` elements.
    pub(super) fn flat(
        &self,
        kernel: Kernel,
        params: Vec<u32>,
        reads: Vec<TensorId>,
        writes: &View,
        (total, each): (usize, usize),
    ) -> Result<Step> {
        let groups = self.spread(total.div_ceil(each))?;
        Ok(Step { kernel, params, reads, writes: writes.tensor, groups, node: self.node, macs: 0 })
    }

    /// Workgroups over x and y.
    fn spread(&self, groups: usize) -> Result<[u32; 3]> {
        let most = self.limits.workgroups as usize;
        let x = groups.min(most);
        let y = if x == 0 { 0 } else { groups.div_ceil(x) };
        if y > most {
            return Err(Error::new(Code::LimitExceeded, "more work than one dispatch of this GPU takes"));
        }
        Ok([x as u32, y as u32, 1])
    }

    /// Workgroups along three dimensions.
    pub(super) fn groups(&self, groups: [usize; 3]) -> Result<[u32; 3]> {
        if groups.iter().any(|n| *n > self.limits.workgroups as usize) {
            return Err(Error::new(Code::LimitExceeded, "more work than one dispatch of this GPU takes"));
        }
        Ok(groups.map(|n| n as u32))
    }

    /// The kernel with an activation behind it, the words of its `Act`, and what it reads for that.
    pub(super) fn activated(
        &mut self,
        kernel: Kernel,
        activation: &Activation,
        dims: &[usize],
        (mut reads, absent): (Vec<TensorId>, TensorId),
    ) -> Result<(Kernel, Vec<u32>, Vec<TensorId>)> {
        let mut tables = [absent; 2];
        if let Some(polynomial) = &activation.polynomial {
            tables[0] = self.table(&polynomial.coefficients);
        }
        if let Some(words) = activation.mask_words() {
            tables[1] = self.word_table(words);
        }
        reads.extend(tables);
        let (kernel, act) = activation.fuse(kernel, dims);
        Ok((kernel, act, reads))
    }

    pub(super) fn node_index(&self) -> u32 {
        self.node
    }
}
