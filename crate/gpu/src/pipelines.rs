//! Kernels, compiled. File and constants are the key under which a pipeline is kept: two uses with the same
//! share one, and a second listing of the same kernels compiles nothing.

use super::Result;
use super::device::{Gpu, lock};
use super::shader::Kernel;

impl Gpu {
    /// The kernel, compiled; from the cache where it was before.
    pub(super) fn pipeline(&self, kernel: &Kernel) -> Result<wgpu::ComputePipeline> {
        self.alive()?;
        if let Some(found) = lock(&self.pipelines).get(kernel) {
            return Ok(found.clone());
        }
        let label = format!("{:?}", kernel.file);
        let module = self.device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(&label),
            source: wgpu::ShaderSource::Wgsl(kernel.source().into()),
        });
        let bindings = self.bindings(kernel.reads() as u32);
        let layout = self.device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: None,
            bind_group_layouts: &[Some(&bindings)],
            immediate_size: 0,
        });
        let pipeline = self.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(&label),
            layout: Some(&layout),
            module: &module,
            entry_point: Some("main"),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        });
        lock(&self.pipelines).insert(kernel.clone(), pipeline.clone());
        Ok(pipeline)
    }

    /// Every kernel's bindings: parameters, the run's settings, what is read, what is written.
    pub(super) fn bindings(&self, reads: u32) -> wgpu::BindGroupLayout {
        let entry = |binding: u32, ty: wgpu::BufferBindingType| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty: wgpu::BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None },
            count: None,
        };
        let mut entries =
            vec![entry(0, wgpu::BufferBindingType::Uniform), entry(1, wgpu::BufferBindingType::Uniform)];
        for read in 0..reads {
            entries.push(entry(2 + read, wgpu::BufferBindingType::Storage { read_only: true }));
        }
        entries.push(entry(2 + reads, wgpu::BufferBindingType::Storage { read_only: false }));
        self.device
            .create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: None, entries: &entries })
    }
}
