"""The loop that learns a task: epochs over examples, the best on the development set kept.

For any learner and any number of processes. Runs resume in the middle of an epoch.
"""

from __future__ import annotations

import math
import sys
import time
from dataclasses import replace
from pathlib import Path

import torch
from torch import nn
from tqdm import tqdm

from hanmill.schemas.typed_mapping import to_mapping
from hanmill.trainer.configs.config_file import dump_config
from hanmill.trainer.configs.loop import LoopConfig
from hanmill.trainer.data.counter_random import key_of
from hanmill.trainer.distributed.agreement import agree
from hanmill.trainer.distributed.failure import explain
from hanmill.trainer.distributed.parallel import clip_gradients, gather, spread
from hanmill.trainer.distributed.process import Process
from hanmill.trainer.errors import Interrupted, TrainingDiverged
from hanmill.trainer.finetuning.learner import Learner
from hanmill.trainer.pretraining.stop import StopRequest, stop_on_signals
from hanmill.trainer.runs.checkpoint import Checkpoint, Checkpoints, Progress, best_checkpoint
from hanmill.trainer.runs.log import Log

#: Updates between two checkpoints inside a long epoch.
_CHECKPOINT_EVERY = 1000
_DATA = "hash of the files it began with (training and development sets, and weights)"
_ADVICE = "a smaller --batch or --max-length"


def fit(learner: Learner, run: Path, data: str) -> bool:
    """Trains, or continues the run in ``run``, and leaves the model as it was in its best epoch.

    ``data`` is a hash of all that the run reads. Writes ``config.yaml``, ``log.jsonl`` and ``checkpoints/`` (the newest
    and the best). True on the rank that is to report. Raises CheckpointError where the run had another configuration
    or other data, TrainingDiverged and Interrupted.
    """
    process = Process.from_environment()
    try:
        with process:
            learner.model.to(process.device)
            checkpoints = Checkpoints(run / "checkpoints", 1)
            found = checkpoints.newest()
            agree(found[0] if found else None, process)
            log = Log(run, active=process.rank == 0)
            try:
                loop = _Loop(learner, process, checkpoints, log, data)
                if found:
                    loop.resume(*found)
                else:
                    loop.start()
                with stop_on_signals() as loop.stop:
                    loop.run()
                learner.learnt.load_state_dict(best_checkpoint(run)[1].weights)
            finally:
                # What was begun is finished whatever ends the run, Ctrl-C too.
                checkpoints.close()
                log.close()
    except (RuntimeError, MemoryError) as error:
        explained = explain(error, _ADVICE, process)
        if explained is None:
            raise
        raise explained from error
    return process.rank == 0


def fit_in_memory(learner: Learner, process: Process) -> dict[str, float]:
    """Trains on this process alone and writes nothing; the measures of the best epoch. Raises TrainingDiverged."""
    learner.model.to(process.device)
    loop = _Loop(learner, Process(0, 1, process.device), None, Log(Path(), active=False), "")
    loop.run()
    return loop.measures


