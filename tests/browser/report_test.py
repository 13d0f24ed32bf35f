#!/usr/bin/env python3
# Opens made-up reports from disk in headless Chromium and uses them as a reader would.
# SPDX-License-Identifier: Apache-2.0
"""usage: report_test.py REPORT_SAMPLE [SCREENSHOT_FOLDER]

REPORT_SAMPLE is the program of that name. Exits 0 if all is well, 1 if not, 77 without Chromium (1 if CI is set)."""
import json
import os
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

sys.dont_write_bytecode = True
import chromium  # noqa: E402

SAMPLE, SCREENSHOTS = '', None

# What a reader sees of the list of checks: ids of the rows drawn.
IDS = "[...document.querySelectorAll('#checks .row .name.mono')].map((e) => e.textContent)"


def click(selector, text=''):
    return f"""(() => {{
      const found = [...document.querySelectorAll({json.dumps(selector)})].find((e) => e.textContent.includes({json.dumps(text)}));
      if (!found) throw new Error('nothing to click: ' + {json.dumps(selector + ' ' + text)});
      found.click();
      return true;
    }})()"""


class ReportTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix='ampspec-report-')
        cls.addClassCleanup(cls.folder.cleanup)
        for kind in ('ordinary', 'hostile', 'empty', 'passing', 'failing'):
            subprocess.run([SAMPLE, kind, cls.path(kind)], check=True, stdout=subprocess.DEVNULL)
        cls.browser = chromium.Browser(chromium.find())
        cls.addClassCleanup(cls.browser.__exit__)

    @classmethod
    def path(cls, *names):
        return os.path.join(cls.folder.name, *names)

    def open(self, kind, fragment='', **more):
        return self.browser.open(self.path(kind, 'report.html'), fragment, **more)

    def tearDown(self):
        """Whatever was done: no error, no warning, no dialog, nothing asked of the network."""
        b = self.browser
        b.run('1')
        self.assertEqual(b.of('Runtime.exceptionThrown'), [])
        self.assertEqual(b.of('Runtime.consoleAPICalled'), [])
        self.assertEqual([e['entry']['text'] for e in b.of('Log.entryAdded')], [])
        self.assertEqual(b.of('Page.javascriptDialogOpening'), [])
        asked = {e['request']['url'].split('#')[0] for e in b.of('Network.requestWillBeSent')}
        self.assertEqual({url for url in asked if not url.startswith(('data:', 'about:'))} - self.own_urls(), set())

    def own_urls(self):
        return {'file://' + self.path(kind, 'report.html') for kind in os.listdir(self.folder.name)}

    def text(self, selector):
        return self.browser.run(f'document.querySelector({json.dumps(selector)}).innerText')

    # --- what is shown ---------------------------------------------------------------------------------------------------

    def test_verdict_and_counts_are_shown(self):
        self.open('ordinary')
        self.assertEqual(self.text('h1'), 'my-server 0.3.1 does not conform')
        top = self.text('header')
        for words in ('7 of 23 checks failed, from 4 causes; 3 clauses broken.', '5 fail', '10 pass', 'codec, server', '4 of 6', '3.2 s',
                      'ampspec run my-server --seed 7'):
            self.assertIn(words, top)
        self.assertIn('✗', top)

    def test_numbers_of_the_page_are_those_of_the_results(self):
        for kind in ('ordinary', 'passing', 'failing'):
            self.open(kind)
            with open(self.path(kind, 'results.jsonl'), encoding='utf-8') as file:
                lines = [json.loads(line) for line in file]
            summary = lines.pop()['summary']
            for verdict in ('pass', 'fail', 'warn', 'skip', 'crash'):
                self.assertEqual(sum(line['verdict'] == verdict for line in lines), summary[verdict])
            broken = self.browser.run("clauses.filter(states.broken).length")
            self.assertEqual(broken, len(summary['clauses']['broken']))
            covered = self.browser.run("clauses.filter((c) => citing.get(c.id).some(judged)).length")
            self.assertEqual(covered, summary['clauses']['cited'])

    def test_cause_shows_both_sides_and_points_at_the_octets(self):
        self.open('ordinary')
        card = [t for t in self.browser.run("[...document.querySelectorAll('#causes .card')].map((e) => e.innerText)") if 'A1-LIM-041' in t][0]
        for words in ('we sent', 'the server answered', '01 00', 'key length 256', '↑ must be refused here, by octet 2', 'nothing for 250 ms',
                      'connection closed by octet 2', 'accepted, answered after 31 ms', 'key-limit-missing', 'A1-LIM-044',
                      'ampspec run my-server --only A1-LIM-041 --trace'):
            self.assertIn(words, card)
        marks = self.browser.run("[...document.querySelectorAll('#causes mark')].map((e) => e.textContent)")
        self.assertEqual(marks, ['01 00', '61'])

    def test_empty_run_says_so(self):
        self.open('empty')
        self.assertEqual(self.text('h1'), 'my-server 0.3.1 was not judged')
        self.assertIn('This run has no checks.', self.text('#checks'))

    def test_passing_run_says_so(self):
        self.open('passing')
        self.assertEqual(self.text('h1'), 'my-server 0.3.1 conforms')
        self.assertIn('3,000 of 3,000 checks pass, none fails.', self.text('header'))
        self.browser.run(click('nav a', 'Causes'))
        self.assertIn('Nothing failed.', self.text('#causes'))

    # --- finding one's way -----------------------------------------------------------------------------------------------

    def test_parts_show_one_at_a_time(self):
        b = self.browser
        shown = "[...document.querySelectorAll('main > section')].filter((e) => e.getClientRects().length).map((e) => e.id).join()"
        self.open('ordinary')
        self.assertEqual(b.run(shown), 'causes')
        for name, part in {'Checks': 'checks', 'Clauses': 'clauses', 'The run': 'run', 'Causes': 'causes'}.items():
            b.run(click('nav a', name))
            b.wait(f"{shown} === '{part}'")
            self.assertEqual(b.run("document.querySelectorAll('nav a[aria-current]').length"), 1)
        b.run('history.back()')
        b.wait(f"{shown} === 'run'")
        b.run(click('.counts .chip', 'crash'))
        self.assertEqual(b.run(shown), 'checks')
        self.assertEqual(b.run(IDS), ['A1-LIM-050'])

    def test_filters_narrow_the_checks(self):
        b = self.browser
        self.open('ordinary', '#checks')
        self.assertEqual(len(b.run(IDS)), 14)
        b.run(click('#checks [data-verdict]', 'crash'))
        self.assertEqual(b.run(IDS), ['A1-LIM-050'])
        b.run(click('#checks [data-verdict]', 'warn'))
        self.assertEqual(b.run(IDS), ['A1-LIM-050', 'A1-CNV-030'])
        b.run(click('#checks [data-role]', 'codec'))
        self.assertIn('No check fits', self.text('#checks .rows'))
        b.run(click('#checks [data-verdict]', 'crash'))
        b.run(click('#checks [data-verdict]', 'warn'))
        self.assertEqual(b.run(IDS), ['A1-LIM-020'])
        self.assertIn('5 of 23 checks', self.text('#checks h2'))

    def test_search_takes_words_in_any_order(self):
        b = self.browser
        self.open('ordinary')
        b.key('/', '/')
        b.type('amp1-conv-021 ORDER')
        self.assertEqual(b.run(IDS), ['A1-CNV-007'])
        b.type(' nowhere')
        self.assertEqual(b.run(IDS), [])

    def test_check_opens_and_closes_from_the_keyboard(self):
        b = self.browser
        self.open('ordinary', '#checks')
        b.run("document.querySelector('#checks .row button').focus()")
        b.key('ArrowDown')
        b.key('Enter')
        opened = self.text('#checks .open')
        for words in ('AMP1-FRAME-013', 'vectors/amp1/frame/limits.yaml:12', 'fail@1:close/box', '01 01', '--only A1-LIM-042 --trace'):
            self.assertIn(words, opened)
        self.assertEqual(b.run("document.activeElement.getAttribute('aria-expanded')"), 'true')
        b.key('Escape')
        self.assertEqual(b.run("document.querySelectorAll('#checks .open').length"), 0)

    def test_address_leads_to_a_check_through_any_filter(self):
        b = self.browser
        self.open('ordinary', '#A1-CNV-051')
        self.assertIn('ticket 77', self.text('#checks .open'))
        b.run(click('#checks [data-verdict]', 'crash'))
        b.run("location.hash = '#A1-LIM-020'")
        b.wait("document.querySelector('#checks .open') && document.querySelector('#checks .open').innerText.includes('n=32768')")
        top = b.run("document.querySelector('#checks .row.at').getBoundingClientRect().top")
        self.assertTrue(0 <= top < 450, top)

    def test_clauses_can_be_narrowed_and_lead_to_checks(self):
        b = self.browser
        ids = "[...document.querySelectorAll('#clauses .row .mono')].map((e) => e.textContent)"
        self.open('ordinary', '#AMP1-CONV-077')
        self.assertIn('needs more calls than a run can make', self.text('#clauses .open'))
        b.run(click('#clauses [data-state]', 'broken 3'))
        self.assertEqual(b.run(ids), ['AMP1-CONV-001', 'AMP1-CONV-021', 'AMP1-FRAME-013'])
        b.run(click('#clauses [data-state]', 'not covered 2'))
        self.assertEqual(b.run(ids), ['AMP1-CONV-040', 'AMP1-FRAME-034'])
        b.run(click('#clauses [data-state]', 'excluded 1'))
        self.assertEqual(b.run(ids), ['AMP1-CONV-077'])
        b.run(click('#clauses [data-state]', 'broken'))
        b.run(click('#clauses .row button', 'AMP1-CONV-021'))
        b.run(click('#clauses .open a', 'A1-CNV-007'))
        b.wait("document.querySelector('#checks .open') && document.querySelector('#checks .open').innerText.includes('must be b')")

    # --- hostile text ----------------------------------------------------------------------------------------------------

    def test_hostile_text_is_only_text(self):
        b = self.browser
        self.open('hostile')
        b.run("[...document.querySelectorAll('.row button')].forEach((e) => e.click())")
        b.run("[...document.querySelectorAll('main button')].filter((e) => /^show the octets|show all/.test(e.textContent)).forEach((e) => e.click())")
        self.assertEqual(b.run("document.querySelectorAll('img, iframe, object, embed, form, base, style ~ style').length"), 0)
        self.assertEqual(b.run('document.scripts.length'), 2)
        self.assertEqual(b.run("({}).polluted"), None)
        shown = ''.join(self.text(part) for part in ('header', 'nav', 'footer'))
        for view in ('causes', 'checks', 'clauses', 'run'):
            b.run(f"show_view('{view}')")
            shown += self.text('main')
            self.assertEqual(b.run('document.documentElement.scrollWidth <= innerWidth'), True)
        for words in ('</script><script>alert(1)</script><img src=x onerror=alert(2)>', '\\x1b[2J', 'turned\\u{202e}!'):
            self.assertTrue(words in shown, words)
        for c in '\x00\x07\x1b\x9b\u202e':
            self.assertFalse(c in shown, repr(c))

    # --- size, paper, colours --------------------------------------------------------------------------------------------

    def test_three_thousand_checks_open_quickly_and_are_drawn_as_needed(self):
        b = self.browser
        for kind in ('passing', 'failing'):
            seconds = self.open(kind)
            self.assertLess(seconds, 5)
            self.assertLess(b.run("document.querySelectorAll('#checks .row').length"), 400)
            took = b.run("(() => { const t = performance.now(); search.value = '999'; search.dispatchEvent(new Event('input')); return performance.now() - t; })()")
            self.assertLess(took, 1000)
            self.assertEqual(b.run(IDS), ['A1-BIG-999'])
            b.run("location.hash = '#A1-BIG-700'")
            b.wait("document.querySelector('#checks .open') && document.querySelector('#checks .row.at').innerText.includes('A1-BIG-700')")

    def test_fits_narrow_screens(self):
        for fragment in ('#causes', '#checks', '#clauses', '#run', '#A1-CNV-007', '#AMP1-FRAME-013'):
            self.open('ordinary', fragment, width=360, height=700)
            self.assertEqual(self.browser.run('document.documentElement.scrollWidth'), 360, fragment)

    def test_text_has_contrast_in_light_and_dark(self):
        ratio = """(() => {
          const parts = (c) => c.match(/[\\d.]+/g).slice(0, 3).map((v) => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; });
          const light = (c) => { const [r, g, b] = parts(c); return .2126 * r + .7152 * g + .0722 * b; };
          const back = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (!/, 0\\)$/.test(c)) return c; } };
          let worst = [99, ''];
          for (const e of document.querySelectorAll('body *')) {
            if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || !e.getClientRects().length) continue;
            const [a, b] = [light(getComputedStyle(e).color), light(back(e))];
            const r = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
            if (r < worst[0]) worst = [r, e.className + ': ' + e.textContent.slice(0, 40)];
          }
          return worst;
        })()"""
        for dark in (False, True):
            for fragment in ('#causes', '#A1-LIM-041', '#AMP1-CONV-077', '#run'):
                self.open('ordinary', fragment, dark=dark)
                worst, where = self.browser.run(ratio)
                self.assertGreaterEqual(worst, 4.5, where)

    def test_prints_every_cause(self):
        self.open('failing')
        self.browser.run("dispatchEvent(new Event('beforeprint'))")
        self.assertEqual(self.browser.run("document.querySelectorAll('#checks .row').length"), 1000)
        self.open('ordinary')
        self.browser.call('Emulation.setEmulatedMedia', media='print')
        self.assertEqual(self.browser.run("[...document.querySelectorAll('main > section')].filter((e) => e.getClientRects().length).length"), 4)
        self.browser.call('Emulation.setEmulatedMedia', media='')
        self.browser.pdf(self.path('report.pdf'))
        self.assertGreater(os.path.getsize(self.path('report.pdf')), 10000)

    def test_junit_file_is_xml(self):
        self.open('empty')
        for kind in ('ordinary', 'hostile', 'empty', 'failing'):
            root = xml.etree.ElementTree.parse(self.path(kind, 'junit.xml')).getroot()
            self.assertEqual(len(root.findall('.//testcase')), int(root.get('tests')))

    def test_screenshots(self):
        if not SCREENSHOTS:
            self.open('empty')
            self.skipTest('no folder given')
        os.makedirs(SCREENSHOTS, exist_ok=True)
        for name, more in {'light': {}, 'dark': {'dark': True}, 'narrow': {'width': 420}}.items():
            for view in ('causes', 'checks', 'clauses', 'run'):
                self.open('ordinary', '#' + view, **more)
                self.browser.screenshot(os.path.join(SCREENSHOTS, f'{name}-{view}.png'), whole=True)


if __name__ == '__main__':
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    SAMPLE, SCREENSHOTS = sys.argv[1], sys.argv[2] if len(sys.argv) == 3 else None
    if chromium.find() is None:
        print('no Chromium: set CHROMIUM, or install the package chromium')
        sys.exit(1 if os.environ.get('CI') else 77)
    unittest.main(argv=sys.argv[:1])
