//! A program on a GPU: buffers and pipelines made once, then one submission a run.
//!
//! What reads constants only is done when the program is loaded, and constants that only such steps
//! read are let go again.

use std::collections::{BTreeMap, BTreeSet};

use super::device::{Gpu, fault};
use super::memory::{self, Plan};
use super::program::{Constant, Port, Program, Step, TensorId};
use super::wait;
use crate::error::Result;

/// Bytes of constants between two submissions while loading: what is staged at once.
const STAGED_BYTES: u64 = 64 << 20;

/// A program whose buffers and pipelines are on the GPU.
#[derive(Debug)]
pub struct Loaded {
    inputs: Vec<(Port, wgpu::Buffer)>,
    outputs: Vec<(Port, wgpu::Buffer)>,
    steps: Vec<Ready>,
    settings: wgpu::Buffer,
    readback: wgpu::Buffer,
    /// Bytes of everything that stays on the GPU.
    pub bytes: u64,
    timer: Option<Timer>,
}

/// A step with everything bound.
#[derive(Debug)]
struct Ready {
    pipeline: wgpu::ComputePipeline,
    group: wgpu::BindGroup,
    groups: [u32; 3],
    node: u32,
    macs: u64,
}

/// Timestamps around every step.
#[derive(Debug)]
struct Timer {
    queries: wgpu::QuerySet,
    resolved: wgpu::Buffer,
    readback: wgpu::Buffer,
    nanoseconds: f32,
}

/// Time that a step took on the GPU.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// Node, by its index in the graph.
    pub node: u32,
    /// Its time.
    pub nanoseconds: f64,
    /// Its multiply-accumulates.
    pub macs: u64,
}

/// What a run returns.
#[derive(Clone, Debug)]
pub struct Done {
    /// Words of each output.
    pub outputs: Vec<Vec<u32>>,
    /// Time of each step; empty where the GPU cannot tell, or was not asked.
    pub timings: Vec<Timing>,
}

/// Makes the buffers that a program needs.
struct Builder<'a> {
    gpu: &'a Gpu,
    buffers: BTreeMap<TensorId, wgpu::Buffer>,
    dummy: wgpu::Buffer,
    settings: wgpu::Buffer,
    bytes: u64,
}

impl Builder<'_> {
    fn buffer(&mut self, bytes: u64, usage: wgpu::BufferUsages) -> wgpu::Buffer {
        self.bytes = self.bytes.saturating_add(bytes);
        let (label, mapped_at_creation) = (None, false);
        self.gpu.device.create_buffer(&wgpu::BufferDescriptor {
            label,
            size: bytes,
            usage,
            mapped_at_creation,
        })
    }

    fn storage(&mut self, bytes: u64) -> wgpu::Buffer {
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::COPY_SRC;
        self.buffer(bytes, usage)
    }

    /// Binds steps; their parameters share one buffer.
    fn ready(&mut self, steps: &[Step]) -> Result<Vec<Ready>> {
        let align = self.gpu.limits.uniform_alignment.max(16) as usize;
        let mut words: Vec<u8> = Vec::new();
        let mut places = Vec::new();
        for step in steps {
            let length = (step.params.len() * 4).next_multiple_of(16).max(16);
            places.push((words.len() as u64, length as u64));
            words.extend_from_slice(bytemuck::cast_slice(&step.params));
            words.resize(words.len().next_multiple_of(align), 0);
        }
        words.resize(words.len().max(align), 0);
        let params =
            self.buffer(words.len() as u64, wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST);
        self.gpu.queue.write_buffer(&params, 0, &words);
        let mut ready = Vec::with_capacity(steps.len());
        for (step, (offset, size)) in steps.iter().zip(places) {
            let pipeline = self.gpu.pipeline(&step.kernel)?;
            let params = wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                buffer: &params,
                offset,
                size: wgpu::BufferSize::new(size),
            });
            let wanted = step.kernel.reads();
            let missing = || fault("a tensor of the program has no buffer");
            let mut bound: Vec<&wgpu::Buffer> = Vec::with_capacity(wanted + 1);
            for read in &step.reads {
                bound.push(self.buffers.get(read).ok_or_else(missing)?);
            }
            bound.resize(wanted, &self.dummy);
            bound.push(self.buffers.get(&step.writes).ok_or_else(missing)?);
            let mut entries = vec![
                wgpu::BindGroupEntry { binding: 0, resource: params },
                wgpu::BindGroupEntry { binding: 1, resource: self.settings.as_entire_binding() },
            ];
            for (place, buffer) in bound.iter().enumerate() {
                let resource = buffer.as_entire_binding();
                entries.push(wgpu::BindGroupEntry { binding: 2 + place as u32, resource });
            }
            let group = self.gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: None,
                layout: &self.gpu.bindings(wanted),
                entries: &entries,
            });
            let (groups, node, macs) = (step.groups, step.node, step.macs);
            ready.push(Ready { pipeline, group, groups, node, macs });
        }
        Ok(ready)
    }
}

