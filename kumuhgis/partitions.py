"""Many parts at once: here, in processes, or on a Dask cluster; what is done is kept, and what broke is done again.

This room knows nothing of what a part is: it gives tasks to a function and takes bytes.
"""

import hashlib
import json
import os
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from contextvars import Context
from multiprocessing import get_context
from pathlib import Path

from kumuhgis.errors import OutputError, Problem, why_not_written

MANIFEST = "manifest.json"
MOST_TRIES = 3
"""How often a part is tried whose worker dies."""


class Lost(Exception):
    """A part that no worker could finish; the text says why."""


class Kept:
    """A folder with the parts that are done, so that a run that broke goes on.

    Parameters
    ----------
    folder : path
        Is made if it is not there.
    marks : dict of str to str
        Fingerprint of each part's task and input; a part done under another one is done again.

    Examples
    --------
    >>> import tempfile
    >>> kept = Kept(tempfile.mkdtemp(), {"33.13": "abc"})
    >>> kept.put("33.13", b"result", 1.5)
    >>> Kept(kept.folder, {"33.13": "abc"}).get("33.13"), Kept(kept.folder, {"33.13": "other"}).get("33.13")
    (b'result', None)
    """

    def __init__(self, folder, marks):
        self.folder, self.marks = Path(folder), marks
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            told = json.loads((self.folder / MANIFEST).read_text("utf-8"))
            self.parts = told["parts"] if isinstance(told["parts"], dict) else {}
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            self.parts = {}
        except OSError as error:
            raise _not_writable(self.folder, error) from error

    def get(self, key):
        """Give a part that is done and whole, else None."""
        entry = self.parts.get(key)
        if not isinstance(entry, dict) or entry.get("mark") != self.marks[key]:
            return None
        try:
            data = (self.folder / _file_of(key)).read_bytes()
        except OSError:
            return None
        return data if hashlib.sha256(data).hexdigest() == entry.get("sha256") else None

    def put(self, key, data, seconds):
        """Keep a part, first the part, then the manifest; each whole or not at all."""
        entry = {"file": _file_of(key), "sha256": hashlib.sha256(data).hexdigest(), "mark": self.marks[key]}
        self.parts[key] = entry | {"seconds": round(seconds, 2)}
        told = json.dumps({"parts": self.parts}, indent=1, ensure_ascii=False).encode()
        try:
            _replace(self.folder / _file_of(key), data)
            _replace(self.folder / MANIFEST, told)
        except OSError as error:
            raise _not_writable(self.folder, error) from error


def _file_of(key):
    """Name the file of a part; what people call it does not choose where we write."""
    return f"{hashlib.sha256(key.encode()).hexdigest()[:16]}.part"


def _replace(path, data):
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        draft.write_bytes(data)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _not_writable(folder, error):
    params = {"path": str(folder), "reason": why_not_written(error)}
    return OutputError([Problem("output_not_writable", folder.name, params=params)])


def run(job, tasks, *, workers=1, cluster=None, kept=None, progress=None, apart=False):
    """Do every task, and give the results in the order of the tasks.

    Parameters
    ----------
    job : callable
        Takes a task and gives bytes; an importable function, for other processes have to find it.
    tasks : dict of str to object
        What is to be done, by the key of the part.
    workers : int
        Processes on this machine; 1 is this process.
    cluster : str or distributed.Client, optional
        Address of a Dask scheduler (``"tcp://…"``) or a client; goes before ``workers``.
    kept : Kept, optional
        Where finished parts are; they are not done again.
    progress : callable, optional
        Called with (number done, number of all, key) after every part.
    apart : bool
        A single task goes to another process as well; without it, one alone is done here.

    Yields
    ------
    key : str
        The part.
    result : bytes or Lost
        What the job gave, or why no worker could finish it.

    Examples
    --------
    >>> dict(run(len, {"a": "RT", "b": "RW 01"}))
    {'a': 2, 'b': 5}
    """
    done = {key: True for key in tasks if kept is not None and kept.get(key) is not None}
    waiting = {key: task for key, task in tasks.items() if key not in done}
    started = time.monotonic()

    def take(key, result):
        if kept is not None and not isinstance(result, Lost):
            kept.put(key, result, time.monotonic() - started)
            result = True  # read again when its turn comes, so that memory does not grow with the parts
        done[key] = result
        waiting.pop(key)
        if progress is not None:
            progress(len(tasks) - len(waiting), len(tasks), key)

    if cluster is not None:
        _on_cluster(job, waiting, cluster, take)
    elif workers > 1 and (apart or len(waiting) > 1):
        _in_processes(job, waiting, workers, take)
    for key, task in tasks.items():
        if key in waiting:
            take(key, _here(job, task))
        result = done.pop(key)
        yield key, kept.get(key) if result is True else result


def _here(job, task):
    try:
        return Context().run(job, task)  # knows of nobody who waits here, as in a process of its own
    except Exception as error:
        return _lost(error)


def _lost(error):
    return Lost(f"{type(error).__name__}: {error}"[:200])


def _in_processes(job, waiting, workers, take):
    """Work with a pool; when a worker dies, the unfinished go to a new one, at last each to one of its own."""
    tries, spawn = Counter(), get_context("spawn")
    while waiting:
        careful = max(tries.values(), default=0) >= MOST_TRIES - 1
        keys = list(waiting)[:1] if careful else list(waiting)
        with ProcessPoolExecutor(min(workers, len(keys)), mp_context=spawn) as pool:
            futures = {pool.submit(job, waiting[key]): key for key in keys}
            for future in as_completed(futures):
                key = futures[future]
                try:
                    take(key, future.result())
                except BrokenProcessPool:
                    tries[key] += 1
                except Exception as error:
                    take(key, _lost(error))
        if careful and keys[0] in waiting and tries[keys[0]] > MOST_TRIES:
            take(keys[0], Lost("the worker died"))
            tries.clear()  # the others only shared a pool with it


def _on_cluster(job, waiting, cluster, take):
    """Work on a Dask cluster; it gives the part of a worker that died to another one."""
    from distributed import as_completed as finished

    with _client(cluster) as client:
        names = list(waiting)
        futures = {client.submit(job, waiting[key], pure=False, retries=MOST_TRIES - 1): key for key in names}
        for future in finished(futures):
            error = future.exception()
            take(futures[future], future.result() if error is None else _lost(error))
            future.release()


@contextmanager
def _client(cluster):
    """Give the client of a cluster; one that is ours is closed."""
    if not isinstance(cluster, str):
        yield cluster
        return
    from distributed import Client

    with Client(cluster) as client:
        yield client
