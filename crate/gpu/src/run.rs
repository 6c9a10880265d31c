//! A listing on a GPU: buffers and pipelines made once, then one submission a run.
//!
//! What reads constants only is done when the listing is loaded, and constants that only such steps
//! read are let go again. Buffers are destroyed with their listing: a browser frees those that are
//! only dropped when its collector happens to run.

use std::collections::{BTreeMap, BTreeSet};

use super::device::{Gpu, Watch, lock};
use super::listing::{Dispatch, Listing, TensorId};
use super::memory::{self, Plan};
use super::shader::Kernel;
use super::{Done, Executor, Fetch, Opened, Result, fault, wait};

/// Bytes of constants between two submissions while loading: what is staged at once.
const STAGED_BYTES: u64 = 64 << 20;

/// A listing whose buffers and pipelines are on the GPU.
#[derive(Debug)]
pub struct Loaded {
    inputs: Vec<Port>,
    outputs: Vec<Port>,
    steps: Vec<Ready>,
    settings: wgpu::Buffer,
    readback: wgpu::Buffer,
    /// Bytes of everything that stays on the GPU.
    bytes: u64,
    timer: Option<Timer>,
    _made: Made,
}

/// An input or output.
#[derive(Debug)]
struct Port {
    elements: usize,
    buffer: wgpu::Buffer,
}

/// A step with everything bound.
#[derive(Debug)]
struct Ready {
    pipeline: wgpu::ComputePipeline,
    group: wgpu::BindGroup,
    groups: [u32; 3],
}

/// Buffers that end with their owner.
#[derive(Debug, Default)]
struct Made(Vec<wgpu::Buffer>);

impl Drop for Made {
    fn drop(&mut self) {
        for buffer in &self.0 {
            buffer.destroy();
        }
    }
}

/// Timestamps around every step.
#[derive(Debug)]
struct Timer {
    queries: wgpu::QuerySet,
    resolved: wgpu::Buffer,
    readback: wgpu::Buffer,
    nanoseconds: f32,
}

/// A listing on its way to the GPU, until the device has said what went wrong.
pub struct Loading {
    watch: Watch,
    loaded: Result<Loaded>,
}

/// Makes the buffers that a listing needs.
struct Builder<'a> {
    gpu: &'a Gpu,
    kernels: &'a [Kernel],
    buffers: BTreeMap<TensorId, wgpu::Buffer>,
    dummy: wgpu::Buffer,
    settings: wgpu::Buffer,
    bytes: u64,
    made: Made,
}

impl Builder<'_> {
    fn buffer(&mut self, bytes: u64, usage: wgpu::BufferUsages) -> wgpu::Buffer {
        self.bytes = self.bytes.saturating_add(bytes);
        let buffer = self.gpu.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: bytes,
            usage,
            mapped_at_creation: false,
        });
        self.made.0.push(buffer.clone());
        buffer
    }

    fn storage(&mut self, bytes: u64) -> wgpu::Buffer {
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::COPY_SRC;
        self.buffer(bytes, usage)
    }

    /// Binds steps; their parameters share one buffer.
    fn ready(&mut self, steps: &[Dispatch]) -> Result<Vec<Ready>> {
        let align = self.gpu.opened.limits.uniform_alignment.max(16) as usize;
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
            let kernel = self.kernels.get(step.kernel as usize);
            let kernel = kernel.ok_or_else(|| fault("a step of the program has no kernel"))?;
            let pipeline = self.gpu.pipeline(kernel)?;
            let params = wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                buffer: &params,
                offset,
                size: wgpu::BufferSize::new(size),
            });
            let wanted = kernel.reads();
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
                layout: &self.gpu.bindings(wanted as u32),
                entries: &entries,
            });
            ready.push(Ready { pipeline, group, groups: step.groups });
        }
        Ok(ready)
    }
}

impl Executor for Gpu {
    type Loaded = Loaded;

    async fn open() -> Result<Self> {
        Self::open_named("").await
    }

    fn opened(&self) -> &Opened {
        &self.opened
    }

    async fn load(&self, listing: &Listing, fetch: &mut Fetch<'_>) -> Result<Loaded> {
        self.finish(self.begin(listing, fetch)?).await
    }

    fn bytes(loaded: &Loaded) -> u64 {
        loaded.bytes
    }

