"""A hundred command lines of a user who knows Hydra: each ends as the table says."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from sitesweep.command import main
from tests.sitesweep.users_files import FILES

ACCEPTED = {
    # Groups, values, lists and ranges.
    "plan": "outputs/paper",
    "plan sweep=smoke": "outputs/smoke",
    "plan sweep='smoke'": "outputs/smoke",
    "plan sweep=smoke engine=serial solver=native": "sweep         smoke",
    "plan sweep=smoke sweep.alpha=2,20": "alphas        2, 20",
    "plan sweep=smoke sweep.alpha=[2,20]": "alphas        2, 20",
    "plan sweep=smoke 'sweep.alpha=[2, 20]'": "alphas        2, 20",
    "plan sweep=smoke 'sweep.alpha=choice(2,20)'": "alphas        2, 20",
    "plan sweep=smoke 'sweep.alpha=range(1,4)'": "alphas        1, 2, 3",
    "plan sweep=smoke 'sweep.alpha=range(1,2,0.5)'": "alphas        1, 1.5",
    "plan sweep=smoke sweep.alpha=2.5e0": "alphas        2.5",
    "plan sweep=smoke sweep.scale=1,2": "scales        1, 2",
    "plan sweep=smoke sweep.allocation=A1,A5": "allocations   A1, A5",
    "plan sweep=smoke sweep.allocation=all": "42 of 42 instances",
    "plan sweep=smoke sweep.structure=[C3]": "structures    C3",
    "plan sweep=smoke shard=1/2": "sweep         smoke",
    "plan sweep=smoke ++seed=1": "sweep         smoke",
    "plan sweep=smoke dry_run=false": "sweep         smoke",
    "run sweep=smoke dry_run=true": "sweep         smoke",
    # The order of words does not matter, and of two words with the same key the last one counts.
    "plan sweep.alpha=3 sweep=smoke": "alphas        3",
    "plan sweep=smoke sweep.alpha=2 sweep.alpha=5": "alphas        5",
    "plan sweep=paper sweep=smoke": "sweep         smoke",
    # Allocations are the only keys that a user adds and removes.
    "plan sweep=smoke sweep.allocation=all +network.allocations.A8=[10,20,30]": "48 of 48",
    "plan sweep=smoke sweep.allocation=all ~network.allocations.A7": "36 of 36 instances",
    # Own files.
    "plan sweep=mine.yaml": "outputs/mine",
    "plan sweep=./smoke.yaml": "outputs/mine",
    "plan sweep=conf/sweep/theirs.yaml sweep.alpha=7": "alphas        7",
    "plan 'sweep=größe 1.yaml'": "outputs/mine",
    "plan sweep=inherits.yaml": "replications  1",
    "plan --config-dir conf sweep=theirs": "outputs/mine",
    "plan --config-dir=conf sweep=theirs": "outputs/mine",
    "plan sweep=theirs -cd conf": "outputs/mine",
    "plan -cd conf -cn study": "outputs/mine",
    "plan -cd conf --config-name study.yaml sweep=smoke": "outputs/smoke",
    # Folders in any language, and values that Hydra's grammar excludes.
    "plan sweep=smoke out=größe": "results       größe",
    "plan sweep=smoke out=名前/a": "results       名前/a",
    "plan sweep=smoke out=a=b": "results       a=b",
    "plan sweep=smoke 'out=a b'": "results       a b",
    "plan sweep=smoke 'out=a & b; c'": "results       a & b; c",
    """plan sweep=smoke "out='a,b'" """: "results       a,b",
    "plan sweep=replicated": "70,000 of 70,000 instances",
    # The composed configuration, of any verb.
    "run --cfg job": "name: paper",
    "run -c job sweep=smoke": "out: outputs/smoke",
    "run --cfg=job --resolve": "out: outputs/paper",
    "status --cfg job outputs/mine": "run: outputs/mine",
    "instance --cfg job": "alpha: ???",
    "report --cfg job where='alpha <= 5 and z1 = 3'": "where: alpha <= 5 and z1 = 3",
    # Help.
    "--help": "usage: sitesweep VERB",
    "-h": "usage: sitesweep VERB",
    "--version": "sitesweep ",
    "run --help": "usage: sitesweep run",
    "report -h": "usage: sitesweep report",
}
"""Command line -> a part of what it prints on stdout; the exit code is 0."""

REFUSED = {
    # Verbs.
    "stats": "did you mean status?",
    "transfer": "expected one of archive, claims, compact, compare, export, instance, map, plan",
    "export": "out: missing, expected out=",
    "archive": "out: missing, expected out=",
    "archive nowhere out=a.tar": "expected a file name that ends in .zip",
    "archive nowhere out=a.zip": "no results table in nowhere/results",
    "compare": "run: missing, expected run=",
    "compare one": "run: expected two folders, got 1",
    "compare one two three": "expected at most 2 folders",
    "compare nowhere größe": "no results table in nowhere/results",
    "export out=a.xlsx": "expected a file name that ends in .parquet or .csv",
    "''": "unknown verb ''",
    "sweep=smoke": "the first word is 'sweep=smoke', which is no verb",
    "--multirun run": "the first word is '--multirun', which is no verb",
    # Hydra's options.
    "run --multirun sweep.alpha=2,20": "sweep.alpha=2,20 is one sweep here, with one table",
    "run -m sweep.alpha=2,20": "-m is not needed",
    "run --cfg": "expected one argument",
    "run --cfg hydra": "--cfg: expected job, got 'hydra'",
    "run --config-path conf": "expected --config-dir DIR",
    "run -cp conf": "expected -cd DIR",
    "run --config-dir nowhere": "--config-dir: no folder 'nowhere'",
    "run --config-dir ''": "--config-dir: no folder ''",
    "run --config-name study": "no file 'study.yaml'",
    "run -cd conf -cn config": "sitesweep has its own config.yaml",
    "run -cn status": "seed: missing",
    "run --config-dri conf": "did you mean --config-dir?",
    "run --info": "unknown option '--info'",
    "run --verbose": "unknown option '--verbose'",
    "run -- sweep=smoke": "unknown option '--'",
    # Hydra's own keys.
    "run hydra.run.dir=out": "hydra.run.dir: Hydra's own keys have no effect here; out= is",
    "run hydra/launcher=joblib": "hydra/launcher: Hydra's own keys have no effect here",
    "run +hydra.verbose=true": "hydra.verbose: Hydra's own keys",
    "run hydra=basic": "hydra: Hydra's own keys",
    "run '~hydra.job'": "hydra.job: Hydra's own keys",
    # Unknown keys.
    "run sweep.alfa=2": "did you mean sweep.alpha?",
    "run +sweep.alfa=2": "did you mean sweep.alpha?",
    "run ++sweep.alfa=2": "did you mean sweep.alpha?",
    "run solver.time_limit=60": "did you mean solver.time_limit_s?",
    "run alpha=2": "did you mean sweep.alpha?",
    "run gap=1e-3": "did you mean solver.gap?",
    "run time_limit=60": "did you mean solver.time_limit_s?",
    "run swep=smoke": "did you mean sweep?",
    "run solver.gap.x=1": "did you mean solver.gap?",
    "run colour=red": "unknown key 'colour': --cfg job prints all keys",
    "run +colour=red": "unknown key 'colour': --cfg job prints all keys",
    "run run=outputs/mine": "did you mean out?",
    "status out=outputs/mine": "did you mean run?",
    "status sweep=smoke": "unknown key 'sweep'",
    "run engine=serial engine.workers=2": "engine.workers is a key of engine=ray only",
    "run engine.in_process=true": "engine.in_process is a key of engine=serial only",
    "run network.allocations.A8=[1,2,3]": "+network.allocations.A8=[sources,sites,customers]",
    "run +network.allocations.A8=[1,2]": "network.allocations.A8",
    "run größe=1": "'größe' is not a key",
    "run sweep@other=smoke": "expected sweep=... without @",
    # Adding what exists, and removing what is needed.
    "run +seed=1": "seed exists already: expected seed=... without +",
    "run +sweep=smoke": "sweep exists already: expected sweep=... without +",
    "run '~store'": "~store: every key is needed",
    "run '~sweep.alpha'": "~sweep.alpha: every key is needed",
    # Groups.
    "run sweep=paper,smoke": "sweep: expected one option, got 'paper,smoke'; one command fills",
    "run solver=native,highs": "only axes take several values",
    "run 'sweep=glob(*)'": "sweep: expected one option",
    "run solver=cplex": "expected one of auto, gurobi, highs, mip, native",
    "run sweep=SMOKE": "expected one of extended, paper, replicated, smoke, or FILE.yaml",
    "run sweep=": "sweep: unknown ''",
    "run engine=null": "engine: unknown 'null'",
    # Own files.
    "run sweep=nowhere.yaml": "sweep: cannot read 'nowhere.yaml': No such file or directory",
    "run sweep=conf": "sweep: unknown 'conf'",
    "run sweep=theirs": "sweep: unknown 'theirs'",
    "run -cd conf sweep=paper": "has the name of another option",
    "run sweep=partial.yaml": "sweep.name: missing",
    "run sweep=empty.yaml": "sweep.name: missing",
    "run sweep=typo.yaml": "did you mean sweep.alpha?",
    "run sweep=list.yaml": "'list.yaml' has no keys",
    "run sweep=broken.yaml": "is not YAML",
    "run solver=mine.yaml": "unknown key 'solver.allocation'",
    # Words that are not key=value.
    "run smoke": "expected key=value, such as sweep=smoke",
    "run mine.yaml": "such as sweep=smoke or sweep=path/to.yaml",
    "run sweep": "expected key=value",
    "run ''": "'' is not understood",
    "run =smoke": "there is no key",
    "run sweep:smoke": "expected key=value",
    "run 'a b=1'": "'a b' is not a key",
    # Quotes, brackets and interpolations.
    "run sweep.alpha=[2, 20]": "a list has no spaces, or is in quotes",
    "run sweep.alpha=[2,20": "a list has no spaces, or is in quotes",
    "run 'sweep.alpha=(2,20)'": "expected key=value where value is a word, a number, a [list]",
    "run sweep.alpha=2,,20": "expected key=value where value is",
    "run sweep.alpha==2": "sweep.alpha[0]: expected a valid number, got '=2'",
    "run 'sweep.alpha=2;20'": "sweep.alpha[0]: expected a valid number, got '2;20'",
    "run 'sweep.alpha=interval(1,2)'": "expected a list or range(start,stop,step)",
    "run 'sweep.alpha=range(1,x)'": "a [list] or range(start,stop,step)",
    'run "out=\'mine"': "in quotes twice",
    "run 'out=~/mine'": "expected $HOME instead of ~",
    "run 'out=a*'": "out: expected a folder",
    "run out=": "out: expected a folder",
    "run 'out=${nowhere}'": "nowhere: missing",
    "run 'out=${oc.env:NO_SUCH_VARIABLE}'": "NO_SUCH_VARIABLE",
    # Values.
    "run shard=3": "shard: expected i/n with i from 1 to n, got '3'",
    "run seed=1,2": "seed: expected a valid integer, got [1, 2]",
    "run seed=x": "seed: expected a valid integer, got 'x'",
    "run sweep.alpha=two": "sweep.alpha[0]: expected a valid number, got 'two'",
    "run sweep.structure=C26": "expected all or some of C1",
    "run sweep.replications=[1,2]": "sweep.replications: expected a valid integer",
    # Folders without a key.
    "status nowhere": "no results table in nowhere/results",
    "status": "no results table in outputs/paper/results",
    "status ''": "'' is not understood",
    "status one two": "expected one folder, got 'one' and 'two'",
    "status größe": "no results table in größe/results",
    "verify nowhere": "no results table in nowhere/results",
    "compact nowhere": "no results table in nowhere/results",
    "claims": "no results table in outputs/replicated/results",
    "claims nowhere": "no results table in nowhere/results",
    "report nowhere": "no results table in nowhere/results",
    "report nowhere out=": "out: expected a folder",
    "report one two": "out: missing, expected out=FOLDER if there are several runs",
    "report one two out=x": "no results table in one/results",
    "replay": "bundle: missing, expected bundle=...",
    "replay nowhere": "no bundle in nowhere",
    "instance allocation=A1 structure=C3 alpha=5": "out: missing, expected out=...",
    "map nowhere allocation=A1 structure=C3 alpha=5": "no results table in nowhere/results",
    "map allocation=A1 structure=C3": "alpha: missing, expected alpha=...",
    "map allocation=A1 structure=C3 alpha=2,5,20": "alpha: ",
}
"""Command line -> a part of its only line, on stderr; the exit code is 2."""

OF_A_LIBRARY = [
    "Traceback",
    "token recognition",
    "no viable",
    "extraneous",
    "mismatched",
    "hydra.cc",
]
"""Parts of messages of Python and of Hydra's parser, which say nothing to a user."""