impl Loaded {
    /// What a run returns, in order.
    pub fn outputs(&self) -> impl Iterator<Item = &Port> {
        self.outputs.iter().map(|(port, _)| port)
    }
}

impl Gpu {
    /// Puts a program on the GPU. `fetch` reads a stored weight as words; it is asked for one at a
    /// time, in the order of use.
    ///
    /// # Errors
    /// `Gpu` where memory is full or the device is gone; what `fetch` says.
    pub async fn load<W>(
        &self,
        program: &Program<W>,
        fetch: &mut dyn FnMut(&W) -> Result<Vec<u32>>,
    ) -> Result<Loaded> {
        self.alive()?;
        let watch = self.watch();
        let loaded = self.load_watched(program, fetch);
        let watched = watch.end().await;
        if watched.is_err() {
            super::device::lock(&self.pipelines).clear();
        }
        // A fault of the device explains what went wrong after it.
        watched.and(loaded)
    }

    fn load_watched<W>(
        &self,
        program: &Program<W>,
        fetch: &mut dyn FnMut(&W) -> Result<Vec<u32>>,
    ) -> Result<Loaded> {
        let small = |usage| {
            let (label, mapped_at_creation) = (None, false);
            self.device.create_buffer(&wgpu::BufferDescriptor { label, size: 16, usage, mapped_at_creation })
        };
        let mut builder = Builder {
            gpu: self,
            buffers: BTreeMap::new(),
            dummy: small(wgpu::BufferUsages::STORAGE),
            settings: small(wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST),
            bytes: 0,
        };
        self.constants(program, fetch, &mut builder)?;
        let Plan { slots, sizes } = memory::plan(program);
        let pool: Vec<wgpu::Buffer> = sizes.iter().map(|bytes| builder.storage(*bytes)).collect();
        for (tensor, slot) in &slots {
            if let Some(buffer) = pool.get(*slot) {
                builder.buffers.insert(*tensor, buffer.clone());
            }
        }
        for port in &program.inputs {
            let buffer = builder.storage(program.tensor(port.tensor).bytes());
            builder.buffers.insert(port.tensor, buffer);
        }
        let steps = builder.ready(&program.steps)?;
        let total: u64 = program.outputs.iter().map(|port| program.tensor(port.tensor).bytes()).sum();
        let readback =
            builder.buffer(total.max(16), wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ);
        let bound = |ports: &[Port]| -> Result<Vec<(Port, wgpu::Buffer)>> {
            let buffer = |port: &Port| builder.buffers.get(&port.tensor).cloned();
            let missing = || fault("an input or output of the program has no buffer");
            ports.iter().map(|port| Ok((port.clone(), buffer(port).ok_or_else(missing)?))).collect()
        };
        let (inputs, outputs) = (bound(&program.inputs)?, bound(&program.outputs)?);
        let timer = self.timer(steps.len());
        let (settings, bytes) = (builder.settings, builder.bytes);
        Ok(Loaded { inputs, outputs, steps, settings, readback, bytes, timer })
    }

