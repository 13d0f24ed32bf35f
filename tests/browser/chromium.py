# Drives headless Chromium through its debugging pipe, with the standard library alone.
# SPDX-License-Identifier: Apache-2.0
import base64
import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time

FLAGS = [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--hide-scrollbars', '--host-resolver-rules=MAP * ~NOTFOUND',
]


def find():
    """Path of Chromium: $CHROMIUM, or the first in PATH; None if there is none."""
    named = os.environ.get('CHROMIUM')
    if named:
        return shutil.which(named)
    return next(filter(None, map(shutil.which, ('chromium', '/usr/bin/chromium', 'chromium-browser', 'google-chrome'))), None)


class Failed(Exception):
    """The browser, or the script in the page, said no."""


class Browser:
    """One browser with one page. Use as a context manager: it ends the browser, and nothing else."""

    def __init__(self, path, deadline=60.0):
        self.deadline = deadline
        self.events = []
        self._number = 0
        self._pending = b''
        self._folder = tempfile.mkdtemp(prefix='ampspec-browser-')
        # The browser reads commands at descriptor 3 and writes to 4; ours are moved out of the way first.
        to_read, self._write = os.pipe()
        self._read, to_write = os.pipe()
        to_read, to_write = (fcntl.fcntl(fd, fcntl.F_DUPFD, 10) for fd in (to_read, to_write))

        def place():
            os.dup2(to_read, 3)
            os.dup2(to_write, 4)

        command = [path, *FLAGS, '--remote-debugging-pipe', '--user-data-dir=' + self._folder, 'about:blank']
        with open(os.path.join(self._folder, 'stderr.txt'), 'wb') as errors:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors, pass_fds=(3, 4),
                                             preexec_fn=place, start_new_session=True)
        os.close(to_read)
        os.close(to_write)
        self._session = None
        target = self.call('Target.createTarget', url='about:blank')['targetId']
        self._session = self.call('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
        for domain in ('Page', 'Runtime', 'Log', 'Network'):
            self.call(domain + '.enable')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self._session = None
            self.call('Browser.close')
            self._process.wait(5)
        except (Failed, OSError, subprocess.TimeoutExpired):
            pass
        try:
            os.killpg(self._process.pid, signal.SIGKILL)  # the group that this object started
        except ProcessLookupError:
            pass
        self._process.wait()
        os.close(self._read)
        os.close(self._write)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _message(self, until):
        while b'\0' not in self._pending:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self._read], [], [], left)[0]:
                raise Failed('the browser did not answer in time')
            more = os.read(self._read, 1 << 20)
            if not more:
                raise Failed('the browser ended')
            self._pending += more
        text, self._pending = self._pending.split(b'\0', 1)
        return json.loads(text)

    def call(self, method, **params):
        """A command of the protocol, its result. Events that come meanwhile are kept in `events`."""
        self._number += 1
        number = self._number
        message = {'id': number, 'method': method, 'params': params}
        if self._session:
            message['sessionId'] = self._session
        os.write(self._write, json.dumps(message).encode() + b'\0')
        until = time.monotonic() + self.deadline
        while True:
            answer = self._message(until)
            if answer.get('id') == number:
                if 'error' in answer:
                    raise Failed(f'{method}: {answer["error"]["message"]}')
                return answer['result']
            if 'method' in answer:
                self.events.append(answer)
                if answer['method'] == 'Page.javascriptDialogOpening':  # else it would wait for ever
                    self._number += 1
                    close = {'id': self._number, 'method': 'Page.handleJavaScriptDialog', 'params': {'accept': False},
                             'sessionId': answer['sessionId']}
                    os.write(self._write, json.dumps(close).encode() + b'\0')

    def of(self, method):
        return [e['params'] for e in self.events if e['method'] == method]

    def open(self, path, fragment='', width=1280, height=900, dark=False):
        """Loads a file from disk; seconds until it was drawn."""
        self.events.clear()
        self.call('Emulation.setDeviceMetricsOverride', width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.call('Emulation.setEmulatedMedia', features=[{'name': 'prefers-color-scheme', 'value': 'dark' if dark else 'light'}])
        self.call('Page.navigate', url='about:blank')
        began = time.monotonic()
        self.call('Page.navigate', url='file://' + os.path.abspath(path) + fragment)
        self.wait("document.readyState === 'complete' && location.protocol === 'file:'")
        self.run('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))')
        return time.monotonic() - began

    def run(self, expression):
        """The value of a JavaScript expression, a promise awaited."""
        answer = self.call('Runtime.evaluate', expression=expression, returnByValue=True, awaitPromise=True)
        if 'exceptionDetails' in answer:
            raise Failed(expression + ': ' + answer['exceptionDetails'].get('exception', {}).get('description', 'threw'))
        return answer['result'].get('value')

    def wait(self, expression, seconds=20.0):
        until = time.monotonic() + seconds
        while not self.run(expression):
            if time.monotonic() > until:
                raise Failed('never came true: ' + expression)
            time.sleep(0.02)

    def key(self, name, text=''):
        """Presses and releases a key: `Enter`, `ArrowDown`, `/`..."""
        more = {'text': text or '\r'} if text or name == 'Enter' else {}
        codes = {'Enter': 13, 'Escape': 27, 'ArrowUp': 38, 'ArrowDown': 40, 'Tab': 9}
        self.call('Input.dispatchKeyEvent', type='keyDown', key=name, windowsVirtualKeyCode=codes.get(name, 0), **more)
        self.call('Input.dispatchKeyEvent', type='keyUp', key=name, windowsVirtualKeyCode=codes.get(name, 0))

    def type(self, text):
        self.call('Input.insertText', text=text)

    def screenshot(self, path, whole=False):
        picture = self.call('Page.captureScreenshot', captureBeyondViewport=whole, **({'clip': self._page()} if whole else {}))
        with open(path, 'wb') as out:
            out.write(base64.b64decode(picture['data']))

    def pdf(self, path):
        with open(path, 'wb') as out:
            out.write(base64.b64decode(self.call('Page.printToPDF')['data']))

    def _page(self):
        size = self.call('Page.getLayoutMetrics')['cssContentSize']
        return {'x': 0, 'y': 0, 'width': size['width'], 'height': min(size['height'], 12000), 'scale': 1}
