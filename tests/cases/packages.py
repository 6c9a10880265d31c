"""Models of real packages: what the command line makes of them, beside onnxruntime.

    pip download --no-deps silero-vad rapidocr-onnxruntime magika ddddocr nudenet   # into one folder
    python tests/cases/packages.py target/release/reluctant FOLDER > tests/cases/packages.csv

Each wheel is unpacked in FOLDER. Columns: nodes counted and in all; MACs; operators of the nodes that stay unknown; the run's largest
difference from onnxruntime, as a share of the largest magnitude or 1 (inputs of a normal distribution, seed 0); what a plan that
keeps half the elements gives: onnx.checker, and whether onnxruntime loads it.
"""
import csv, glob, json, os, subprocess, sys, tempfile, zipfile
import numpy as np
import onnx
import onnxruntime as ort

RELUCTANT, FOLDER = os.path.abspath(sys.argv[1]), sys.argv[2]
# Shapes of open inputs, values of inputs that steer.
SET = {
    "silero_vad.onnx": ["input=1x512", "state=2x1x128", "sr=16000"],
    "silero_vad_16k_op15.onnx": ["sequence=512"],
    "ch_PP-OCRv4_det_infer.onnx": ["x=1x3x64x64"],
    "ch_PP-OCRv4_rec_infer.onnx": ["x=1x3x48x64"],
    "ch_ppocr_mobile_v2.0_cls_infer.onnx": ["x=1x3x48x192"],
    "common.onnx": ["image_width=64"],
    "common_old.onnx": ["image_width=64"],
    "model.onnx": [],
    "320n.onnx": [],
}


def call(*args):
    done = subprocess.run([RELUCTANT, *args], capture_output=True, text=True, timeout=900)
    return done.returncode == 0, done.stdout if done.returncode == 0 else done.stderr.strip()


def array(port, rng):
    shape = [int(n) for n in port["shape"]]
    if "value" in port:
        return np.array(port["value"], port["dtype"]).reshape(shape)
    if port["dtype"].startswith("float"):
        return rng.standard_normal(shape).astype(port["dtype"])
    return rng.integers(0, 100, shape).astype(port["dtype"])


rows = csv.writer(sys.stdout, lineterminator="\n")
rows.writerow(["package", "file", "counted", "nodes", "macs", "unknown", "run", "replaced"])
for wheel in sorted(glob.glob(os.path.join(FOLDER, "*.whl"))):
    name, version = os.path.basename(wheel).split("-")[:2]
    with tempfile.TemporaryDirectory() as folder:
        zipfile.ZipFile(wheel).extractall(folder)
        for path in sorted(glob.glob(os.path.join(folder, "**", "*.onnx"), recursive=True)):
            file = os.path.basename(path)
            if file not in SET:
                continue
            set_ = [part for text in SET[file] for part in ("--set", text)]
            score = json.loads(call("score", path, "--json", *set_)[1])
            coverage, rng = score["coverage"], np.random.default_rng(0)
            arrays = {p["name"]: array(p, rng) for p in score["model"]["inputs"]}
            np.savez(os.path.join(folder, "in.npz"), **arrays)
            ok, said = call("run", path, *set_, "--input", os.path.join(folder, "in.npz"), "--output", os.path.join(folder, "out.npz"))
            try:
                session = ort.InferenceSession(path)
                wanted = dict(zip([o.name for o in session.get_outputs()], session.run(None, arrays)))
            except Exception as fault:
                wanted = None
                run = "onnxruntime: " + str(fault).split("\n")[0][:60]
            if wanted is not None and ok:
                found = np.load(os.path.join(folder, "out.npz"))
                far = lambda n: np.abs(found[n].astype(float) - wanted[n]).max() / max(np.abs(wanted[n]).max(), 1.0)
                run = "%.0e" % max(far(n) for n in wanted if wanted[n].size)
            elif not ok:
                run = said.split("\n")[0][:110]
            changed = os.path.join(folder, "changed.onnx")
            ok, said = call("replace", path, "--budget", "50%", *set_, "-o", changed)
            if ok:
                try:
                    onnx.checker.check_model(changed)
                    ort.InferenceSession(changed)
                    replaced = "checked, loads"
                except Exception as fault:
                    replaced = str(fault).split("\n")[0][:110]
            else:
                replaced = said.split("\n")[0][:110]
            unknown = sorted({node["op"] for node in coverage["unknown"]})
            rows.writerow([f"{name} {version}", file, coverage["counted"], coverage["nodes"], score["totals"]["macs"], " ".join(unknown), run, replaced])
            sys.stdout.flush()
