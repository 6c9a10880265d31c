//! A run as a folder for PyTorch: the plan as JSON, weights as safetensors, data as npz, and a program that carries the
//! steps out.

use reluctant_train::data::{Set, Task};
use reluctant_train::net::Net;
use reluctant_train::run::Step;
use serde_json::{Map, Value, json};

use crate::error::Result;
use crate::run::npz;
use crate::run::tensor::Tensor;

/// What of the folder is the same for every run.
const FILES: [(&str, &str); 3] = [
    ("train.py", include_str!("pytorch/train.py")),
    ("requirements.txt", include_str!("pytorch/requirements.txt")),
    ("README.md", include_str!("pytorch/README.md")),
];

/// What is carried out there.
pub struct Folder<'a> {
    /// Name of the data.
    pub data: &'a str,
    /// What chooses checkpoints.
    pub chosen_on: &'a str,
    /// The network, its weights aside.
    pub net: &'a Net<f32>,
    /// Each seed and the network that it begins with.
    pub seeds: Vec<(u64, Net<f32>)>,
    /// Steps of the network with all ReLUs; none where it is trained already.
    pub base: Vec<Step>,
    /// Method, budget, steps.
    pub jobs: Vec<(&'a str, u64, Vec<Step>)>,
    /// The images, where the folder carries them.
    pub task: Option<&'a Task<f32>>,
}

impl Folder<'_> {
    /// Its files, by their paths in it.
    ///
    /// # Errors
    /// None that a run which can be trained here would cause.
    pub fn files(&self) -> Result<Vec<(String, Vec<u8>)>> {
        let mut files: Vec<(String, Vec<u8>)> =
            FILES.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).into();
        files.push(("plan.json".to_owned(), format!("{:#}\n", self.plan()).into_bytes()));
        for (seed, net) in &self.seeds {
            files.push((format!("weights-{seed}.safetensors"), safetensors(net)));
        }
        if let Some(task) = self.task {
            let parts = [("train", &task.train), ("validation", &task.validation), ("test", &task.test)];
            for (name, set) in parts {
                files.push((format!("data/{name}.npz"), archive(set)?));
            }
        }
        Ok(files)
    }

    fn plan(&self) -> Value {
        let net = self.net;
        json!({
            "schema": "reluctant.pytorch/1",
            "data": self.data,
            "chosen_on": self.chosen_on,
            "shapes": net.shapes,
            "nodes": net.nodes,
            "params": net.params.iter().map(|p| json!({ "name": p.name, "dims": p.dims })).collect::<Vec<_>>(),
            "sites": net.sites.iter().map(|site| json!({
                "name": site.name, "shape": site.shape, "keep": site.keep, "coefficients": site.coefficients,
            })).collect::<Vec<_>>(),
            "seeds": self.seeds.iter().map(|(seed, _)| seed).collect::<Vec<_>>(),
            "base": self.base,
            "jobs": self.jobs.iter().map(|(method, budget, steps)| json!({
                "method": method, "budget": budget, "steps": steps,
            })).collect::<Vec<_>>(),
        })
    }
}

/// The arrays of a network as safetensors: the header's length, the header as JSON, the numbers. Written here, since
/// that is all of the format.
fn safetensors(net: &Net<f32>) -> Vec<u8> {
    let (mut header, mut numbers) = (Map::new(), Vec::new());
    for param in &net.params {
        let from = numbers.len();
        numbers.extend(param.slice().iter().flat_map(|value| value.to_le_bytes()));
        let entry = json!({ "dtype": "F32", "shape": param.dims, "data_offsets": [from, numbers.len()] });
        header.insert(param.name.clone(), entry);
    }
    let mut text = Value::Object(header).to_string();
    // Numbers begin at a multiple of eight.
    text.push_str(&" ".repeat(text.len().next_multiple_of(8) - text.len()));
    [&(text.len() as u64).to_le_bytes()[..], text.as_bytes(), &numbers].concat()
}

fn archive(set: &Set<f32>) -> Result<Vec<u8>> {
    let [c, h, w] = set.shape();
    let labels: Vec<i64> = set.labels().iter().copied().map(i64::from).collect();
    npz::write(&[
        ("x".to_owned(), Tensor::new(vec![set.len(), c, h, w], set.numbers().to_vec())?),
        ("y".to_owned(), Tensor::new(vec![set.len()], labels)?),
    ])
}
