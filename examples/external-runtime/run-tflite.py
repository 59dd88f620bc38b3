#!/usr/bin/env python3
"""A runner for `hilltop agent --runtime tflite='/usr/bin/python3 /opt/run-tflite.py'`: TensorFlow Lite / LiteRT.

The lab hands out ONNX; TFLite takes .tflite. This runner converts nothing: it looks in the folder TFLITE_MODELS (below) for
`<SHA-256 of the ONNX file>.tflite`, which you put there, e.g. with onnx2tf:

    onnx2tf -i net.onnx -o out && cp out/net_float32.tflite /opt/tflite-models/$(sha256sum net.onnx | cut -d' ' -f1).tflite

onnx2tf turns images from NCHW to NHWC. The lab's tensors keep the order of the ONNX model, so a float input of four dimensions
whose shape in the .tflite is the transposed one is transposed here, before the time is taken.

Needs: pip install ai-edge-litert numpy   (or tflite-runtime on older systems)
This file is an example. It is not run in the project's CI, where no Python packages are to be had.
"""
import hashlib
import json
import sys
import time

import numpy as np

try:
    from ai_edge_litert import __version__ as version
    from ai_edge_litert.interpreter import Interpreter
except ImportError:
    from tflite_runtime import __version__ as version
    from tflite_runtime.interpreter import Interpreter

TFLITE_MODELS = "/opt/tflite-models"
TYPES = {"bool": "bool", "float16": "<f2", "float32": "<f4", "float64": "<f8", "int8": "i1", "uint8": "u1", "int16": "<i2",
         "uint16": "<u2", "int32": "<i4", "uint32": "<u4", "int64": "<i8", "uint64": "<u8"}

interpreter = None
inputs, outputs = [], []


def answer(value):
    print(json.dumps(value), flush=True)


def to_model(data, shape):
    """An image in the order that the .tflite takes."""
    if data.ndim == 4 and tuple(data.shape) != tuple(shape) and tuple(data.transpose(0, 2, 3, 1).shape) == tuple(shape):
        return np.ascontiguousarray(data.transpose(0, 2, 3, 1))
    return data


def read_inputs():
    for given, detail in zip(inputs, interpreter.get_input_details()):
        data = np.fromfile(given["file"], dtype=TYPES[given["type"]]).reshape(given["dims"])
        interpreter.set_tensor(detail["index"], to_model(data, detail["shape"]).astype(detail["dtype"]))


def load(question):
    global interpreter, inputs, outputs
    start = time.perf_counter_ns()
    with open(question["model"], "rb") as file:
        name = hashlib.sha256(file.read()).hexdigest()
    try:
        interpreter = Interpreter(f"{TFLITE_MODELS}/{name}.tflite", num_threads=question["threads"])
        interpreter.allocate_tensors()
    except (ValueError, OSError) as error:
        return answer({"error": {"code": "model-rejected", "message": str(error)[:2000]}})
    inputs, outputs = question["inputs"], question["outputs"]
    read_inputs()
    answer({"done": "load", "ns": time.perf_counter_ns() - start})


def infer(question):
    if question["readInputs"]:
        read_inputs()
    ns = []
    for _ in range(question["inferences"]):
        start = time.perf_counter_ns()
        interpreter.invoke()
        ns.append(time.perf_counter_ns() - start)
    answer({"done": question["do"], "ns": ns})


def output():
    for wanted, detail in zip(outputs, interpreter.get_output_details()):
        interpreter.get_tensor(detail["index"]).astype(TYPES[wanted["type"]]).tofile(wanted["file"])
    answer({"done": "output"})


for line in sys.stdin:
    question = json.loads(line)
    try:
        if question["do"] == "hello":
            answer({"done": "hello", "protocol": 1, "version": version, "providers": ["cpu"]})
        elif question["do"] == "load":
            load(question)
        elif question["do"] in ("warmup", "infer"):
            infer(question)
        elif question["do"] == "output":
            output()
        else:
            break
    except Exception as error:  # whatever went wrong is the answer
        answer({"error": {"code": "failed", "message": str(error)[:2000]}})