    async fn run(&self, loaded: &Loaded, inputs: &[Vec<u32>], seed: u32, timed: bool) -> Result<Done> {
        self.alive()?;
        if inputs.len() != loaded.inputs.len() {
            return Err(fault("the program was given another number of inputs than it has"));
        }
        let watch = self.watch();
        let submitted = self.submit(loaded, inputs, seed, timed);
        // All is waited for before any fault is passed on: a scope that stays open would catch the
        // faults of the next run.
        let read = match submitted {
            Ok(bytes) => self.read(&loaded.readback, bytes).await,
            Err(e) => Err(e),
        };
        let ticks = match loaded.timer.as_ref().filter(|_| timed) {
            Some(timer) => self.read(&timer.readback, timer.readback.size()).await,
            None => Ok(Vec::new()),
        };
        watch.end().await?;
        self.alive()?;
        let words = words(&read?);
        let mut rest = words.as_slice();
        let mut outputs = Vec::with_capacity(loaded.outputs.len());
        for port in &loaded.outputs {
            let (own, tail) = rest.split_at_checked(port.elements).unwrap_or_default();
            outputs.push(own.to_vec());
            rest = tail;
        }
        Ok(Done { outputs, nanoseconds: nanoseconds(loaded, &ticks?) })
    }

    fn destroy(&self) {
        self.device.destroy();
        lock(&self.lost).get_or_insert_with(|| "the device was destroyed".to_owned());
    }
}

impl Gpu {
    /// The first half of loading, which waits for nothing: everything is fetched before it returns.
    ///
    /// # Errors
    /// The device is gone.
    pub fn begin(&self, listing: &Listing, fetch: &mut Fetch<'_>) -> Result<Loading> {
        self.alive()?;
        Ok(Loading { watch: self.watch(), loaded: self.build(listing, fetch) })
    }

    /// The second half: what the device says.
    ///
    /// # Errors
    /// As [`Executor::load`].
    pub async fn finish(&self, loading: Loading) -> Result<Loaded> {
        let watched = loading.watch.end().await;
        if watched.is_err() {
            lock(&self.pipelines).clear();
        }
        // A fault of the device explains what went wrong after it.
        watched.and(loading.loaded)
    }

    fn build(&self, listing: &Listing, fetch: &mut Fetch<'_>) -> Result<Loaded> {
        let mut made = Made::default();
        let mut small = |usage| {
            let (label, mapped_at_creation) = (None, false);
            let buffer = self.device.create_buffer(&wgpu::BufferDescriptor {
                label,
                size: 16,
                usage,
                mapped_at_creation,
            });
            made.0.push(buffer.clone());
            buffer
        };
        let dummy = small(wgpu::BufferUsages::STORAGE);
        let settings = small(wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST);
        let (kernels, buffers) = (listing.kernels.as_slice(), BTreeMap::new());
        let mut builder = Builder { gpu: self, kernels, buffers, dummy, settings, bytes: 0, made };
        self.constants(listing, fetch, &mut builder)?;
        let Plan { slots, sizes } = memory::plan(listing);
        let pool: Vec<wgpu::Buffer> = sizes.iter().map(|bytes| builder.storage(*bytes)).collect();
        for (tensor, slot) in &slots {
            if let Some(buffer) = pool.get(*slot) {
                builder.buffers.insert(*tensor, buffer.clone());
            }
        }
        for input in &listing.inputs {
            let buffer = builder.storage(listing.bytes(*input));
            builder.buffers.insert(*input, buffer);
        }
        let steps = builder.ready(&listing.steps)?;
        let total: u64 = listing.outputs.iter().map(|id| listing.bytes(*id)).sum();
        let readback =
            builder.buffer(total.max(16), wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ);
        let ports = |ids: &[TensorId]| -> Result<Vec<Port>> {
            let port = |id: &TensorId| {
                let missing = || fault("an input or output of the program has no buffer");
                let buffer = builder.buffers.get(id).cloned().ok_or_else(missing)?;
                Ok(Port { elements: listing.elements(*id), buffer })
            };
            ids.iter().map(port).collect()
        };
        let (inputs, outputs) = (ports(&listing.inputs)?, ports(&listing.outputs)?);
        let timer = self.timer(steps.len());
        let Builder { settings, bytes, mut made, .. } = builder;
        made.0.extend(timer.iter().flat_map(|timer| [timer.resolved.clone(), timer.readback.clone()]));
        Ok(Loaded { inputs, outputs, steps, settings, readback, bytes, timer, _made: made })
    }

