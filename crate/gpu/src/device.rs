//! The GPU: adapter, device, limits, and whether it is still there.
//!
//! What goes wrong is a fault, which a session answers by running on the CPU.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::shader::Kernel;
use super::{Adapter, Limits, Opened, Result, fault};

/// An open GPU. Pipelines are kept as long as it lives, so that a second program of the same kernels
/// compiles nothing.
#[derive(Debug)]
pub struct Gpu {
    pub(super) device: wgpu::Device,
    pub(super) queue: wgpu::Queue,
    pub(super) opened: Opened,
    pub(super) lost: Arc<Mutex<Option<String>>>,
    pub(super) pipelines: Mutex<HashMap<Kernel, wgpu::ComputePipeline>>,
}

impl Gpu {
    /// Opens the fastest GPU there is. `name` is what it is called where its driver says nothing.
    ///
    /// # Errors
    /// There is none, or it does not give a device.
    pub async fn open_named(name: &str) -> Result<Self> {
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
        let mut info = adapter.get_info();
        if info.name.is_empty() {
            info.name = if info.driver.is_empty() { name.to_owned() } else { info.driver.clone() };
        }
        Ok(Self::from_device(info, device, queue, timings))
    }

    fn from_device(info: wgpu::AdapterInfo, device: wgpu::Device, queue: wgpu::Queue, timings: bool) -> Self {
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
        let adapter = Adapter { name: info.name, backend, software, timings };
        Self { device, queue, opened: Opened { adapter, limits }, lost, pipelines: Mutex::default() }
    }

    /// Fails where the device is gone.
    ///
    /// # Errors
    /// It was lost.
    pub fn alive(&self) -> Result<()> {
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
