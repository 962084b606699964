"""Many parts at once: the same results in the same order, whoever does the work and whoever dies."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kumuhgis.errors import OutputError
from kumuhgis.partitions import MANIFEST, Kept, Lost, run

TASKS = {key: f"{key}" for key in ("33.72", "33.13", "33.11", "33.14", "33.09")}


def double(task):
    """Work that depends only on its task."""
    return f"{task}{task}".encode()


def refuse(task):
    """One part cannot be computed."""
    if task == "33.11":
        raise ValueError("rusak")
    return task.encode()


def die_once(task):
    """The worker of one part is killed, the first time."""
    path, key = task
    if key == "33.11" and not Path(path).exists():
        Path(path).write_text("x")
        time.sleep(0.2)
        os._exit(9)
    return key.encode()


def die_always(task):
    """The worker of one part is killed whenever it tries."""
    if task == "33.11":
        os._exit(9)
    return task.encode()


def marks(mark="v1"):
    return dict.fromkeys(TASKS, mark)


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_the_order_of_the_tasks(workers):
    assert list(run(double, TASKS, workers=workers)) == [(k, double(k)) for k in TASKS]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_part_that_fails_costs_only_itself(workers):
    found = dict(run(refuse, TASKS, workers=workers))
    assert isinstance(found["33.11"], Lost) and "rusak" in str(found["33.11"])
    assert [k for k, v in found.items() if v == k.encode()] == ["33.72", "33.13", "33.14", "33.09"]


def test_a_worker_that_is_killed_once_costs_nothing(tmp_path):
    tasks = {key: (str(tmp_path / "died"), key) for key in TASKS}
    assert dict(run(die_once, tasks, workers=2)) == {key: key.encode() for key in TASKS}
    assert (tmp_path / "died").exists()


def test_a_part_that_always_kills_its_worker_costs_only_itself():
    found = dict(run(die_always, TASKS, workers=2))
    assert isinstance(found.pop("33.11"), Lost)
    assert found == {key: key.encode() for key in TASKS if key != "33.11"}


def test_progress_counts_every_part():
    told = []
    list(run(double, TASKS, progress=lambda done, of, key: told.append((done, of, key))))
    assert told == [(i + 1, 5, key) for i, key in enumerate(TASKS)]


# ---------------------------------------------------------------- what is kept


def test_what_is_kept_is_not_done_again(tmp_path):
    first = list(run(double, TASKS, kept=Kept(tmp_path, marks())))
    assert list(run(refuse, TASKS, kept=Kept(tmp_path, marks()))) == first


@pytest.mark.parametrize("damage", ["another mark", "a byte changed", "the part is gone", "no manifest", "noise"])
def test_what_is_kept_is_believed_only_if_it_is_whole_and_of_this_task(tmp_path, damage):
    list(run(double, TASKS, kept=Kept(tmp_path, marks())))
    parts = sorted(tmp_path.glob("*.part"))
    assert len(parts) == 5
    if damage == "a byte changed":
        parts[0].write_bytes(b"?" + parts[0].read_bytes()[1:])
    elif damage == "the part is gone":
        parts[0].unlink()
    elif damage == "no manifest":
        (tmp_path / MANIFEST).unlink()
    elif damage == "noise":
        (tmp_path / MANIFEST).write_text('{"parts": 3}')
    kept = Kept(tmp_path, marks("v2" if damage == "another mark" else "v1"))
    missing = [key for key in TASKS if kept.get(key) is None]
    assert len(missing) == (1 if "part" in damage or "byte" in damage else 5)
    assert dict(run(double, TASKS, kept=kept)) == {key: double(key) for key in TASKS}


def test_the_name_of_a_part_does_not_choose_where_we_write(tmp_path):
    inner = tmp_path / "a" / "b"
    list(run(double, {"../../jahat": "x"}, kept=Kept(inner, {"../../jahat": "v1"})))
    assert {p.parent for p in tmp_path.rglob("*.part")} == {inner}


def test_a_part_that_failed_is_tried_again(tmp_path):
    list(run(refuse, TASKS, kept=Kept(tmp_path, marks())))
    assert dict(run(double, TASKS, kept=Kept(tmp_path, marks())))["33.11"] == double("33.11")


def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path):
    (tmp_path / "berkas").write_text("x")
    with pytest.raises(OutputError):
        Kept(tmp_path / "berkas", marks())


SLOW = """
import sys, time
sys.path.insert(0, {tests!r})
from test_partitions import TASKS, marks, slow
from kumuhgis.partitions import Kept, run
if __name__ == "__main__":
    list(run(slow, TASKS, workers={workers}, kept=Kept({folder!r}, marks())))
"""


def slow(task):
    """Work that takes a while."""
    time.sleep(0.5)
    return double(task)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_that_was_killed_goes_on_where_it_was(tmp_path, workers):
    script = SLOW.format(tests=str(Path(__file__).parent), workers=workers, folder=str(tmp_path / "run"))
    file = tmp_path / "long.py"
    file.write_text(script)
    killed = subprocess.Popen([sys.executable, file], stderr=subprocess.DEVNULL)
    for _ in range(600):
        if (tmp_path / "run" / MANIFEST).exists():
            break
        time.sleep(0.05)
    killed.kill()
    killed.wait()
    kept = Kept(tmp_path / "run", marks())
    before = [key for key in TASKS if kept.get(key) is not None]
    assert 1 <= len(before) < len(TASKS)
    done = []
    result = dict(run(double, TASKS, kept=kept, progress=lambda *told: done.append(told[2])))
    assert result == {key: double(key) for key in TASKS} and not set(done) & set(before)
    assert not list((tmp_path / "run").glob(".*.tmp"))


# ---------------------------------------------------------------- a Dask cluster


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50) as local:
        yield local


def test_a_cluster_gives_the_same_by_address_and_by_client(cluster):
    from distributed import Client

    wanted = list(run(double, TASKS))
    assert list(run(double, TASKS, cluster=cluster.scheduler_address)) == wanted
    with Client(cluster) as client:
        assert list(run(double, TASKS, cluster=client)) == wanted
        assert client.status == "running", "a client that is not ours stays open"


def test_a_worker_of_the_cluster_that_is_killed_costs_nothing(cluster, tmp_path):
    tasks = {key: (str(tmp_path / "died"), key) for key in TASKS}
    assert dict(run(die_once, tasks, cluster=cluster.scheduler_address)) == {key: key.encode() for key in TASKS}
    assert (tmp_path / "died").exists()


def test_a_part_that_fails_on_the_cluster_costs_only_itself(cluster):
    found = dict(run(refuse, TASKS, cluster=cluster.scheduler_address))
    assert isinstance(found["33.11"], Lost) and len([v for v in found.values() if isinstance(v, bytes)]) == 4
