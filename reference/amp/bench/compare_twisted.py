# Tells how many times faster than Twisted's box parser the decoder is, on the same octets in reads of 64 KiB.
# SPDX-License-Identifier: Apache-2.0
"""usage: compare_twisted.py path/to/amp_bench      (by a Python that has Twisted, such as Debian's /usr/bin/python3)"""
import json
import subprocess
import sys
import tempfile
import time

from twisted.internet.testing import StringTransport
from twisted.protocols.amp import BinaryBoxProtocol

READ = 65536


class Counter:
    """Receives boxes and does nothing with them."""

    boxes = 0

    def startReceivingBoxes(self, sender):
        pass

    def stopReceivingBoxes(self, reason):
        pass

    def ampBoxReceived(self, box):
        self.boxes += 1


def twisted_seconds(octets):
    counter = Counter()
    parser = BinaryBoxProtocol(counter)
    parser.makeConnection(StringTransport())
    reads = [octets[at : at + READ] for at in range(0, len(octets), READ)]
    began = time.process_time()
    for read in reads:
        parser.dataReceived(read)
    seconds = time.process_time() - began
    if not counter.boxes:
        sys.exit("Twisted's parser delivered nothing")
    return seconds


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    bench = sys.argv[1]
    octets = subprocess.run([bench, "--sample"], check=True, capture_output=True).stdout
    twisted = min(twisted_seconds(octets) for _ in range(5))
    with tempfile.NamedTemporaryFile() as report:
        subprocess.run(
            [bench, f"--benchmark_filter=^decode_small/{READ}$", "--benchmark_repetitions=5",
             "--benchmark_out_format=json", f"--benchmark_out={report.name}"],
            check=True, capture_output=True,
        )
        benchmarks = json.load(report)["benchmarks"]
    runs = [run for run in benchmarks if run["run_type"] == "iteration"]
    ours = min(run["cpu_time"] for run in runs) * 1e-9
    print(f"{len(octets)} octets of small boxes: Twisted {twisted * 1e3:.2f} ms, ours {ours * 1e3:.3f} ms, "
          f"{twisted / ours:.0f} times faster (goal: >= 100)")


if __name__ == "__main__":
    main()