@pytest.fixture(scope="module")
def users_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with the files of a user."""
    folder = tmp_path_factory.mktemp("user")
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_the_table_has_a_hundred_lines() -> None:
    """Together the tables have at least a hundred command lines."""
    assert len(ACCEPTED) + len(REFUSED) >= 100


@pytest.mark.parametrize("line", [*ACCEPTED, *REFUSED], ids=ascii)
def test_a_command_line_ends_as_the_table_says(
    line: str,
    users_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It prints what it was asked for, or one line that says what is wrong; it writes no file."""
    monkeypatch.chdir(users_folder)
    monkeypatch.setattr(sys, "argv", ["sitesweep", *shlex.split(line)])
    before = sorted(users_folder.rglob("*"))
    with pytest.raises(SystemExit) as exit_info:
        main()
    printed = capsys.readouterr()
    if line in ACCEPTED:
        assert exit_info.value.code == 0
        assert ACCEPTED[line] in printed.out
        assert printed.err == ""
    else:
        assert exit_info.value.code == 2
        assert printed.err.startswith("error: ")
        assert len(printed.err.splitlines()) == 1
        assert REFUSED[line] in printed.err
        assert not any(part in printed.err for part in OF_A_LIBRARY)
        assert printed.out == ""
    assert sorted(users_folder.rglob("*")) == before


@pytest.mark.slow
@pytest.mark.parametrize(
    "line", ["plan -cd conf sweep=theirs", "run --multirun", "run sweep.alfa=2", "status nowhere"]
)
def test_a_separate_process_ends_in_the_same_way(line: str, users_folder: Path) -> None:
    """The same holds for the command that a user starts."""
    finished = subprocess.run(
        [sys.executable, "-m", "sitesweep", *shlex.split(line)],
        cwd=users_folder,
        capture_output=True,
        text=True,
        timeout=120,
    )
    if line in ACCEPTED or line.startswith("plan"):
        assert finished.returncode == 0
        assert "outputs/mine" in finished.stdout
    else:
        assert finished.returncode == 2
        assert len(finished.stderr.splitlines()) == 1
