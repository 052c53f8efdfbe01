"""The pretraining loop, for any model that learns from a corpus and any number of processes."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from tqdm import tqdm

from hanmill.schemas.annotated_text import AnnotatorFactory
from hanmill.schemas.typed_mapping import to_mapping
from hanmill.trainer.configs.config_file import dump_config
from hanmill.trainer.configs.stage import Shape, StageConfig
from hanmill.trainer.data.corpus import Corpus
from hanmill.trainer.data.counter_random import key_of
from hanmill.trainer.data.recent import Recent
from hanmill.trainer.data.vocabulary import Vocabulary
from hanmill.trainer.distributed.failure import explain
from hanmill.trainer.distributed.parallel import (
    clip_gradients,
    gather,
    load_model,
    load_optimizer,
    spread,
)  # fmt: skip
from hanmill.trainer.distributed.process import Patience, Process
from hanmill.trainer.errors import CheckpointError, Interrupted, TrainingDiverged
from hanmill.trainer.model_spec import PretrainingConfig, PretrainingSpec
from hanmill.trainer.models.frozen_table import count_parameters
from hanmill.trainer.pretraining.evaluation import validate
from hanmill.trainer.pretraining.global_batches import GlobalBatch, are_cut_otherwise, counted_batches, is_reshaped
from hanmill.trainer.pretraining.loss_sums import LossSums
from hanmill.trainer.pretraining.optimizer import build_optimizer, learning_rate
from hanmill.trainer.pretraining.profiler import profiler
from hanmill.trainer.pretraining.saving import Saving, part_of
from hanmill.trainer.pretraining.spikes import is_spike, limit, running_mean
from hanmill.trainer.pretraining.stop import StopRequest, stop_on_signals
from hanmill.trainer.pretraining.task_scores import TaskScores
from hanmill.trainer.pretraining.throughput import Stopwatch, peak_flops, peak_memory
from hanmill.trainer.pretraining.update import backward, settle_buckets
from hanmill.trainer.runs.checkpoint import Checkpoint, Progress
from hanmill.trainer.runs.log import Log, check_folder
from hanmill.trainer.runs.shares import Part

P = TypeVar("P", bound=PretrainingConfig)
M = TypeVar("M", bound=nn.Module)


def pretrain(
    spec: PretrainingSpec[P, M], config: P, corpus: Corpus, output: Path,
    begin: Callable[[M], Mapping[str, Any]] | None = None, profile: bool = False,
    annotators: AnnotatorFactory | None = None,
) -> None:  # fmt: skip
    """Trains to the end of the last stage, or continues the run in ``output``.

    ``begin`` gives the model of a new run other weights than those that were drawn, and says what the log notes of it.
    ``annotators`` read the raw text of ``loop.tasks``.

    Writes ``config.yaml``, the vocabulary, ``log.jsonl`` and ``checkpoints/``; with ``profile`` each rank writes a
    trace of a few steps to ``profile/``. Raises TrainerError, ManifestError or
    Interrupted.
    """
    check_folder(output / "checkpoints")
    process = Process.from_environment()
    try:
        with process:
            patience = Patience(process)
            tasks = TaskScores(spec, config, corpus, annotators, process, patience)
            process.first(lambda: corpus.verify(output / "verified.json"), patience)
            saving = Saving(output / "checkpoints", config.loop.keep_checkpoints, process)
            part = part_of(spec, config, corpus, process)
            found = saving.newest(part)
            changed = found[1].check(found[0], spec.name, config, corpus.fingerprint) if found else {}
            log = Log(output, process.rank == 0, config.loop.trackers, to_mapping(config))
            try:
                loop = _Loop(spec, config, corpus, process, saving, log, part)
                loop.score_tasks = tasks.score
                if found:
                    loop.resume(*found, changed)
                else:
                    loop.start(begin)
                # What was read is not held while the run goes on.
                found = None
                with stop_on_signals() as loop.stop, profiler(output, process, profile) as loop.profiled:
                    loop.run()
            finally:
                saving.close()
                log.close()
    except (RuntimeError, MemoryError) as error:
        explained = explain(error, config.data.memory_advice, process)
        if explained is None:
            raise
        raise explained from error


#: What the best checkpoint may be chosen by, where it is not a task's score.
_BY_LOSS = ("none", "perplexity")


class _GoBack(Exception):
    """A spike after which the newest checkpoint is taken again."""


class _Loop(Generic[P, M]):
    """State of the loop on one rank."""

    def __init__(
        self, spec: PretrainingSpec[P, M], config: P, corpus: Corpus, process: Process, saving: Saving, log: Log,
        part: Part,
    ) -> None:  # fmt: skip
        self.spec, self.config, self.corpus, self.part = spec, config, corpus, part
        self.process, self.saving, self.log = process, saving, log
        self.batches = spec.batches(config, corpus, process)
        self.objective = spec.objective(config)
        self.model = self._build()
        self.stop = StopRequest()
        self.profiled: Callable[[], None] = lambda: None
        self.score_tasks: Callable[[nn.Module, StageConfig, int], dict[str, float]] = lambda model, stage, step: {}
        self.progress = Progress()
        # Read, and not yet given to the model and its optimiser, which are spread over the ranks first.
        self.taken: Checkpoint | None = None
        # Since the newest checkpoint.
        self.rolled_back = 0
        self.skipped = False
        self.flops: Recent[Shape, float] = Recent(1)
        self.sums = LossSums(process)

    def _build(self) -> M:
        torch.manual_seed(key_of("weights", self.config.loop.seed))
        model = self.spec.build(self.config, self.spec.sizes(self.config, self.corpus))
        self.spec.load_tables(model, self.config, self.corpus)
        return model.to(self.process.device)

    def start(self, begin: Callable[[M], Mapping[str, Any]] | None) -> None:
        """Begins a run: notes what it is."""
        self._note_config()
        if self.process.rank == 0:
            self._vocabulary().save(self.log.folder)
        self.log.write("start", 0, model=self.spec.name, parameters=count_parameters(self.model))
        if begin is not None:
            self.log.write("warm_start", 0, **begin(self.model))

    def resume(self, path: Path, checkpoint: Checkpoint, changed: Mapping[str, tuple[Any, Any]]) -> None:
        """Goes on from a checkpoint; ``changed`` are settings that differ from its own."""
        self.progress, self.taken = checkpoint.progress, checkpoint
        self._note_config()
        if self.process.rank == 0:
            self._mend_vocabulary()
        if any(key == "loop.best" or key.startswith("loop.tasks.") for key in changed):
            # What was reached in another measure does not compare.
            self.progress = replace(self.progress, best=None)
        stage = self.config.stages[self.progress.stage]
        damaged = self.saving.checkpoints.damaged
        for line in damaged:
            self.log.write("damaged", self._total_step(), found=line)
        if damaged:
            self.log.write("fallback", self._total_step(), taken=path.name, passed_over=len(damaged))
        settings = {"changed": {key: list(values) for key, values in changed.items()}} if changed else {}
        self.log.write("resume", self._total_step(), stage=stage.name, step=self.progress.step, **settings)

    def _vocabulary(self) -> Vocabulary:
        return self.spec.vocabulary(self.config, self.corpus)

    def _mend_vocabulary(self) -> None:
        """Exports and taggers read it; what is gone or damaged of it the corpus still says."""
        expected = self._vocabulary()
        try:
            expected.load(self.log.folder)
        except CheckpointError as error:
            self.log.write("damaged", self._total_step(), found=str(error))
            expected.save(self.log.folder)

    def _note_config(self) -> None:
        if self.process.rank == 0:
            (self.log.folder / "config.yaml").write_text(dump_config(self.config), encoding="utf-8")

    def run(self) -> None:
        for number in range(self.progress.stage, len(self.config.stages)):
            stage = self.config.stages[number]
            if number > self.progress.stage:
                self._begin(number, stage)
            while True:
                try:
                    self._run_stage(stage)
                except _GoBack:
                    self._roll_back(stage)
                else:
                    break
        self.saving.finish()

    def _begin(self, number: int, stage: StageConfig) -> None:
        """A stage after another starts from a whole model, which a sharded one no longer is."""
        weights = gather(self.model.state_dict(), keep=True)
        self.model = self._build()
        self.model.load_state_dict(weights)
        self.spec.begin_stage(self.model, stage, self.corpus)
        before, now = self.config.stages[number - 1], stage.at(0).shape
        epoch, batch = self.progress.epoch, self.progress.batch
        if are_cut_otherwise(before.at(before.steps - 1).shape, now):
            epoch, batch = epoch + 1, 0
        self.progress = Progress(stage=number, epoch=epoch, batch=batch)

    def _roll_back(self, stage: StageConfig) -> None:
        """Takes up the stage's newest checkpoint, and the data behind the batch that was a spike."""
        self.saving.finish()
        spike = self.progress
        self.rolled_back += 1
        found = self.saving.newest(self.part)
        most = self.config.loop.spikes.rollbacks
        if found is None or found[1].progress.stage != spike.stage or self.rolled_back > most:
            taken = found[0] if found and found[1].progress.stage == spike.stage else "none in this stage"
            raise TrainingDiverged(
                f"stage {stage.name}, step {spike.step + 1}: found a spike, checkpoint to go back to: {taken}, gone "
                f"back before: {self.rolled_back - 1} times; expected a checkpoint and fewer than {most}"
            )
        path, checkpoint = found
        self.model = self._build()
        self.taken = checkpoint
        self.progress = replace(checkpoint.progress, epoch=spike.epoch, batch=spike.batch)
        self.sums.clear()
        self.log.write(
            "rollback", self._total_step(), stage=stage.name, taken=path.name, epoch=spike.epoch, batch=spike.batch
        )

    def _run_stage(self, stage: StageConfig) -> None:
        loop, process = self.config.loop, self.process
        replica = spread(self.model, self.spec.layers, process, loop)
        optimizer = build_optimizer(self.model, stage, self.spec.layers)
        if self.taken:
            load_model(self.model, self.taken.weights)
            if self.taken.optimizer:
                load_optimizer(optimizer, self.taken.optimizer)
            self.taken = None
        if (lanes := self.batches.lanes(stage.at(self.progress.step))) < process.world:
            # Slow and right: what is read does not depend on the number of ranks, so lanes do not follow it.
            advice = "ranks of one lane decode the same text; data.lanes of at least the ranks, and of the global batch"
            self.log.write(
                "lanes", self._total_step(), stage=stage.name, lanes=lanes, ranks=process.world, advice=advice
            )
        if self.progress.step == 0:
            self._evaluate(stage.at(0))
            self._evaluate_tasks(stage)
        watch = Stopwatch(peak_flops(process.device, loop.peak_tflops), process.world)
        bar = tqdm(
            total=stage.steps, initial=self.progress.step, desc=stage.name,
            disable=process.rank != 0 or not sys.stderr.isatty(),
        )  # fmt: skip
        settled = not isinstance(replica, DistributedDataParallel)
        # Loader processes end with the stage, not with the interpreter.
        workers = self.config.data.workers
        counted = counted_batches(self.batches, stage, self.progress, workers, process, self.stop)
        with bar, closing(counted) as batches:
            while self.progress.step < stage.steps:
                asked = time.perf_counter()
                batch, sums = next(batches)
                # Counts come first: the loss is a mean over the targets of the whole global batch, however split.
                counts = sums()
                waited = time.perf_counter() - asked
                if counts.stop:
                    self._settle(stage)
                    self._save(optimizer)
                    self.saving.finish()
                    raise Interrupted(f"stage {stage.name}, step {self.progress.step}: stopped by a signal, saved")
                if not settled:
                    settled = True
                    settle_buckets(replica, self.objective, batch.micro_batches[0], process, loop.bf16)
                rate, norm = self._step(stage, replica, optimizer, batch, counts.targets)
                step = self.progress.step + 1
                # Nothing of a step that was left out is in the log's means.
                done = self.progress.targets + (0 if self.skipped else int(counts.targets))
                self.skipped = False
                self.progress = replace(
                    self.progress, step=step, epoch=batch.epoch, batch=batch.number + 1, targets=done
                )
                now = stage.at(step - 1)
                watch.add(counts.tokens, int(counts.cells), waited, self._flops_of(now))
                bar.update()
                self.profiled()
                last = step == stage.steps
                if step == stage.changes_after(step - 1) and not last and is_reshaped(stage, step):
                    # Losses on rows of another length do not compare; scores of tasks do.
                    best = None if loop.best in _BY_LOSS else self.progress.best
                    self.progress = replace(self.progress, best=best)
                if step % loop.log_every == 0 or last:
                    self._settle(stage)
                    self._log_step(stage, rate, float(norm), watch)
                with watch.stopped():
                    if step % loop.evaluate_every == 0 or last:
                        self._evaluate(now)
                    self._evaluate_tasks(stage)
                if step % loop.checkpoint_every == 0 or last:
                    self._settle(stage)
                    self._save(optimizer)

    def _flops_of(self, stage: StageConfig) -> float:
        return self.flops.get(stage.shape, lambda _: self.spec.flops_per_token(self.model, self.config, stage))

    def _step(
        self, stage: StageConfig, replica: nn.Module, optimizer: torch.optim.Optimizer, batch: GlobalBatch[Any],
        targets: float,
    ) -> tuple[float, torch.Tensor]:  # fmt: skip
        """One update. Returns the learning rate and the norm of the gradient before clipping."""
        process, loop = self.process, self.config.loop
        # Dropout as a function of the step, so that a resumed run draws what the first would have drawn.
        torch.manual_seed(key_of("dropout", loop.seed, self.progress.stage, self.progress.step, process.rank))
        rate = learning_rate(stage, self.progress.step + 1)
        for group in optimizer.param_groups:
            group["lr"] = rate
        losses = backward(replica, self.objective, batch.micro_batches, targets, process, loop.bf16)
        norm = clip_gradients(self.model, stage.clip)
        if loop.spikes.action == "none" or not self._is_spike(stage, float(norm), batch):
            self.sums.add(losses, norm)
            optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return rate, norm

    def _is_spike(self, stage: StageConfig, norm: float, batch: GlobalBatch[Any]) -> bool:
        """Whether the update is left out. Every rank has the same norm, so every rank decides alike.

        Raises _GoBack where the rule says so.
        """
        rule, old = self.config.loop.spikes, self.progress
        most = limit(rule, old.typical_norm, old.step + 1)
        if not is_spike(norm, most):
            self.progress = replace(old, typical_norm=running_mean(rule, old.typical_norm, norm))
            return False
        self.log.write(
            "spike", self._total_step(), stage=stage.name, step=old.step + 1, gradient_norm=norm, limit=most,
            action=rule.action, epoch=batch.epoch, batch=batch.number,
        )  # fmt: skip
        if rule.action == "rollback":
            self.progress = replace(old, epoch=batch.epoch, batch=batch.number + 1)
            raise _GoBack
        self.skipped = True
        return True

    def _settle(self, stage: StageConfig) -> None:
        """Adds up the losses of all ranks. Raises TrainingDiverged, before anything of it is saved."""
        loss, norms = self.sums.take()
        old = self.progress
        if not (math.isfinite(loss) and math.isfinite(norms)):
            saved = self.saving.checkpoints.paths()
            raise TrainingDiverged(
                f"stage {stage.name}, step {old.step}: found loss {loss:.4g} and gradient norm {norms:.4g}, expected "
                f"finite numbers; last checkpoint: {saved[-1] if saved else 'none'}"
            )
        self.progress = replace(old, loss=old.loss + loss)

    def _log_step(self, stage: StageConfig, rate: float, norm: float, watch: Stopwatch) -> None:
        old = self.progress
        self.log.write(
            "train", self._total_step(), stage=stage.name, step=old.step, loss=old.loss / max(1, old.targets),
            learning_rate=rate, gradient_norm=norm, epoch=old.epoch, batch=old.batch, **watch.read(),
            memory_gib=round(peak_memory(self.process.device) / 2**30, 3),
        )  # fmt: skip
        self.progress = replace(old, loss=0.0, targets=0)

    def _evaluate(self, stage: StageConfig) -> None:
        found = validate(
            self.model, self.objective, self.batches, stage, self.progress.epoch, self.process, self.config.loop.bf16
        )
        if found is None:
            return
        self.log.write(
            "validation", self._total_step(), stage=stage.name, step=self.progress.step, loss=found.loss,
            perplexity=found.perplexity, unigram=found.unigram, targets=found.targets,
        )  # fmt: skip
        # The lowest loss of the stage is its lowest perplexity.
        best = math.inf if self.progress.best is None else self.progress.best
        if self.config.loop.best in _BY_LOSS and found.loss < best:
            self.progress = replace(self.progress, best=found.loss)
            if self.config.loop.best != "none" and self.progress.step:
                self.saving.save(self._checkpoint({}), "best")

    def _evaluate_tasks(self, stage: StageConfig) -> None:
        found = self.score_tasks(self.model, stage, self.progress.step)
        if not found:
            return
        self.log.write("tasks", self._total_step(), stage=stage.name, step=self.progress.step, **found)
        reached = found.get(self.config.loop.best, math.nan)
        # Nothing is kept of the weights that a stage began with; NaN is above nothing.
        if self.progress.step and reached > (-math.inf if self.progress.best is None else self.progress.best):
            self.progress = replace(self.progress, best=reached)
            self.saving.save(self._checkpoint({}), "best")

    def _save(self, optimizer: torch.optim.Optimizer) -> None:
        self.rolled_back = 0
        self.saving.save(self._checkpoint(optimizer.state_dict()))

    def _checkpoint(self, optimizer: dict[str, Any]) -> Checkpoint:
        config, corpus = to_mapping(self.config), self.corpus.fingerprint
        return Checkpoint(self.spec.name, config, corpus, self.progress, self.model.state_dict(), optimizer)

    def _total_step(self) -> int:
        return sum(stage.steps for stage in self.config.stages[: self.progress.stage]) + self.progress.step