class _Loop:
    """State of the loop on one rank; without ``checkpoints`` nothing is saved or shown."""

    def __init__(
        self, learner: Learner, process: Process, checkpoints: Checkpoints | None, log: Log, data: str
    ) -> None:
        self.learner, self.process = learner, process
        self.checkpoints, self.log, self.data = checkpoints, log, data
        self.stop = StopRequest()
        self.progress = Progress()
        self.best_epoch = 0
        # Of the best epoch.
        self.measures: dict[str, float] = {}
        self.loss = torch.zeros((), dtype=torch.float64, device=process.device)
        # Of the first epoch: every epoch has as many batches, or nearly.
        self.steps = len(learner.batches(0)) * learner.fit.epochs
        self.optimizer = learner.optimizer(self.steps)

    def start(self) -> None:
        if self.process.rank == 0:
            (self.log.folder / "config.yaml").write_text(dump_config(self.learner.config), encoding="utf-8")
            self.learner.begin(self.log.folder)
        parameters = sum(p.numel() for p in self.learner.learnt.parameters())
        self.log.write("start", 0, model=self.learner.name, parameters=parameters)

    def resume(self, path: Path, checkpoint: Checkpoint) -> None:
        checkpoint.check(path, self.learner.name, self.learner.config, self.data, _DATA)
        self.learner.learnt.load_state_dict(checkpoint.weights)
        self.optimizer.load_state_dict(checkpoint.optimizer)
        self.progress = checkpoint.progress
        if self.progress.best is not None:
            self.best_epoch = best_checkpoint(self.log.folder)[1].progress.epoch
        for line in self.checkpoints.damaged if self.checkpoints else []:
            self.log.write("damaged", self.progress.step, found=line)
        self.log.write("resume", self.progress.step, stage=self.learner.name, step=self.progress.step)

    def run(self) -> None:
        fit = self.learner.fit
        replica = spread(self.learner.model, (), self.process, LoopConfig())
        for epoch in range(self.progress.epoch, fit.epochs):
            if self.progress.best is not None and epoch - self.best_epoch > fit.patience:
                break
            self._run_epoch(replica, epoch)
            self._evaluate(epoch)
            self._save("step")
        self._finish_saving()

    def _run_epoch(self, replica: nn.Module, epoch: int) -> None:
        process, fit = self.process, self.learner.fit
        batches = self.learner.batches(epoch)
        started, tokens, rate = time.perf_counter(), 0.0, 0.0
        bar = tqdm(
            total=len(batches), initial=self.progress.batch, desc=f"epoch {epoch + 1} of {fit.epochs}",
            disable=process.rank != 0 or self.checkpoints is None or not sys.stderr.isatty(),
        )  # fmt: skip
        with bar:
            for number in range(self.progress.batch, len(batches)):
                # Dropout as a function of the step, so that a resumed run draws what the first would have drawn.
                torch.manual_seed(key_of("fine-tuning dropout", fit.seed, epoch, number, process.rank))
                mine = batches[number][process.rank :: process.world]
                # A rank without an example of its own takes part with one that counts nothing.
                batch = self.learner.batch(mine or batches[number][:1])
                counts = float(bool(mine))
                sizes = (counts * size for size in (batch.targets, batch.counted, batch.tokens))
                targets, counted, read, stop = process.sum(*sizes, float(self.stop.made))
                if stop:
                    self._settle(epoch)
                    self._save("step")
                    self._finish_saving()
                    raise Interrupted(f"epoch {epoch + 1}, step {self.progress.step}: stopped by a signal, saved")
                rate = self.learner.rate(self.progress.step + 1, self.steps, epoch)
                for group in self.optimizer.param_groups:
                    group["lr"] = rate
                replica.train()
                loss = replica(batch.inputs.to(process.device)) * counts
                # Gradients are averaged over ranks; the loss is a sum over them.
                (loss * process.world / max(1.0, targets)).backward()
                if fit.clip:
                    clip_gradients(self.learner.model, fit.clip)
                self.optimizer.step()
                self.optimizer.zero_grad(set_to_none=True)
                self.loss += loss.detach()
                tokens += read
                old = self.progress
                self.progress = replace(old, step=old.step + 1, batch=number + 1, targets=old.targets + int(counted))
                bar.update()
                if self.progress.step % _CHECKPOINT_EVERY == 0 and number + 1 < len(batches):
                    self._settle(epoch)
                    self._save("step")
        self._settle(epoch)
        old = self.progress
        self.log.write(
            "train", old.step, stage=self.learner.name, step=old.step, loss=old.loss / max(1, old.targets),
            learning_rate=rate, epoch=epoch, tokens_per_second=tokens / max(1e-9, time.perf_counter() - started),
        )  # fmt: skip
        self.progress = replace(old, loss=0.0, targets=0, batch=0, epoch=epoch + 1)

    def _settle(self, epoch: int) -> None:
        """Adds up the losses of all ranks. Raises TrainingDiverged, before anything of it is saved."""
        (loss,) = self.process.sum(float(self.loss))
        self.loss.zero_()
        if not math.isfinite(loss):
            raise TrainingDiverged(f"epoch {epoch + 1}: found loss {loss:.4g}, expected a finite number")
        self.progress = replace(self.progress, loss=self.progress.loss + loss)

    def _evaluate(self, epoch: int) -> None:
        """The first rank scores, all learn what was reached."""
        reached, measures = 0.0, {}
        if self.process.rank == 0:
            measures = self.learner.evaluate(self.process.device)
            reached = measures[self.learner.fit.metric]
            self.log.write(
                "validation", self.progress.step, stage=self.learner.name, step=self.progress.step, **measures
            )
        (reached,) = self.process.sum(reached)
        if self.progress.best is None or reached > self.progress.best:
            self.progress = replace(self.progress, best=reached)
            self.best_epoch, self.measures = epoch, measures
            self._save("best")

    def _save(self, kind: str) -> None:
        """The first rank writes; all hold the same. ``epoch`` of the best is its own, not the next one's."""
        if self.process.rank != 0 or self.checkpoints is None:
            return
        progress, state = self.progress, self.optimizer.state_dict()
        if kind == "best":
            progress, state = replace(progress, epoch=self.best_epoch), {}
        weights = gather(self.learner.learnt.state_dict(), keep=True)
        config = to_mapping(self.learner.config)
        found = Checkpoint(self.learner.name, config, self.data, progress, weights, gather(state, keep=True))
        self.checkpoints.save_behind(found, kind)

    def _finish_saving(self) -> None:
        """Returns on every rank when the newest checkpoint is on the disk."""
        if self.checkpoints:
            self.checkpoints.wait()
        self.process.barrier()
