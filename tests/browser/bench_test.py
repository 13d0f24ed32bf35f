#!/usr/bin/env python3
# Opens the picture of a made-up measurement in headless Chromium, alone and in a report, and looks at what is drawn.
# SPDX-License-Identifier: Apache-2.0
"""usage: bench_test.py BENCH_SAMPLE [SCREENSHOT_FOLDER]

BENCH_SAMPLE is the program of that name. Exits 0 if all is well, 1 if not, 77 without Chromium (1 if CI is set)."""
import os
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
import chromium  # noqa: E402

SAMPLE, SCREENSHOTS = '', None
WIDTHS = (1280, 900, 390)


class BenchTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix='ampspec-bench-')
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        subprocess.run([SAMPLE, cls.folder], check=True)
        cls.browser = chromium.Browser(chromium.find())
        cls.addClassCleanup(cls.browser.__exit__)

    def open(self, name, fragment='', **more):
        self.browser.open(os.path.join(self.folder, name), fragment, **more)

    def tearDown(self):
        """Nothing threw, nothing was refused by the page's policy, nothing was asked of the network."""
        b = self.browser
        self.assertEqual(b.of('Runtime.exceptionThrown'), [])
        self.assertEqual([e['entry']['text'] for e in b.of('Log.entryAdded')], [])
        asked = {e['request']['url'].split('#')[0] for e in b.of('Network.requestWillBeSent')}
        own = {f'file://{os.path.join(self.folder, name)}' for name in ('bench.html', 'report.html')}
        self.assertEqual({url for url in asked if not url.startswith(('data:', 'about:'))} - own, set())

    def text(self, selector):
        return self.browser.run(f'document.querySelector({selector!r}).innerText')

    def test_numbers_are_text_and_markup_of_a_target_is_text_too(self):
        self.open('bench.html')
        text = self.text('#bench')
        for words in ('my-server', '<b>other</b>', '320 µs', '1.25 s', '3.2 x', 'not offered: it has no server for AMPv2',
                      'failed: the target closed the connection'):
            self.assertIn(words, text)
        drawn = self.browser.run("[...document.querySelectorAll('#bench svg text')].map((t) => t.textContent)")
        for words in ('320 µs', '496 MB/s', 'ours 9.0 MiB', 'theirs 13.0 MiB', '100 µs', '1 ms', '1 s'):
            self.assertIn(words, drawn)

    def test_marks_stand_in_the_order_of_their_times(self):
        self.open('bench.html')
        rows = self.browser.run("""[...document.querySelectorAll('.card:first-child .plot svg, .bench .plot svg')]
          .filter((s) => s.querySelector('.p99')).map((s) => ['.p50', '.p99', 'line.worst'].map((m) => s.querySelector(m).getBoundingClientRect().x))""")
        self.assertEqual(len(rows), 6)
        for p50, p99, worst in rows:
            self.assertLess(p50, p99)
            self.assertLess(p99, worst + 6)

    def test_it_fits_the_window_and_is_seen_on_light_and_dark(self):
        for dark in (False, True):
            for width in WIDTHS:
                self.open('bench.html', width=width, dark=dark)
                self.assertLessEqual(self.browser.run('document.documentElement.scrollWidth'), width)
                if SCREENSHOTS:
                    self.browser.screenshot(os.path.join(SCREENSHOTS, f'bench-{width}-{"dark" if dark else "light"}.png'), whole=True)
            ink, paper = self.browser.run("[getComputedStyle(document.querySelector('#bench text')).fill, getComputedStyle(document.body).backgroundColor]")
            light = [sum(int(part) for part in colour.strip('rgb()').split(',')) > 382 for colour in (ink, paper)]
            self.assertEqual(light, [dark, not dark])

    def test_the_report_has_it_as_a_part_of_its_own(self):
        b = self.browser
        self.open('report.html')
        self.assertEqual(b.run("document.getElementById('bench').getClientRects().length"), 0)
        names = b.run("[...document.querySelectorAll('nav a')].map((a) => a.childNodes[0].textContent)")
        self.assertEqual(names, ['Causes', 'Checks', 'Clauses', 'The run', 'Interactivity'])
        self.open('report.html', '#bench')
        self.assertGreater(b.run("document.getElementById('bench').getClientRects().length"), 0)
        self.assertEqual(b.run("document.querySelector('main').dataset.view"), 'bench')
        self.assertIn('496', self.text('#bench'))
        if SCREENSHOTS:
            b.screenshot(os.path.join(SCREENSHOTS, 'report-bench.png'), whole=True)


if __name__ == '__main__':
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    SAMPLE = sys.argv[1]
    SCREENSHOTS = sys.argv[2] if len(sys.argv) == 3 else None
    if not chromium.find():
        print('no Chromium')
        sys.exit(1 if os.environ.get('CI') else 77)
    unittest.main(argv=sys.argv[:1])