    /// Uploads constants and does what is done once.
    fn constants<W>(
        &self,
        program: &Program<W>,
        fetch: &mut dyn FnMut(&W) -> Result<Vec<u32>>,
        builder: &mut Builder<'_>,
    ) -> Result<()> {
        let constants: BTreeMap<TensorId, &Constant<W>> =
            program.constants.iter().map(|(id, constant)| (*id, constant)).collect();
        let read_later: BTreeSet<TensorId> =
            (program.steps.iter().flat_map(|step| step.reads.iter().copied()))
                .chain(program.outputs.iter().map(|port| port.tensor))
                .collect();
        let mut last_read: BTreeMap<TensorId, usize> = BTreeMap::new();
        for (at, step) in program.once.iter().enumerate() {
            last_read.extend(step.reads.iter().chain([&step.writes]).map(|read| (*read, at)));
        }
        let mut staged = 0u64;
        let mut upload = |builder: &mut Builder<'_>, id: TensorId| -> Result<()> {
            let Some(constant) = constants.get(&id) else { return Ok(()) };
            if builder.buffers.contains_key(&id) {
                return Ok(());
            }
            let tensor = program.tensor(id);
            let buffer = builder.storage(tensor.bytes());
            let mut words = match constant {
                Constant::Words(words) => words.clone(),
                Constant::Weight { value, scale } => {
                    let mut words = fetch(value)?;
                    if let Some(scale) = scale {
                        scale.apply(&mut words);
                    }
                    words
                }
            };
            if words.len() != tensor.elements {
                return Err(fault("a stored weight has another size than its shape says"));
            }
            words.resize(words.len().next_multiple_of(4), 0);
            if !words.is_empty() {
                self.queue.write_buffer(&buffer, 0, bytemuck::cast_slice(&words));
            }
            builder.buffers.insert(id, buffer);
            staged += tensor.bytes();
            if staged > STAGED_BYTES {
                staged = 0;
                self.queue.submit([]);
                self.wait()?;
            }
            Ok(())
        };
        for (at, step) in program.once.iter().enumerate() {
            for read in &step.reads {
                upload(builder, *read)?;
            }
            if !builder.buffers.contains_key(&step.writes) {
                let buffer = builder.storage(program.tensor(step.writes).bytes());
                builder.buffers.insert(step.writes, buffer);
            }
            let ready = builder.ready(std::slice::from_ref(step))?;
            let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            encode(&mut encoder, &ready, None);
            self.queue.submit([encoder.finish()]);
            for read in step.reads.iter().chain([&step.writes]) {
                if last_read.get(read) == Some(&at) && !read_later.contains(read) {
                    builder.buffers.remove(read);
                    builder.bytes = builder.bytes.saturating_sub(program.tensor(*read).bytes());
                }
            }
        }
        for id in read_later {
            upload(builder, id)?;
        }
        Ok(())
    }

    fn timer(&self, steps: usize) -> Option<Timer> {
        // WebGPU allows 4,096 queries in a set.
        let count = u32::try_from(steps.checked_mul(2)?).ok().filter(|n| (1..=4096).contains(n))?;
        if !self.adapter().timings {
            return None;
        }
        let buffer = |usage| {
            let (label, size, mapped_at_creation) = (None, u64::from(count) * 8, false);
            self.device.create_buffer(&wgpu::BufferDescriptor { label, size, usage, mapped_at_creation })
        };
        let ty = wgpu::QueryType::Timestamp;
        Some(Timer {
            queries: self.device.create_query_set(&wgpu::QuerySetDescriptor { label: None, ty, count }),
            resolved: buffer(wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC),
            readback: buffer(wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ),
            nanoseconds: self.queue.get_timestamp_period(),
        })
    }

    /// Runs a loaded program once. `inputs` are words, one slice an input, in order; `seed` drives
    /// stochastic activations. With `timed`, every step is timed where the GPU can.
    ///
    /// # Errors
    /// `Gpu` where the device is lost on the way or memory is full.
    pub async fn run(&self, loaded: &Loaded, inputs: &[&[u32]], seed: u32, timed: bool) -> Result<Done> {
        self.alive()?;
        if inputs.len() != loaded.inputs.len() {
            return Err(fault("the program was given another number of inputs than it has"));
        }
        let watch = self.watch();
        self.queue.write_buffer(&loaded.settings, 0, bytemuck::cast_slice(&[seed, 0, 0, 0]));
        for ((port, buffer), words) in loaded.inputs.iter().zip(inputs) {
            if words.len() != port.dims.iter().product::<usize>() {
                return Err(fault(format!("input {} has another size than its shape says", port.name)));
            }
            if !words.is_empty() {
                self.queue.write_buffer(buffer, 0, bytemuck::cast_slice(words));
            }
        }
        let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let timer = loaded.timer.as_ref().filter(|_| timed);
        encode(&mut encoder, &loaded.steps, timer.map(|timer| &timer.queries));
        let mut ends = Vec::with_capacity(loaded.outputs.len());
        let mut end = 0;
        for (port, buffer) in &loaded.outputs {
            let elements = port.dims.iter().product::<usize>();
            let bytes = elements as u64 * 4;
            if bytes > 0 {
                encoder.copy_buffer_to_buffer(buffer, 0, &loaded.readback, end, bytes);
            }
            ends.push((end as usize, elements));
            end += bytes;
        }
        if let Some(timer) = timer {
            let count = loaded.steps.len() as u32 * 2;
            encoder.resolve_query_set(&timer.queries, 0..count, &timer.resolved, 0);
            encoder.copy_buffer_to_buffer(&timer.resolved, 0, &timer.readback, 0, u64::from(count) * 8);
        }
        self.queue.submit([encoder.finish()]);
        // Both are waited for before either fault is passed on: a scope that stays open would catch
        // the faults of the next run.
        let read = self.read(&loaded.readback, end).await;
        let ticks = match timer {
            Some(timer) => self.read(&timer.readback, timer.readback.size()).await,
            None => Ok(Vec::new()),
        };
        watch.end().await?;
        self.alive()?;
        let (bytes, ticks) = (read?, ticks?);
        let words: Vec<u32> = bytes.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word)).collect();
        let output = |(start, elements): (usize, usize)| {
            words.get(start / 4..start / 4 + elements).unwrap_or_default().to_vec()
        };
        let outputs = ends.into_iter().map(output).collect();
        Ok(Done { outputs, timings: timings(loaded, &ticks) })
    }

    /// The first bytes of a buffer that can be mapped.
    async fn read(&self, buffer: &wgpu::Buffer, bytes: u64) -> Result<Vec<u8>> {
        if bytes == 0 {
            return Ok(Vec::new());
        }
        let (deliver, waiting) = wait::pair();
        buffer.map_async(wgpu::MapMode::Read, 0..bytes, move |result| deliver.send(result));
        self.wait()?;
        if waiting.await.is_err() {
            self.alive()?;
            return Err(fault("the GPU did not give its results"));
        }
        let view = buffer.get_mapped_range(0..bytes);
        let copied = view.map(|view| view.to_vec()).map_err(|e| fault(format!("results: {e}")));
        buffer.unmap();
        copied
    }
}

