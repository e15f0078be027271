"""How the models on onnxruntime are run: on few threads, and without an arena."""

import onnxruntime


def options(threads: int = 1) -> onnxruntime.SessionOptions:
    chosen = onnxruntime.SessionOptions()
    chosen.intra_op_num_threads, chosen.inter_op_num_threads = threads, 1
    # An arena would keep what was computed from a caller's words after the call.
    chosen.enable_cpu_mem_arena = False
    chosen.log_severity_level = 4
    return chosen
