"""The pretraining loop, for any model that learns from a corpus and any number of processes."""

from __future__ import annotations

import itertools
import math
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from tqdm import tqdm

from hanmill.schemas.typed_mapping import to_mapping
from hanmill.trainer.configs.config_file import dump_config
from hanmill.trainer.configs.stage import Shape, StageConfig
from hanmill.trainer.data.batch_source import Batch, HeldOut
from hanmill.trainer.data.corpus import Corpus
from hanmill.trainer.data.counter_random import key_of
from hanmill.trainer.data.loader import iterate
from hanmill.trainer.data.recent import Recent
from hanmill.trainer.distributed.agreement import agree
from hanmill.trainer.distributed.failure import explain
from hanmill.trainer.distributed.parallel import (
    clip_gradients,
    gather,
    in_step,
    load_optimizer,
    local_gradients,
    spread,
)
from hanmill.trainer.distributed.process import Process
from hanmill.trainer.errors import Interrupted, TrainingDiverged
from hanmill.trainer.model_spec import PretrainingConfig, PretrainingSpec
from hanmill.trainer.models.frozen_table import count_parameters
from hanmill.trainer.pretraining.optimizer import build_optimizer, learning_rate
from hanmill.trainer.pretraining.profiler import profiler
from hanmill.trainer.pretraining.spikes import is_spike, limit, running_mean
from hanmill.trainer.pretraining.stop import StopRequest, stop_on_signals
from hanmill.trainer.pretraining.throughput import Stopwatch, peak_flops, peak_memory
from hanmill.trainer.runs.checkpoint import Checkpoint, Checkpoints, Progress
from hanmill.trainer.runs.log import Log

P = TypeVar("P", bound=PretrainingConfig)
M = TypeVar("M", bound=nn.Module)


def pretrain(
    spec: PretrainingSpec[P, M], config: P, corpus: Corpus, output: Path,
    begin: Callable[[M], Mapping[str, Any]] | None = None, profile: bool = False,
) -> None:  # fmt: skip
    """Trains to the end of the last stage, or continues the run in ``output``.

    ``begin`` gives the model of a new run other weights than those that were drawn, and says what the log notes of it.

    Writes ``config.yaml``, the vocabulary, ``log.jsonl`` and ``checkpoints/``; with ``profile`` each rank writes a
    trace of a few steps to ``profile/``. Raises TrainerError, ManifestError or
    Interrupted.
    """
    process = Process.from_environment()
    try:
        with process:
            process.first(lambda: corpus.verify(output / "verified.json"))
            checkpoints = Checkpoints(output / "checkpoints", config.loop.keep_checkpoints)
            found = checkpoints.newest()
            agree(found, process)
            changed = found[1].check(found[0], spec.name, config, corpus.fingerprint) if found else {}
            log = Log(output, process.rank == 0, config.loop.trackers, to_mapping(config))
            try:
                loop = _Loop(spec, config, corpus, process, checkpoints, log)
                if found:
                    loop.resume(*found, changed)
                else:
                    loop.start(begin)
                with stop_on_signals() as loop.stop, profiler(output, process, profile) as loop.profiled:
                    loop.run()
            finally:
                log.close()
    except (RuntimeError, MemoryError) as error:
        explained = explain(error, config.data.memory_advice, process)
        if explained is None:
            raise
        raise explained from error


class _GoBack(Exception):
    """A spike after which the newest checkpoint is taken again."""