fn encode(encoder: &mut wgpu::CommandEncoder, steps: &[Ready], queries: Option<&wgpu::QuerySet>) {
    let mut dispatch = |steps: &[Ready], writes: Option<wgpu::ComputePassTimestampWrites<'_>>| {
        let descriptor = wgpu::ComputePassDescriptor { label: None, timestamp_writes: writes };
        let mut pass = encoder.begin_compute_pass(&descriptor);
        for step in steps {
            let [x, y, z] = step.groups;
            pass.set_pipeline(&step.pipeline);
            pass.set_bind_group(0, &step.group, &[]);
            pass.dispatch_workgroups(x, y, z);
        }
    };
    match queries {
        None => dispatch(steps, None),
        Some(query_set) => {
            for (at, step) in steps.iter().enumerate() {
                let at = at as u32 * 2;
                let writes = wgpu::ComputePassTimestampWrites {
                    query_set,
                    beginning_of_pass_write_index: Some(at),
                    end_of_pass_write_index: Some(at + 1),
                };
                dispatch(std::slice::from_ref(step), Some(writes));
            }
        }
    }
}

fn timings(loaded: &Loaded, ticks: &[u8]) -> Vec<Timing> {
    let period = loaded.timer.as_ref().map_or(1.0, |timer| f64::from(timer.nanoseconds));
    let stamps: Vec<u64> = ticks.as_chunks::<8>().0.iter().map(|bytes| u64::from_le_bytes(*bytes)).collect();
    let pairs = loaded.steps.iter().zip(stamps.as_chunks::<2>().0);
    let one = |(step, [begin, end]): (&Ready, &[u64; 2])| Timing {
        node: step.node,
        nanoseconds: end.saturating_sub(*begin) as f64 * period,
        macs: step.macs,
    };
    pairs.map(one).collect()
}
