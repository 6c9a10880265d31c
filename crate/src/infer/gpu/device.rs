//! The GPU: adapter, device, limits, and whether it is still there.
//!
//! Nothing here panics: a browser without WebGPU, a machine without Vulkan, a lost device and a full
//! memory are errors with [`Code::Gpu`], which the session answers by running on the CPU.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use crate::error::{Code, Error, Result};

/// What to do when the GPU cannot.
pub(super) const ON_CPU: &str = "the CPU engine gives the same results, more slowly";

/// A fault of the device, never of the model.
pub(super) fn fault(message: impl Into<String>) -> Error {
    Error::new(Code::Gpu, message).hint(ON_CPU)
}

/// Which GPU it is, for people.
#[derive(Clone, Debug, Serialize)]
pub struct Adapter {
    /// Its name, as the driver or browser gives it; browsers often give none.
    pub name: String,
    /// `vulkan`, `webgpu`.
    pub backend: String,
    /// It runs on the CPU (lavapipe, SwiftShader).
    pub software: bool,
    /// Times of single kernels can be measured.
    pub timings: bool,
}

/// An open GPU. Pipelines are kept as long as it lives, so that a second program of the same kernels
/// compiles nothing.
#[derive(Debug)]
pub struct Gpu {
    pub(super) device: wgpu::Device,
    pub(super) queue: wgpu::Queue,
    pub(super) limits: Limits,
    adapter: Adapter,
    lost: Arc<Mutex<Option<String>>>,
    pub(super) pipelines: Mutex<HashMap<String, wgpu::ComputePipeline>>,
}

/// What programs must keep to.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of one tensor.
    pub binding_bytes: u64,
    /// Workgroups along one dimension of a dispatch.
    pub workgroups: u32,
    /// Bytes to which the places of kernel parameters are aligned.
    pub uniform_alignment: u64,
    /// The device is a CPU: short loops and large tiles pay, occupancy does not matter.
    pub software: bool,
}

impl Limits {
    /// What every WebGPU device has: 128 MiB, 65,535 workgroups.
    pub const LEAST: Self =
        Self { binding_bytes: 128 << 20, workgroups: 65_535, uniform_alignment: 256, software: true };

    /// No device is known yet: only what no device could do is refused.
    pub const MOST: Self =
        Self { binding_bytes: 1 << 31, workgroups: 65_535, uniform_alignment: 256, software: true };
}

impl Gpu {
    /// Opens the fastest GPU there is.
    ///
    /// # Errors
    /// `Gpu` where there is none, or it does not give a device.
    pub async fn open() -> Result<Self> {
        let mut wanted = wgpu::InstanceDescriptor::new_without_display_handle();
        wanted.backends = wgpu::Backends::VULKAN | wgpu::Backends::BROWSER_WEBGPU;
        let instance = wgpu::Instance::new(wanted);
        let options = wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            ..wgpu::RequestAdapterOptions::default()
        };
        let adapter = instance
            .request_adapter(&options)
            .await
            .map_err(|e| fault(format!("there is no GPU that programs may use: {e}")))?;
        let timings = adapter.features().contains(wgpu::Features::TIMESTAMP_QUERY);
        // Size limits as large as the adapter allows; a browser's defaults are the least.
        let (given, mut limits) = (adapter.limits(), wgpu::Limits::default());
        limits.max_storage_buffer_binding_size = given.max_storage_buffer_binding_size;
        limits.max_buffer_size = given.max_buffer_size;
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("reluctant"),
            required_features: if timings {
                wgpu::Features::TIMESTAMP_QUERY
            } else {
                wgpu::Features::empty()
            },
            required_limits: limits,
            ..wgpu::DeviceDescriptor::default()
        };
        let (device, queue) = adapter
            .request_device(&descriptor)
            .await
            .map_err(|e| fault(format!("the GPU gave no device: {e}")))?;
        Ok(Self::from_device(&adapter.get_info(), device, queue, timings))
    }

    fn from_device(
        info: &wgpu::AdapterInfo,
        device: wgpu::Device,
        queue: wgpu::Queue,
        timings: bool,
    ) -> Self {
        let lost = Arc::new(Mutex::new(None));
        let seen = lost.clone();
        device.set_device_lost_callback(move |reason, message| {
            let message = if message.is_empty() { format!("{reason:?}") } else { message };
            seen.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(message);
        });
        // Faults are caught by scopes; one that slips through must not end the program.
        let seen = lost.clone();
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            seen.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error.to_string());
        }));
        let named = info.name.to_lowercase();
        let software = info.device_type == wgpu::DeviceType::Cpu
            || named.contains("swiftshader")
            || info.driver_info.to_lowercase().contains("swiftshader");
        let has = device.limits();
        let limits = Limits {
            binding_bytes: has.max_storage_buffer_binding_size.min(has.max_buffer_size),
            workgroups: has.max_compute_workgroups_per_dimension,
            uniform_alignment: u64::from(has.min_uniform_buffer_offset_alignment),
            software,
        };
        let backend = match info.backend {
            wgpu::Backend::BrowserWebGpu => "webgpu".to_owned(),
            other => other.to_string(),
        };
        let name = if info.name.is_empty() { info.driver.clone() } else { info.name.clone() };
        let adapter = Adapter { name, backend, software, timings };
        Self { device, queue, limits, adapter, lost, pipelines: Mutex::default() }
    }

    /// Which GPU it is.
    pub fn adapter(&self) -> &Adapter {
        &self.adapter
    }

    /// What programs must keep to.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Ends the device as a driver reset would: every later run fails.
    pub fn destroy(&self) {
        self.device.destroy();
        lock(&self.lost).get_or_insert_with(|| "the device was destroyed".to_owned());
    }

    /// Fails where the device is gone.
    pub(super) fn alive(&self) -> Result<()> {
        match &*lock(&self.lost) {
            Some(why) => Err(fault(format!("the GPU was lost: {why}"))),
            None => Ok(()),
        }
    }

    /// Waits for the work that was handed in; a browser does so on its own.
    pub(super) fn wait(&self) -> Result<()> {
        match self.device.poll(wgpu::PollType::wait_indefinitely()) {
            Ok(_) => self.alive(),
            Err(e) => Err(fault(format!("the GPU does not answer: {e}"))),
        }
    }

    /// Catches what goes wrong until [`Watch::end`].
    pub(super) fn watch(&self) -> Watch {
        Watch {
            memory: self.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory),
            internal: self.device.push_error_scope(wgpu::ErrorFilter::Internal),
            validation: self.device.push_error_scope(wgpu::ErrorFilter::Validation),
        }
    }
}

/// Error scopes of all three kinds.
pub(super) struct Watch {
    memory: wgpu::ErrorScopeGuard,
    internal: wgpu::ErrorScopeGuard,
    validation: wgpu::ErrorScopeGuard,
}

impl Watch {
    /// The first fault since the watch began.
    pub(super) async fn end(self) -> Result<()> {
        // Scopes are a stack; all are popped before any is awaited.
        let (validation, internal, memory) = (self.validation.pop(), self.internal.pop(), self.memory.pop());
        let (validation, internal, memory) = (validation.await, internal.await, memory.await);
        if memory.is_some() {
            return Err(
                fault("the GPU's memory is full").hint("a smaller batch may fit; otherwise the CPU engine")
            );
        }
        match internal.or(validation) {
            Some(e) => Err(fault(format!("the GPU refused: {e}"))),
            None => Ok(()),
        }
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
