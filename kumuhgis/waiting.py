"""How far a long piece of work is, told to a person who waits: in a terminal, in a notebook, or to a function.

A door opens :func:`waiting`; the rooms below it call :func:`step` after each piece, and know nothing else of it. A bar
appears only where a person looks on, only after :data:`DELAY_S` seconds, and is gone when the work is done.
"""

import os
import sys
from contextlib import contextmanager
from contextvars import ContextVar
from html import escape
from time import monotonic

from kumuhgis.text import texts

DELAY_S = 2.0
"""Work that is done before this many seconds shows no bar."""
SWITCH = "KUMUHGIS_PROGRESS"
"""Variable of the environment that turns bars off with 0."""
_now = ContextVar("waiting", default=None)
_FORM = "{desc} {n_fmt}/{total_fmt} {bar:24}{postfix}"
_FORM_OPEN = "{desc} {n_fmt}{postfix}"


class _Wait:
    """One piece of work: how far it is, and the bar that shows it once there is one."""

    def __init__(self, label, show, lang):
        self.label, self.show, self.words = label, show, texts(lang, "waiting")
        self.process, self.began = os.getpid(), monotonic()
        self.done, self.of, self.bar = 0, None, None

    def tell(self, done, of, name):
        """Say how many pieces are done, of how many (None: not known), and which was the last."""
        if self.process != os.getpid():  # a process that was forked from ours
            return
        self.done = done
        if callable(self.show):
            self.show(done, of, name)
        elif self.bar is not None or monotonic() - self.began >= DELAY_S:
            if self.bar is None:
                self.bar = _bar_class()(
                    desc=self.label, total=of, leave=False, file=sys.stderr, bar_format=_FORM if of else _FORM_OPEN
                )
            self.bar.n = done
            self.bar.set_postfix_str(self.words.get(f"waiting.{name}", name), refresh=False)
            self.bar.refresh()

    def end(self):
        """Take the bar away."""
        if self.bar is not None:
            self.bar.close()


def _bar_class():
    if in_notebook():
        return _NotebookBar
    from tqdm import tqdm

    return tqdm


class _NotebookBar:
    """A bar in the output of a cell, with the few names of tqdm's that are used here; closed, it leaves nothing.

    The widget of tqdm stays in a notebook that is saved, and shows its first state wherever widgets do not run.
    """

    def __init__(self, desc, total, **_):
        from IPython.display import display

        self.desc, self.total, self.n, self.said = desc, total, 0, ""
        self._shown = display({"text/plain": desc}, raw=True, display_id=True)

    def set_postfix_str(self, said, **_):
        """Name the piece that is done."""
        self.said = said

    def refresh(self):
        """Show how far it is."""
        count = f"{self.n}/{self.total}" if self.total else str(self.n)
        words = f"{self.desc} {count} {self.said}"
        ends = f'value="{self.n}" max="{self.total}"' if self.total else ""
        self._shown.update(
            {"text/plain": words, "text/html": f"<progress {ends}></progress> {escape(words)}"}, raw=True
        )

    def close(self):
        """Take it away."""
        self._shown.update({"text/plain": ""}, raw=True)


def in_notebook():
    """Tell whether we run in the kernel of a notebook."""
    shell = sys.modules.get("IPython")
    return shell is not None and hasattr(shell.get_ipython(), "kernel")


def is_watched():
    """Tell whether a person looks on: at a terminal, or at a notebook."""
    if os.environ.get(SWITCH) == "0":
        return False
    return in_notebook() or (sys.stderr is not None and sys.stderr.isatty())


@contextmanager
def waiting(label, show=None, lang="id"):
    """Tell a person how far the block is.

    Parameters
    ----------
    label : str
        What is being done; a key of ``waiting.toml`` or words.
    show : callable or bool, optional
        Called with (number done, number of all or None, name) after each piece. False: nothing is told. The default
        is a bar where a person looks on. Inside another such block the pieces are counted there.
    lang : {"id", "en"}
        Language of the bar.

    Yields
    ------
    callable
        To tell how far it is: (number done, number of all or None, name).

    Examples
    --------
    >>> told = []
    >>> with waiting("membaca", lambda *how_far: told.append(how_far)):
    ...     step("rt", of=2)
    ...     step("jalan", of=2)
    >>> told
    [(1, 2, 'rt'), (2, 2, 'jalan')]
    """
    silent = show is False or (not callable(show) and (_now.get() is not None or not is_watched()))
    wait = None if silent else _Wait(texts(lang, "waiting").get(f"waiting.{label}", label), show, lang)
    before = _now.set(wait or _now.get())
    try:
        yield wait.tell if wait else _nothing
    finally:
        _now.reset(before)
        if wait:
            wait.end()


def _nothing(_done, _of, _name):
    """Tell nobody."""


def expect(of):
    """Say how many pieces there will be, where not every one of them can say it.

    Parameters
    ----------
    of : int
        How many, with those that are done.
    """
    wait = _now.get()
    if wait is not None and wait.done == 0:
        wait.of = of


def step(name, of=None):
    """Say that a piece of the work is done, to whoever waits for it; without somebody who waits, nothing happens.

    Parameters
    ----------
    name : str
        Which piece: a key of ``waiting.toml`` or words.
    of : int, optional
        How many there are, where that is known.
    """
    wait = _now.get()
    if wait is not None:
        wait.tell(wait.done + 1, of or wait.of, name)