    /// Uploads constants and does what is done once.
    fn constants(&self, listing: &Listing, fetch: &mut Fetch<'_>, builder: &mut Builder<'_>) -> Result<()> {
        let places: BTreeMap<TensorId, usize> =
            listing.constants.iter().enumerate().map(|(place, id)| (*id, place)).collect();
        let read_later: BTreeSet<TensorId> = (listing.steps.iter().flat_map(|step| step.reads.iter()))
            .chain(&listing.outputs)
            .copied()
            .collect();
        let mut last_read: BTreeMap<TensorId, usize> = BTreeMap::new();
        for (at, step) in listing.once.iter().enumerate() {
            last_read.extend(step.reads.iter().chain([&step.writes]).map(|read| (*read, at)));
        }
        let mut staged = 0u64;
        let mut upload = |builder: &mut Builder<'_>, id: TensorId| -> Result<()> {
            let Some(place) = places.get(&id) else { return Ok(()) };
            if builder.buffers.contains_key(&id) {
                return Ok(());
            }
            let bytes = listing.bytes(id);
            let buffer = builder.storage(bytes);
            let (all, mut at) = (listing.elements(id), 0);
            while at < all {
                let words = fetch(*place, at)?;
                if words.is_empty() || words.len() > all - at {
                    return Err(fault("a stored weight has another size than its shape says"));
                }
                self.queue.write_buffer(&buffer, at as u64 * 4, bytemuck::cast_slice(&words));
                at += words.len();
                staged += words.len() as u64 * 4;
                if staged > STAGED_BYTES {
                    staged = 0;
                    self.queue.submit([]);
                    self.wait()?;
                }
            }
            builder.buffers.insert(id, buffer);
            Ok(())
        };
        for (at, step) in listing.once.iter().enumerate() {
            for read in &step.reads {
                upload(builder, *read)?;
            }
            if !builder.buffers.contains_key(&step.writes) {
                let buffer = builder.storage(listing.bytes(step.writes));
                builder.buffers.insert(step.writes, buffer);
            }
            let ready = builder.ready(std::slice::from_ref(step))?;
            let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            encode(&mut encoder, &ready, None);
            self.queue.submit([encoder.finish()]);
            for read in step.reads.iter().chain([&step.writes]) {
                if last_read.get(read) == Some(&at)
                    && !read_later.contains(read)
                    && let Some(buffer) = builder.buffers.remove(read)
                {
                    buffer.destroy();
                    builder.bytes = builder.bytes.saturating_sub(listing.bytes(*read));
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
        if !self.opened.adapter.timings {
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

    /// Hands a run in; how many bytes it will return.
    fn submit(&self, loaded: &Loaded, inputs: &[Vec<u32>], seed: u32, timed: bool) -> Result<u64> {
        self.queue.write_buffer(&loaded.settings, 0, bytemuck::cast_slice(&[seed, 0, 0, 0]));
        for (port, words) in loaded.inputs.iter().zip(inputs) {
            if words.len() != port.elements {
                return Err(fault("an input has another size than its shape says"));
            }
            if !words.is_empty() {
                self.queue.write_buffer(&port.buffer, 0, bytemuck::cast_slice(words));
            }
        }
        let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let timer = loaded.timer.as_ref().filter(|_| timed);
        encode(&mut encoder, &loaded.steps, timer.map(|timer| &timer.queries));
        let mut end = 0;
        for port in &loaded.outputs {
            let bytes = port.elements as u64 * 4;
            if bytes > 0 {
                encoder.copy_buffer_to_buffer(&port.buffer, 0, &loaded.readback, end, bytes);
            }
            end += bytes;
        }
        if let Some(timer) = timer {
            let count = loaded.steps.len() as u32 * 2;
            encoder.resolve_query_set(&timer.queries, 0..count, &timer.resolved, 0);
            encoder.copy_buffer_to_buffer(&timer.resolved, 0, &timer.readback, 0, u64::from(count) * 8);
        }
        self.queue.submit([encoder.finish()]);
        Ok(end)
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

fn words(bytes: &[u8]) -> Vec<u32> {
    bytes.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word)).collect()
}

fn nanoseconds(loaded: &Loaded, ticks: &[u8]) -> Vec<f64> {
    let period = loaded.timer.as_ref().map_or(1.0, |timer| f64::from(timer.nanoseconds));
    let stamps: Vec<u64> = ticks.as_chunks::<8>().0.iter().map(|bytes| u64::from_le_bytes(*bytes)).collect();
    stamps.as_chunks::<2>().0.iter().map(|[begin, end]| end.saturating_sub(*begin) as f64 * period).collect()
}
