# The layer check finds what it must find, in a small tree of its own.
# SPDX-License-Identifier: Apache-2.0
import pathlib
import tempfile
import unittest

import check_includes

HEAD = "// Why it exists.\n// SPDX-License-Identifier: Apache-2.0\n"


class Tree(unittest.TestCase):
    def found(self, path, text):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, path)
            file.parent.mkdir(parents=True)
            file.write_text(text)
            return list(check_includes.findings(folder))

    def includes(self, path, *headers):
        return self.found(path, HEAD + "".join(f"#include {header}\n" for header in headers))


class Includes(Tree):
    def test_forbidden_ones_are_found_with_their_place(self):
        for path, header in (
                ("reference/wire/hex.cpp", '"reference/amp/box.hpp"'),
                ("reference/amp/box.hpp", '"reference/naive/box.hpp"'),
                ("reference/amp/box_test.cpp", '"reference/behaviour/commands.hpp"'),
                ("reference/naive/box.cpp", '"reference/wire/hex.hpp"'),
                ("reference/naive/box_test.cpp", '"reference/amp/box.hpp"'),
                ("reference/naive/amps_codec.cpp", '"reference/amps/frame.hpp"'),
                ("reference/amps/header.cpp", '"reference/amp/box.hpp"'),
                ("reference/amps/header.cpp", "<nlohmann/json.hpp>"),
                ("reference/behaviour/commands.cpp", '"reference/peer/tcp_peer.hpp"'),
                ("reference/behaviour/commands.cpp", "<boost/asio/ip/tcp.hpp>"),
                ("reference/peer/tcp_peer.cpp", '"conformance/check.hpp"'),
                ("reference/peer/tcp_peer.cpp", "<boost/asio.hpp>"),
                ("reference/amp/box.cpp", "<nlohmann/json.hpp>"),
                ("reference/amp/box.cpp", "<gtest/gtest.h>"),
                ("reference/amp/box.cpp", "<benchmark/benchmark.h>"),
                ("conformance/vectors/model.cpp", '"reference/wire/hex.hpp"'),
                ("conformance/vectors/model.cpp", '"conformance/check.hpp"'),
                ("conformance/check.cpp", '"runner/run.hpp"'),
                ("conformance/check.cpp", '"reference/naive/box.hpp"'),
                ("conformance/check.cpp", "<yaml-cpp/yaml.h>"),
                ("conformance/check.cpp", "<openssl/evp.h>"),
                ("conformance/check.cpp", "<nlohmann/json.hpp>"),
                ("runner/run.cpp", "<yaml-cpp/yaml.h>"),
                ("runner/run.cpp", '"conformance/vectors/yaml_reader.hpp"'),
                ("runner/run.cpp", '"tests/helper.hpp"'),
                ("runner/run.cpp", '"run.hpp"'),
                ("fuzz/decode.cpp", '"runner/run.hpp"')):
            with self.subTest(path=path, header=header):
                found = self.includes(path, "<string>", header)
                self.assertEqual(len(found), 1, found)
                self.assertTrue(found[0].startswith(path + ":4: "), found)

    def test_allowed_ones_are_not(self):
        for path, header in (
                ("reference/amp/box.hpp", '"reference/wire/hex.hpp"'),
                ("reference/amp/box_test.cpp", "<gtest/gtest.h>"),
                ("reference/amp/bench/amp_bench.cpp", "<benchmark/benchmark.h>"),
                ("reference/peer/tcp_peer.cpp", "<boost/asio/ip/tcp.hpp>"),
                ("conformance/digest.cpp", "<openssl/evp.h>"),
                ("conformance/vectors/model.cpp", '"reference/wire/value.hpp"'),
                ("conformance/vectors/yaml_tree.cpp", "<yaml-cpp/yaml.h>"),
                ("runner/target.cpp", '"conformance/vectors/yaml_reader.hpp"'),
                ("runner/run.cpp", '"runner/report/json.hpp"'),
                ("runner/browse.cpp", "<nlohmann/json.hpp>")):
            with self.subTest(path=path, header=header):
                self.assertEqual(self.includes(path, "<vector>", header), [])

    def test_an_include_that_is_spaced_or_indented_is_seen(self):
        self.assertEqual(len(self.found("reference/wire/a.hpp", HEAD + '  #  include  "reference/amp/box.hpp"\n')), 1)


class Heads(Tree):
    def test_missing_and_merged_heads_are_found(self):
        merged = "// Why it exists. SPDX-License-Identifier: Apache-2.0\n#include <string>\n"
        for path, text in (("reference/amp/a.cpp", "#include <string>\n"),
                           ("reference/amp/a.cpp", merged),
                           ("reference/amp/a.cpp", HEAD.replace("Why", "Why" * 40)),
                           ("reference/amp/a.cpp", HEAD.replace("Apache-2.0", "Apache-2.0.")),
                           ("reference/amp/a.cpp", "// SPDX-License-Identifier: Apache-2.0\n// Why.\n"),
                           ("reference/amp/CMakeLists.txt", "# Why it exists.\n"),
                           ("tests/a.py", "#!/usr/bin/env python3\nimport os\n"),
                           ("tests/empty.py", "")):
            with self.subTest(text=text):
                self.assertNotEqual(self.found(path, text), [])

    def test_right_ones_are_not(self):
        hashes = HEAD.replace("//", "#")
        for path, text in (("reference/amp/a.cpp", HEAD), ("cmake/a.cmake", hashes), ("tests/a.py", hashes),
                           ("tests/b.py", "#!/usr/bin/env python3\n" + hashes), ("vectors/amp1/a.yaml", "suite: a\n")):
            with self.subTest(path=path):
                self.assertEqual(self.found(path, text), [])


class ThisTree(unittest.TestCase):
    def test_the_project_keeps_its_layers(self):
        root = pathlib.Path(__file__).resolve().parents[2]
        self.assertEqual(list(check_includes.findings(root)), [])


if __name__ == "__main__":
    unittest.main()