class _Loop(Generic[P, M]):
    """State of the loop on one rank."""

    def __init__(
        self,
        spec: PretrainingSpec[P, M],
        config: P,
        corpus: Corpus,
        process: Process,
        checkpoints: Checkpoints,
        log: Log,
    ) -> None:
        self.spec, self.config, self.corpus = spec, config, corpus
        self.process, self.checkpoints, self.log = process, checkpoints, log
        self.batches = spec.batches(config, corpus, process)
        self.objective = spec.objective(config)
        self.model = self._build()
        self.stop = StopRequest()
        self.profiled: Callable[[], None] = lambda: None
        self.progress = Progress()
        self.optimizer_state: dict[str, Any] = {}
        # Since the newest checkpoint.
        self.rolled_back = 0
        self.skipped = False
        self.flops: Recent[Shape, float] = Recent(1)
        # Sums on the device since the log's last line, and the norms of the gradients behind them.
        self.loss = torch.zeros((), dtype=torch.float64, device=process.device)
        self.norms = torch.zeros((), device=process.device)

    def _build(self) -> M:
        torch.manual_seed(key_of("weights", self.config.loop.seed))
        model = self.spec.build(self.config, self.spec.sizes(self.config, self.corpus))
        self.spec.load_tables(model, self.config, self.corpus)
        return model.to(self.process.device)

    def start(self, begin: Callable[[M], Mapping[str, Any]] | None) -> None:
        """Begins a run: notes what it is."""
        self._note_config()
        if self.process.rank == 0:
            self.spec.vocabulary(self.config, self.corpus).save(self.log.folder)
        self.log.write("start", 0, model=self.spec.name, parameters=count_parameters(self.model))
        if begin is not None:
            self.log.write("warm_start", 0, **begin(self.model))

    def resume(self, path: Path, checkpoint: Checkpoint, changed: Mapping[str, tuple[Any, Any]]) -> None:
        """Goes on from a checkpoint; ``changed`` are settings that differ from its own."""
        self.model.load_state_dict(checkpoint.weights)
        self.progress, self.optimizer_state = checkpoint.progress, checkpoint.optimizer
        if changed:
            self._note_config()
        stage = self.config.stages[self.progress.stage]
        for line in self.checkpoints.damaged:
            self.log.write("damaged", self._total_step(), found=line)
        if self.checkpoints.damaged:
            self.log.write("fallback", self._total_step(), taken=path.name, passed_over=len(self.checkpoints.damaged))
        settings = {"changed": {key: list(values) for key, values in changed.items()}} if changed else {}
        self.log.write("resume", self._total_step(), stage=stage.name, step=self.progress.step, **settings)

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
        self._finish_saving()

    def _begin(self, number: int, stage: StageConfig) -> None:
        """A stage after another starts from a whole model, which a sharded one no longer is."""
        weights = gather(self.model.state_dict(), keep=True)
        self.model = self._build()
        self.model.load_state_dict(weights)
        self.spec.begin_stage(self.model, stage, self.corpus)
        before, now = self.config.stages[number - 1], stage.at(0).shape
        epoch, batch = self.progress.epoch, self.progress.batch
        if _are_cut_otherwise(before.at(before.steps - 1).shape, now):
            epoch, batch = epoch + 1, 0
        self.progress = Progress(stage=number, epoch=epoch, batch=batch)

    def _roll_back(self, stage: StageConfig) -> None:
        """Takes up the stage's newest checkpoint, and the data behind the batch that was a spike."""
        self._finish_saving()
        spike = self.progress
        self.rolled_back += 1
        found = self.checkpoints.newest()
        agree(found, self.process)
        most = self.config.loop.spikes.rollbacks
        if found is None or found[1].progress.stage != spike.stage or self.rolled_back > most:
            taken = found[0] if found and found[1].progress.stage == spike.stage else "none in this stage"
            raise TrainingDiverged(
                f"stage {stage.name}, step {spike.step + 1}: found a spike, checkpoint to go back to: {taken}, gone "
                f"back before: {self.rolled_back - 1} times; expected a checkpoint and fewer than {most}"
            )
        path, checkpoint = found
        self.model = self._build()
        self.model.load_state_dict(checkpoint.weights)
        self.optimizer_state = checkpoint.optimizer
        self.progress = replace(checkpoint.progress, epoch=spike.epoch, batch=spike.batch)
        self.loss.zero_()
        self.norms.zero_()
        self.log.write(
            "rollback", self._total_step(), stage=stage.name, taken=path.name, epoch=spike.epoch, batch=spike.batch
        )

    def _run_stage(self, stage: StageConfig) -> None:
        loop, process = self.config.loop, self.process
        replica = spread(self.model, self.spec.layers, process, loop)
        optimizer = build_optimizer(self.model, stage, self.spec.layers)
        if self.optimizer_state:
            load_optimizer(optimizer, self.optimizer_state)
            self.optimizer_state = {}
        if self.progress.step == 0:
            self._evaluate(stage.at(0))
        watch = Stopwatch(peak_flops(process.device, loop.peak_tflops), process.world)
        bar = tqdm(
            total=stage.steps, initial=self.progress.step, desc=stage.name,
            disable=process.rank != 0 or not sys.stderr.isatty(),
        )  # fmt: skip
        settled = not isinstance(replica, DistributedDataParallel)
        # Loader processes end with the stage, not with the interpreter.
        with bar, closing(self._counted(stage)) as batches:
            while self.progress.step < stage.steps:
                asked = time.perf_counter()
                epoch, batch, micro_batches, counted = next(batches)
                # Counts come first: the loss is a mean over the targets of the whole global batch, however split.
                targets, tokens, cells, stop = counted()
                waited = time.perf_counter() - asked
                if stop:
                    self._settle(stage)
                    self._save(optimizer)
                    self._finish_saving()
                    raise Interrupted(f"stage {stage.name}, step {self.progress.step}: stopped by a signal, saved")
                if not settled:
                    settled = True
                    self._settle_buckets(replica, optimizer, micro_batches[0])
                rate, norm = self._step(stage, replica, optimizer, micro_batches, targets, (epoch, batch))
                step = self.progress.step + 1
                # Nothing of a step that was left out is in the log's means.
                done = self.progress.targets + (0 if self.skipped else int(targets))
                self.skipped = False
                self.progress = replace(self.progress, step=step, epoch=epoch, batch=batch + 1, targets=done)
                now = stage.at(step - 1)
                watch.add(tokens, int(cells), waited, self._flops_of(now))
                bar.update()
                self.profiled()
                last = step == stage.steps
                if step == stage.changes_after(step - 1) and not last and self._is_reshaped(stage, step):
                    # Losses on rows of another length do not compare.
                    self.progress = replace(self.progress, best=None)
                if step % loop.log_every == 0 or last:
                    self._settle(stage)
                    self._log_step(stage, rate, float(norm), watch)
                if step % loop.evaluate_every == 0 or last:
                    self._evaluate(now)
                if step % loop.checkpoint_every == 0 or last:
                    self._settle(stage)
                    self._save(optimizer)

    def _counted(
        self, stage: StageConfig
    ) -> Generator[tuple[int, int, list[Batch], Callable[[], list[float]]], None, None]:
        """As ``_batches``, and what gives targets, tokens and cells of all ranks and how many were asked to stop.

        Ranks add these up one batch ahead, while they compute the one before.
        """
        with closing(self._batches(stage)) as batches:
            ahead = None
            for epoch, number, found in batches:
                sums = self.process.sum_later(*self.batches.sizes(found), float(self.stop.made))
                if ahead is not None:
                    yield ahead
                ahead = epoch, number, found, sums
            if ahead is not None:
                yield ahead

    def _batches(self, stage: StageConfig) -> Generator[tuple[int, int, list[Batch]], None, None]:
        """(epoch, number in the epoch, micro-batches) from where the run stands, epoch after epoch."""
        step, epoch, first = self.progress.step, self.progress.epoch, self.progress.batch
        while step < stage.steps:
            now, end = stage.at(step), stage.changes_after(step)
            if self._is_reshaped(stage, step):
                epoch, first = epoch + 1, 0
            batches = self.batches.epoch(now, epoch)
            loaded = iterate(batches, first, self.config.data.workers, self.process.device.type == "cuda")
            with closing(loaded):
                for micro_batches in itertools.islice(loaded, end - step):
                    yield epoch, first, micro_batches
                    step, first = step + 1, first + 1
            if step < end:
                epoch, first = epoch + 1, 0

    def _flops_of(self, stage: StageConfig) -> float:
        return self.flops.get(stage.shape, lambda _: self.spec.flops_per_token(self.model, self.config, stage))

    def _is_reshaped(self, stage: StageConfig, step: int) -> bool:
        """Whether a phase begins whose epochs are cut otherwise than those before it."""
        if not any(phase.start == step for phase in stage.phases):
            return False
        return _are_cut_otherwise(stage.at(step - 1).shape, stage.at(step).shape)

    def _settle_buckets(self, replica: nn.Module, optimizer: torch.optim.Optimizer, batch: Batch) -> None:
        """A pass whose gradients are thrown away.

        DistributedDataParallel puts gradients into other buckets after its first, and where a gradient lies decides in
        which order ranks add it up: a run that is continued would differ from one that was not by a rounding.
        """
        replica.train()
        with torch.autocast(self.process.device.type, torch.bfloat16, enabled=self.config.loop.bf16):
            loss = self.objective.loss_sum(replica, batch.to(self.process.device))
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.zero_grad(set_to_none=True)

    def _step(
        self, stage: StageConfig, replica: nn.Module, optimizer: torch.optim.Optimizer, micro_batches: list[Batch],
        targets: float, place: tuple[int, int],
    ) -> tuple[float, torch.Tensor]:  # fmt: skip
        """One update. Returns the learning rate and the norm of the gradient before clipping."""
        process, loop = self.process, self.config.loop
        # Dropout as a function of the step, so that a resumed run draws what the first would have drawn.
        torch.manual_seed(key_of("dropout", loop.seed, self.progress.stage, self.progress.step, process.rank))
        rate = learning_rate(stage, self.progress.step + 1)
        for group in optimizer.param_groups:
            group["lr"] = rate
        replica.train()
        losses = torch.zeros_like(self.loss)
        for number, batch in enumerate(micro_batches, 1):
            with local_gradients(replica, number < len(micro_batches)):
                with torch.autocast(process.device.type, torch.bfloat16, enabled=loop.bf16):
                    loss = self.objective.loss_sum(replica, batch.to(process.device))
                # Gradients are averaged over ranks; the loss is a sum over them.
                (loss * process.world / max(1.0, targets)).backward()  # type: ignore[no-untyped-call]
            losses += loss.detach()
        norm = clip_gradients(self.model, stage.clip)
        if loop.spikes.action == "none" or not self._is_spike(stage, float(norm), place):
            self.loss += losses
            self.norms += norm
            optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return rate, norm

    def _is_spike(self, stage: StageConfig, norm: float, place: tuple[int, int]) -> bool:
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
            action=rule.action, epoch=place[0], batch=place[1],
        )  # fmt: skip
        if rule.action == "rollback":
            self.progress = replace(old, epoch=place[0], batch=place[1] + 1)
            raise _GoBack
        self.skipped = True
        return True

    def _settle(self, stage: StageConfig) -> None:
        """Adds up the losses of all ranks. Raises TrainingDiverged, before anything of it is saved."""
        (loss,) = self.process.sum(float(self.loss))
        norms = float(self.norms)
        self.loss.zero_()
        self.norms.zero_()
        old = self.progress
        if not (math.isfinite(loss) and math.isfinite(norms)):
            saved = self.checkpoints.paths()
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

    @torch.no_grad()
    def _evaluate(self, stage: StageConfig) -> None:
        """Loss on the validation shards beside what a unigram model of the corpus pays there."""
        process = self.process
        self.model.eval()
        nats = unigram = targets = 0.0
        own = self.batches.validation(stage, self.progress.epoch)
        for held_out, counts in in_step(process, own, lambda: HeldOut(self.batches.spare(stage), 0.0)):
            with torch.autocast(process.device.type, torch.bfloat16, enabled=self.config.loop.bf16):
                found = self.objective.validation_loss(self.model, held_out.batch.to(process.device))
            if counts:
                nats, unigram, targets = nats + found.nats, unigram + held_out.unigram, targets + found.targets
        nats, unigram, total = process.sum(nats, unigram, targets)
        if total:
            loss = nats / total
            self.log.write(
                "validation", self._total_step(), stage=stage.name, step=self.progress.step, loss=loss,
                perplexity=math.exp(min(loss, 700)), unigram=unigram / total, targets=int(total),
            )  # fmt: skip
            self._keep_best(loss)

    def _keep_best(self, loss: float) -> None:
        """Saves the weights where a stage's validation loss, and so its perplexity, is the lowest so far."""
        if not loss < (math.inf if self.progress.best is None else self.progress.best):
            return
        self.progress = replace(self.progress, best=loss)
        if self.config.loop.best != "none" and self.progress.step:
            self._write(gather(self.model.state_dict(), keep=self.process.rank == 0), {}, "best")

    def _save(self, optimizer: torch.optim.Optimizer) -> None:
        """All ranks gather the state, the first one writes it while all go on."""
        first = self.process.rank == 0
        self.rolled_back = 0
        weights = gather(self.model.state_dict(), keep=first)
        self._write(weights, gather(optimizer.state_dict(), keep=first), "step")

    def _write(self, weights: Any, state: Any, kind: str) -> None:
        if self.process.rank == 0:
            config, corpus = to_mapping(self.config), self.corpus.fingerprint
            found = Checkpoint(self.spec.name, config, corpus, self.progress, weights, state)
            self.checkpoints.save_behind(found, kind)

    def _finish_saving(self) -> None:
        """Returns on every rank when the newest checkpoint is on the disk."""
        self.checkpoints.wait()
        self.process.barrier()

    def _total_step(self) -> int:
        return sum(stage.steps for stage in self.config.stages[: self.progress.stage]) + self.progress.step


def _are_cut_otherwise(before: Shape, now: Shape) -> bool:
    """Whether a place in an epoch of the one is none in an epoch of the other."""
    return (before.window, before.global_batch) != (now.window, now.global_batch)
