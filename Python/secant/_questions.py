"""The questions: made from the program's own help by Tools/python/generate; do not edit."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypedDict, TypeVar, Union

from ._jacobian import Jacobian
from .reports import (
    AblationReport,
    ComparisonReport,
    ExplanationReport,
    FullReport,
    GateRulesReport,
    GenerationReport,
    InspectionReport,
    JacobiansReport,
    LayersReport,
    MapsReport,
    ModelsReport,
    SharesReport,
    SteeringOperatorReport,
    SteeringReport,
    SteeringVectorReport,
    TraceReport,
    ValidationReport,
    VerificationReport,
)
from ._result import Report

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._model import Model

#: A text, the file that has it, or token ids.
PromptLike = Union[str, Path, Sequence[int]]
#: An option's value, as the command line has it; a sequence for values between commas.
Value = Union[str, int, float, "os.PathLike[str]", Sequence[Union[str, int, float]]]
R = TypeVar("R", bound=Report)

__all__ = [
    "explain",
    "shares",
    "compare",
    "trace",
    "layers",
    "maps",
    "jacobians",
    "gate_rules",
    "report",
    "validate",
    "verify",
    "generate",
    "inspect",
    "models",
    "jacobian",
    "ablate",
    "steer_build",
    "steer_run",
    "steer_toward",
]


class ExplainOptions(TypedDict, total=False):
    """The options of ``secant explain``."""

    #: Wrap the prompt as the user's turn of a conversation, with the model's chat template.
    chat: bool
    #: With --chat: the text of the system turn.
    system: Value
    #: A folder with a LoRA adapter as PEFT writes it, which is applied to the model (not to
    #: another one that is compared with it).
    adapter: Value
    #: The token whose logit is explained: a word, an exact text in quotes ('" Paris"'), or an id
    #: such as #312. Repeat it for the mean of several tokens. "A - B" means A over B. (default:
    #: the likeliest next token)
    target: Value
    #: The token whose logit is subtracted from the target's; repeat it for the mean of several
    #: tokens. Or mean (of the whole vocabulary), none, or runner-up (the likeliest other token).
    #: (default: runner-up)
    over: Value
    #: Treat the first token like the others even if it is an attention sink. By default such a
    #: token is set apart as the baseline.
    no_baseline: bool
    #: Sum the shares over each unit of the text. (default: token)
    by: Literal["token", "word", "sentence", "line", "turn"]
    #: Sum the shares over the spans listed in a JSON file: objects with name and text, or with
    #: name, start and end in characters of the prompt.
    spans: Value
    #: The position whose output is explained, from 0; a negative number counts from the end.
    #: (default: -1)
    position: int
    #: The site that is explained: output, block.N.residual, block.N.attention or
    #: block.N.feedForward, with N from 0, read through the final norm. (default: output)
    site: Value
    #: The factor of gated products that stays linear; half means the mean of both. (default: up)
    gate: Literal["up", "gate", "half"]
    #: Remove each token and print the measured effect next to its share: mean (replace its
    #: vector by the mean of all tokens' vectors), mask (no later position attends to it),
    #: replace:TEXT (replace it by another token), none, or auto (mean, if that takes a few
    #: seconds at most). (default: auto)
    check: Value
    #: The tokens whose maps are decomposed: auto (those with the largest shares, as many as fit
    #: a few seconds), none, all, top:N (the N largest shares), or positions such as 0,5,9.
    #: (default: auto)
    spectra: Value
    #: Start no further decomposition after this many seconds.
    max_seconds: Value
    #: The number of singular triplets of each map; 0 means --spectra none. (default: 8)
    rank: int
    #: How singular vectors are computed: dense (forms the matrix), krylov (uses only products),
    #: auto (the cheaper of both), or sketch (a quick first look at many tokens, with bounds for
    #: residuals). (default: auto)
    method: Literal["auto", "dense", "krylov", "sketch"]
    #: A triplet has converged if its residual is at most this times the largest singular value.
    #: (default: 0.001; 0.3 with --method sketch)
    tolerance: Value
    #: The seed of random numbers. (default: 0)
    seed: int
    #: The precision of the computation. (default: f32)
    precision: Literal["f32", "f64"]
    #: The memory for the work, without the weights, such as 512M. (default: 4G)
    memory: Value


class SharesOptions(TypedDict, total=False):
    """The options of ``secant shares``."""

    #: Wrap the prompt as the user's turn of a conversation, with the model's chat template.
    chat: bool
    #: With --chat: the text of the system turn.
    system: Value
    #: A folder with a LoRA adapter as PEFT writes it, which is applied to the model (not to
    #: another one that is compared with it).
    adapter: Value
    #: The token whose logit is explained: a word, an exact text in quotes ('" Paris"'), or an id
    #: such as #312. Repeat it for the mean of several tokens. "A - B" means A over B. (default:
    #: the likeliest next token)
    target: Value
    #: The token whose logit is subtracted from the target's; repeat it for the mean of several
    #: tokens. Or mean (of the whole vocabulary), none, or runner-up (the likeliest other token).
    #: (default: runner-up)
    over: Value
    #: Treat the first token like the others even if it is an attention sink. By default such a
    #: token is set apart as the baseline.
    no_baseline: bool
    #: Sum the shares over each unit of the text. (default: token)
    by: Literal["token", "word", "sentence", "line", "turn"]
    #: Sum the shares over the spans listed in a JSON file: objects with name and text, or with
    #: name, start and end in characters of the prompt.
    spans: Value
    #: The position whose output is explained, from 0; a negative number counts from the end.
    #: (default: -1)
    position: int
    #: The site that is explained: output, block.N.residual, block.N.attention or
    #: block.N.feedForward, with N from 0, read through the final norm. (default: output)
    site: Value
    #: The factor of gated products that stays linear; half means the mean of both. (default: up)
    gate: Literal["up", "gate", "half"]
    #: Also divide each component among these source tokens, at one sweep per token: auto (all,
    #: if there are at most 64), none, all, top:N, or positions such as 0,5,9. (default: auto)
    sources: Value
    #: The precision of the computation. (default: f32)
    precision: Literal["f32", "f64"]
    #: The memory for the work, without the weights, such as 512M. (default: 4G)
    memory: Value


class CompareOptions(TypedDict, total=False):
    """The options of ``secant compare``."""

    #: Wrap the prompt as the user's turn of a conversation, with the model's chat template.
    chat: bool
    #: With --chat: the text of the system turn.
    system: Value
    #: A folder with a LoRA adapter as PEFT writes it, which is applied to the model (not to
    #: another one that is compared with it).
    adapter: Value
    #: The model to compare with; by default the same.
    with_model: Value | Questions
    #: A folder with a LoRA adapter for the second model, to see what tuning changed. The second
    #: model is the first one, unless --with-model names another.
    with_adapter: Value
    #: Also find the fewest of the largest parts that carry this fraction of what changed, such
    #: as 0.9, and run the second prompt with only these swapped.
    circuit: Value
    #: Divide what the patterns of some heads gave into what their queries and what their keys
    #: gave: top:N (the N that gave most), or heads such as 23.0,24.4 (block and head, from 0).
    split_patterns: Value
    #: List all entries of the account of what changed; else the largest of very many.
    all_entries: bool
    #: The token whose logit is explained: a word, an exact text in quotes ('" Paris"'), or an id
    #: such as #312. Repeat it for the mean of several tokens. "A - B" means A over B. (default:
    #: the likeliest next token)
    target: Value
    #: The token whose logit is subtracted from the target's; repeat it for the mean of several
    #: tokens. Or mean (of the whole vocabulary), none, or runner-up (the likeliest other token).
    #: (default: runner-up)
    over: Value
    #: Treat the first token like the others even if it is an attention sink. By default such a
    #: token is set apart as the baseline.
    no_baseline: bool
    #: Sum the shares over each unit of the text. (default: token)
    by: Literal["token", "word", "sentence", "line", "turn"]
    #: Sum the shares over the spans listed in a JSON file: objects with name and text, or with
    #: name, start and end in characters of the prompt.
    spans: Value
    #: The position whose output is explained, from 0; a negative number counts from the end.
    #: (default: -1)
    position: int
    #: The site that is explained: output, block.N.residual, block.N.attention or
    #: block.N.feedForward, with N from 0, read through the final norm. (default: output)
    site: Value
    #: The factor of gated products that stays linear; half means the mean of both. (default: up)
    gate: Literal["up", "gate", "half"]
    #: The tokens whose maps are decomposed: auto (those with the largest shares, as many as fit
    #: a few seconds), none, all, top:N (the N largest shares), or positions such as 0,5,9.
    #: (default: auto)
    spectra: Value
    #: Start no further decomposition after this many seconds.
    max_seconds: Value
    #: The number of singular triplets of each map; 0 means --spectra none. (default: 8)
    rank: int
    #: How singular vectors are computed: dense (forms the matrix), krylov (uses only products),
    #: auto (the cheaper of both), or sketch (a quick first look at many tokens, with bounds for
    #: residuals). (default: auto)
    method: Literal["auto", "dense", "krylov", "sketch"]
    #: A triplet has converged if its residual is at most this times the largest singular value.
    #: (default: 0.001; 0.3 with --method sketch)
    tolerance: Value
    #: The seed of random numbers. (default: 0)
    seed: int
    #: The precision of the computation. (default: f32)
    precision: Literal["f32", "f64"]
    #: The memory for the work, without the weights, such as 512M. (default: 4G)
    memory: Value


class TraceOptions(TypedDict, total=False):
    """The options of ``secant trace``."""

    #: Wrap the prompt as the user's turn of a conversation, with the model's chat template.
    chat: bool
    #: With --chat: the text of the system turn.
    system: Value
    #: A folder with a LoRA adapter as PEFT writes it, which is applied to the model (not to
    #: another one that is compared with it).
    adapter: Value
    #: The answer, in place of the model's own: a text, with or without a space before it as is
    #: likelier after the prompt; between quotes ('" 4821"') it is taken exactly.
    answer: Value
    #: The answer by its token ids.
    answer_tokens: Value
    #: How many tokens the model's own answer has at most. (default: 60)
    count: Value
    #: What each token of the answer is held against: runner-up (the likeliest other token
    #: there), mean (of the whole vocabulary), none, or another answer of as many tokens.
    #: (default: runner-up)
    over: Value
    #: Count the tokens of each unit together. (default: line; sentence or word where there are
    #: fewer than three)
    by: Literal["token", "word", "sentence", "line", "turn"]
    #: Count the tokens of the spans together that a JSON file lists: objects of name and text,
    #: or of name, start and end in characters of the prompt. They are the documents.
    spans: Value
    #: Count the first token among the others where it is an attention sink, instead of setting
    #: it apart as baseline.
    no_baseline: bool
    #: Divide each token of the answer separately too: an adjoint pass for each.
    matrix: bool
    #: Pass what the answer's own words gave on to the prompt, over all hops: a definition, not a
    #: measurement. Needs the matrix.
    through: bool
    #: Measure what removing each span really does, a forward pass for each: mask (no later
    #: position attends to it) or replace (a text that says nothing, of as many tokens, in its
    #: place).
    check: Literal["mask", "replace"]
    #: Begin no further row of the matrix, and no further removal, after so many seconds.
    max_seconds: Value
    #: The factor of gated products that stays linear; half means the mean of both. (default: up)
    gate: Literal["up", "gate", "half"]
    #: The precision of the computation. (default: f32)
    precision: Literal["f32", "f64"]
    #: The memory for the work, without the weights, such as 512M. (default: 4G)
    memory: Value


class LayersOptions(TypedDict, total=False):
    """The options of ``secant layers``."""

    #: Wrap the prompt as the user's turn of a conversation, with the model's chat template.
    chat: bool
    #: With --chat: the text of the system turn.
    system: Value
    #: A folder with a LoRA adapter as PEFT writes it, which is applied to the model (not to
    #: another one that is compared with it).
    adapter: Value
    #: The token whose logit is explained: a word, an exact text in quotes ('" Paris"'), or an id
    #: such as #312. Repeat it for the mean of several tokens. "A - B" means A over B. (default:
    #: the likeliest next token)
    target: Value
    #: The token whose logit is subtracted from the target's; repeat it for the mean of several
    #: tokens. Or mean (of the whole vocabulary), none, or runner-up (the likeliest other token).
    #: (default: runner-up)
    over: Value
    #: The sites of each block: residual, attention and feedForward, separated by commas.
    #: (default: residual)
    sites: Value
    #: Also decompose each block's own map, from its input.
    local: bool
    #: Also the target's probability after every block at every position, as shaded cells.
    grid: bool
    #: Words, separated by commas, to look for among the decoded tokens.
    highlight: Value
    #: The position at which blocks are read, from 0; a negative number counts from the end.
    #: (default: -1)
    position: int
    #: The maps through the origin and the sites' values (detached), or the derivatives
    #: (ordinary). (default: detached)
    kind: Literal["detached", "ordinary"]
    #: The factor of gated products that stays linear; half means the mean of both. (default: up)
    gate: Literal["up", "gate", "half"]
    #: The tokens whose maps are decomposed: auto (those with the largest shares, as many as fit
    #: a few seconds), none, all, top:N (the N largest shares), or positions such as 0,5,9.
    #: (default: auto)
    spectra: Value
    #: Start no further decomposition after this many seconds.
    max_seconds: Value
    #: The number of singular triplets of each map. (default: 3)
    rank: int
    #: How singular vectors are computed: dense (forms the matrix), krylov (uses only products),
    #: auto (the cheaper of both), or sketch (a quick first look at many tokens, with bounds for
    #: residuals). (default: auto)
    method: Literal["auto", "dense", "krylov", "sketch"]
    #: A triplet has converged if its residual is at most this times the largest singular value.
    #: (default: 0.01)
    tolerance: float
    #: The seed of random numbers. (default: 0)
    seed: int
    #: The precision of the computation. (default: f32)
    precision: Literal["f32", "f64"]
    #: The memory for the work, without the weights, such as 512M. (default: 4G)
    memory: Value


class MapsOptions(TypedDict, total=False):
    """The options of ``secant maps``."""

    #: Wrap the prompt as the user's turn of a conversation, with the model's chat template.
    chat: bool
    #: With --chat: the text of the system turn.
    system: Value
    #: A folder with a LoRA adapter as PEFT writes it, which is applied to the model (not to
    #: another one that is compared with it).
    adapter: Value
    #: The position whose output is explained, from 0; a negative number counts from the end.
    #: (default: -1)
    position: int
    #: The site that is explained: output, block.N.residual, block.N.attention or
    #: block.N.feedForward, with N from 0, read through the final norm. (default: output)
    site: Value
    #: The factor of gated products that stays linear; half means the mean of both. (default: up)
    gate: Literal["up", "gate", "half"]
    #: The tokens whose maps are decomposed: auto (those with the largest shares, as many as fit
    #: a few seconds), none, all, top:N (the N largest shares), or positions such as 0,5,9.
    #: (default: auto)
    spectra: Value
    #: Start no further decomposition after this many seconds.
    max_seconds: Value
    #: The number of singular triplets of each map; 0 means --spectra none. (default: 8)
    rank: int
    #: How singular vectors are computed: dense (forms the matrix), krylov (uses only products),
    #: auto (the cheaper of both), or sketch (a quick first look at many tokens, with bounds for
    #: residuals). (default: auto)
    method: Literal["auto", "dense", "krylov", "sketch"]
    #: A triplet has converged if its residual is at most this times the largest singular value.
    #: (default: 0.001; 0.3 with --method sketch)
    tolerance: Value
    #: The seed of random numbers. (default: 0)
    seed: int
    #: The number of rows and columns listed for each map, those of largest norm. (default: 8)
    units: int
    #: The number of tokens to generate from the first token alone, each explained. (default: 0)
    generate: int
    #: The precision of the computation. (default: f32)
    precision: Literal["f32", "f64"]
    #: The memory for the work, without the weights, such as 512M. (default: 4G)
    memory: Value


class JacobiansOptions(TypedDict, total=False):
    """The options of ``secant jacobians``."""

    #: Wrap the prompt as the user's turn of a conversation, with the model's chat template.
    chat: bool
    #: With --chat: the text of the system turn.
    system: Value
    #: A folder with a LoRA adapter as PEFT writes it, which is applied to the model (not to
    #: another one that is compared with it).
    adapter: Value
    #: The token whose logit is explained: a word, an exact text in quotes ('" Paris"'), or an id
    #: such as #312. Repeat it for the mean of several tokens. "A - B" means A over B. (default:
    #: the likeliest next token)
    target: Value
    #: The token whose logit is subtracted from the target's; repeat it for the mean of several
    #: tokens. Or mean (of the whole vocabulary), none, or runner-up (the likeliest other token).
    #: (default: runner-up)
    over: Value
    #: Treat the first token like the others even if it is an attention sink. By default such a
    #: token is set apart as the baseline.
    no_baseline: bool
    #: The position whose output is explained, from 0; a negative number counts from the end.
    #: (default: -1)
    position: int
    #: The site that is explained: output, block.N.residual, block.N.attention or
    #: block.N.feedForward, with N from 0, read through the final norm. (default: output)
    site: Value
    #: The factor of gated products that stays linear; half means the mean of both. (default: up)
    gate: Literal["up", "gate", "half"]
    #: The precisions to compare: f32, f64, and f16 or bf16 (weights rounded to these, computed
    #: in f32). (default: f32,f64,f16,bf16)
    precisions: Value
    #: The memory for the work, without the weights, such as 512M. (default: 4G)
    memory: Value


class GateRulesOptions(TypedDict, total=False):
    """The options of ``secant gate-rules``."""

    #: Wrap the prompt as the user's turn of a conversation, with the model's chat template.
    chat: bool
    #: With --chat: the text of the system turn.
    system: Value
    #: A folder with a LoRA adapter as PEFT writes it, which is applied to the model (not to
    #: another one that is compared with it).
    adapter: Value
    #: The token whose logit is explained: a word, an exact text in quotes ('" Paris"'), or an id
    #: such as #312. Repeat it for the mean of several tokens. "A - B" means A over B. (default:
    #: the likeliest next token)
    target: Value
    #: The token whose logit is subtracted from the target's; repeat it for the mean of several
    #: tokens. Or mean (of the whole vocabulary), none, or runner-up (the likeliest other token).
    #: (default: runner-up)
    over: Value
    #: Treat the first token like the others even if it is an attention sink. By default such a
    #: token is set apart as the baseline.
    no_baseline: bool
    #: The position whose output is explained, from 0; a negative number counts from the end.
    #: (default: -1)
    position: int
    #: The site that is explained: output, block.N.residual, block.N.attention or
    #: block.N.feedForward, with N from 0, read through the final norm. (default: output)
    site: Value
    #: The tokens whose maps are decomposed: auto (those with the largest shares, as many as fit
    #: a few seconds), none, all, top:N (the N largest shares), or positions such as 0,5,9.
    #: (default: auto)
    spectra: Value
    #: Start no further decomposition after this many seconds.
    max_seconds: Value
    #: The number of singular triplets of each map; 0 means --spectra none. (default: 8)
    rank: int
    #: How singular vectors are computed: dense (forms the matrix), krylov (uses only products),
    #: auto (the cheaper of both), or sketch (a quick first look at many tokens, with bounds for
    #: residuals). (default: auto)
    method: Literal["auto", "dense", "krylov", "sketch"]
    #: A triplet has converged if its residual is at most this times the largest singular value.
    #: (default: 0.001; 0.3 with --method sketch)
    tolerance: Value
    #: The seed of random numbers. (default: 0)
    seed: int
    #: The precision of the computation. (default: f32)
    precision: Literal["f32", "f64"]
    #: The memory for the work, without the weights, such as 512M. (default: 4G)
    memory: Value


class ReportOptions(TypedDict, total=False):
    """The options of ``secant report``."""

    #: Wrap the prompt as the user's turn of a conversation, with the model's chat template.
    chat: bool
    #: With --chat: the text of the system turn.
    system: Value
    #: A folder with a LoRA adapter as PEFT writes it, which is applied to the model (not to
    #: another one that is compared with it).
    adapter: Value
    #: The token whose logit is explained: a word, an exact text in quotes ('" Paris"'), or an id
    #: such as #312. Repeat it for the mean of several tokens. "A - B" means A over B. (default:
    #: the likeliest next token)
    target: Value
    #: The token whose logit is subtracted from the target's; repeat it for the mean of several
    #: tokens. Or mean (of the whole vocabulary), none, or runner-up (the likeliest other token).
    #: (default: runner-up)
    over: Value
    #: Treat the first token like the others even if it is an attention sink. By default such a
    #: token is set apart as the baseline.
    no_baseline: bool
    #: Sum the shares over each unit of the text. (default: token)
    by: Literal["token", "word", "sentence", "line", "turn"]
    #: Sum the shares over the spans listed in a JSON file: objects with name and text, or with
    #: name, start and end in characters of the prompt.
    spans: Value
    #: The position whose output is explained, from 0; a negative number counts from the end.
    #: (default: -1)
    position: int
    #: The site that is explained: output, block.N.residual, block.N.attention or
    #: block.N.feedForward, with N from 0, read through the final norm. (default: output)
    site: Value
    #: The factor of gated products that stays linear; half means the mean of both. (default: up)
    gate: Literal["up", "gate", "half"]
    #: Remove each token and print the measured effect next to its share: mean (replace its
    #: vector by the mean of all tokens' vectors), mask (no later position attends to it),
    #: replace:TEXT (replace it by another token), none, or auto (mean, if that takes a few
    #: seconds at most). (default: auto)
    check: Value
    #: The tokens whose maps are decomposed: auto (those with the largest shares, as many as fit
    #: a few seconds), none, all, top:N (the N largest shares), or positions such as 0,5,9.
    #: (default: auto)
    spectra: Value
    #: Start no further decomposition after this many seconds.
    max_seconds: Value
    #: The number of singular triplets of each map; 0 means --spectra none. (default: 8)
    rank: int
    #: How singular vectors are computed: dense (forms the matrix), krylov (uses only products),
    #: auto (the cheaper of both), or sketch (a quick first look at many tokens, with bounds for
    #: residuals). (default: auto)
    method: Literal["auto", "dense", "krylov", "sketch"]
    #: A triplet has converged if its residual is at most this times the largest singular value.
    #: (default: 0.001; 0.3 with --method sketch)
    tolerance: Value
    #: The seed of random numbers. (default: 0)
    seed: int
    #: Words, separated by commas, to mark in the table of layers.
    highlight: Value
    #: The precision of the computation. (default: f32)
    precision: Literal["f32", "f64"]
    #: The memory for the work, without the weights, such as 512M. (default: 4G)
    memory: Value


class ValidateOptions(TypedDict, total=False):
    """The options of ``secant validate``."""

    #: A folder with a LoRA adapter as PEFT writes it, which is applied to the model (not to
    #: another one that is compared with it).
    adapter: Value
    #: A file of items instead of the built-in ones, one JSON object per line.
    data: Value
    #: The rules to test, separated by commas: up, half, gate, gradient, integrated, ledger,
    #: random. (default: all)
    rules: Value
    #: The largest number of items. (default: 60)
    items: int
    #: Start no further item after this many seconds.
    max_seconds: Value
    #: Continue an earlier validation of the same settings, which --json wrote: its items are
    #: kept.
    continue_: Value
    #: The seed of random numbers. (default: 0)
    seed: int
    #: The precision of the computation. (default: f32)
    precision: Literal["f32", "f64"]
    #: The memory for the work, without the weights, such as 512M. (default: 4G)
    memory: Value


class VerifyOptions(TypedDict, total=False):
    """The options of ``secant verify``."""

    #: A folder with a LoRA adapter as PEFT writes it, which is applied to the model (not to
    #: another one that is compared with it).
    adapter: Value
    #: The text on which the laws are checked; - for standard input. (default: random tokens)
    prompt: Value
    #: Compare with published figures instead: paper, or a JSON file in the same format; or ioi,
    #: the indirect-object circuit of GPT-2 small.
    against: Value
    #: The seed of random numbers. (default: 0)
    seed: int
    #: The memory for the work, without the weights, such as 512M. (default: 4G)
    memory: Value


class GenerateOptions(TypedDict, total=False):
    """The options of ``secant generate``."""

    #: Wrap the prompt as the user's turn of a conversation, with the model's chat template.
    chat: bool
    #: With --chat: the text of the system turn.
    system: Value
    #: A folder with a LoRA adapter as PEFT writes it, which is applied to the model (not to
    #: another one that is compared with it).
    adapter: Value
    #: The largest number of tokens to append. (default: 20)
    count: int
    #: Sample at this temperature; 0 always takes the likeliest token. (default: 0.0)
    temperature: float
    #: With a temperature: sample only from this many of the likeliest tokens. (default: all)
    top_k: Value
    #: With a temperature: sample only from the likeliest tokens that together have this
    #: probability. (default: 1.0)
    top_p: float
    #: The seed of random numbers. (default: 0)
    seed: int
    #: The precision of the computation. (default: f32)
    precision: Literal["f32", "f64"]


class InspectOptions(TypedDict, total=False):
    """The options of ``secant inspect``."""

    #: A folder with a LoRA adapter as PEFT writes it, which is applied to the model (not to
    #: another one that is compared with it).
    adapter: Value


class ModelsOptions(TypedDict, total=False):
    """The options of ``secant models``."""

    pass


class JacobianOptions(TypedDict, total=False):
    """The options of ``secant jacobian``."""

    #: Wrap the prompt as the user's turn of a conversation, with the model's chat template.
    chat: bool
    #: With --chat: the text of the system turn.
    system: Value
    #: A folder with a LoRA adapter as PEFT writes it, which is applied to the model (not to
    #: another one that is compared with it).
    adapter: Value
    #: The map through the origin and the output (detached), or the derivative (ordinary).
    #: (default: detached)
    kind: Literal["detached", "ordinary"]
    #: The position whose output is explained, from 0; a negative number counts from the end.
    #: (default: -1)
    position: int
    #: The site that is explained: output, block.N.residual, block.N.attention or
    #: block.N.feedForward, with N from 0, read through the final norm. (default: output)
    site: Value
    #: The factor of gated products that stays linear; half means the mean of both. (default: up)
    gate: Literal["up", "gate", "half"]
    #: The precision of the computation. (default: f32)
    precision: Literal["f32", "f64"]
    #: The memory for the work, without the weights, such as 512M. (default: 4G)
    memory: Value


class AblateOptions(TypedDict, total=False):
    """The options of ``secant ablate``."""

    #: Wrap the prompt as the user's turn of a conversation, with the model's chat template.
    chat: bool
    #: With --chat: the text of the system turn.
    system: Value
    #: A folder with a LoRA adapter as PEFT writes it, which is applied to the model (not to
    #: another one that is compared with it).
    adapter: Value
    #: The token whose logit is explained: a word, an exact text in quotes ('" Paris"'), or an id
    #: such as #312. Repeat it for the mean of several tokens. "A - B" means A over B. (default:
    #: the likeliest next token)
    target: Value
    #: The token whose logit is subtracted from the target's; repeat it for the mean of several
    #: tokens. Or mean (of the whole vocabulary), none, or runner-up (the likeliest other token).
    #: (default: runner-up)
    over: Value
    #: Treat the first token like the others even if it is an attention sink. By default such a
    #: token is set apart as the baseline.
    no_baseline: bool
    #: The position whose output is explained, from 0; a negative number counts from the end.
    #: (default: -1)
    position: int
    #: The site that is explained: output, block.N.residual, block.N.attention or
    #: block.N.feedForward, with N from 0, read through the final norm. (default: output)
    site: Value
    #: The factor of gated products that stays linear; half means the mean of both. (default: up)
    gate: Literal["up", "gate", "half"]
    #: A token, by its position; negative positions count from the end. May be repeated.
    token: Value
    #: A head, as block.head, such as 23.3. May be repeated.
    head: Value
    #: The feed-forward layer of a block. May be repeated.
    feed_forward: Value
    #: A whole block. May be repeated.
    block: Value
    #: A right singular vector of a token's map, as position:k with k from 1. May be repeated.
    direction: Value
    #: What is kept of each part. (default: 0,0.25,0.5,0.75; 0 where no part is named)
    keep: Value
    #: Where no part is named: the number of parts. (default: 12, fewer in long prompts)
    parts: Value
    #: The precision of the computation. (default: f32)
    precision: Literal["f32", "f64"]
    #: The memory for the work, without the weights, such as 512M. (default: 4G)
    memory: Value


class SteerBuildOptions(TypedDict, total=False):
    """The options of ``secant steer build``."""

    #: Wrap the prompt as the user's turn of a conversation, with the model's chat template.
    chat: bool
    #: With --chat: the text of the system turn.
    system: Value
    #: The block, from 0, after which the map ends and the stream is changed.
    block: Value
    #: A folder with a LoRA adapter as PEFT writes it, which is applied to the model (not to
    #: another one that is compared with it).
    adapter: Value
    #: Keep this many singular triplets. (default: the whole map)
    rank: Value
    #: The factor of gated products that stays linear; half means the mean of both. (default: up)
    gate: Literal["up", "gate", "half"]
    #: The precision of the computation. (default: f32)
    precision: Literal["f32", "f64"]


class SteerRunOptions(TypedDict, total=False):
    """The options of ``secant steer run``."""

    #: Wrap the prompt as the user's turn of a conversation, with the model's chat template.
    chat: bool
    #: With --chat: the text of the system turn.
    system: Value
    #: A folder with a LoRA adapter as PEFT writes it, which is applied to the model (not to
    #: another one that is compared with it).
    adapter: Value
    #: The strength s, at least 0; with --mode mix at most 1. (default: 0.5)
    strength: Value
    #: How the stream is changed. (default: add)
    mode: Literal["mix", "add"]
    #: The largest number of tokens to append. (default: 30)
    count: int
    #: The text whose probability is measured. (default: the phrase)
    concept: Value
    #: Sample at this temperature; 0 always takes the likeliest token. (default: 0.0)
    temperature: float
    #: With a temperature: sample only from this many of the likeliest tokens. (default: all)
    top_k: Value
    #: With a temperature: sample only from the likeliest tokens that together have this
    #: probability. (default: 1.0)
    top_p: float
    #: The seed of random numbers. (default: 0)
    seed: int
    #: The precision of the computation. (default: f32)
    precision: Literal["f32", "f64"]


class SteerTowardOptions(TypedDict, total=False):
    """The options of ``secant steer toward``."""

    #: Wrap the prompt as the user's turn of a conversation, with the model's chat template.
    chat: bool
    #: With --chat: the text of the system turn.
    system: Value
    #: A folder with a LoRA adapter as PEFT writes it, which is applied to the model (not to
    #: another one that is compared with it).
    adapter: Value
    #: The block, from 0, after which the stream is changed.
    block: Value
    #: A token: a word, an exact text in quotes ('" Paris"'), or an id such as #312.
    token: Value
    #: A left singular vector, as position:k with k from 1; negative positions count from the
    #: end.
    direction: Value
    #: With --direction: the text that has the token. (default: the prompt)
    of: Value
    #: With --to: the text that a difference leads from.
    from_: Value
    #: With --from: the text that a difference leads to.
    to: Value
    #: The strength s; negative to push away. (default: 0.25)
    strength: float
    #: The largest number of tokens to append. (default: 30)
    count: int
    #: The text whose probability is measured. (default: what the direction stands for)
    concept: Value
    #: The factor of gated products that stays linear; half means the mean of both. (default: up)
    gate: Literal["up", "gate", "half"]
    #: Sample at this temperature; 0 always takes the likeliest token. (default: 0.0)
    temperature: float
    #: With a temperature: sample only from this many of the likeliest tokens. (default: all)
    top_k: Value
    #: With a temperature: sample only from the likeliest tokens that together have this
    #: probability. (default: 1.0)
    top_p: float
    #: The seed of random numbers. (default: 0)
    seed: int
    #: The precision of the computation. (default: f32)
    precision: Literal["f32", "f64"]


class Questions:
    """What a model can be asked."""

    #: The options that may be given several times.
    REPEATING: ClassVar[frozenset[str]] = frozenset(
        {"block", "direction", "feed_forward", "head", "over", "target", "token"}
    )

    def _ask(
        self, kind: type[R], command: str, prompt: PromptLike | None, options: Mapping[str, Any]
    ) -> R:
        raise NotImplementedError

    def _file(
        self, command: str, prompt: PromptLike | None, options: Mapping[str, Any]
    ) -> Jacobian:
        raise NotImplementedError

    def explain(
        self, prompt: PromptLike, **options: Unpack[ExplainOptions]
    ) -> ExplanationReport:
        """Explains the next token: each token's exact share, and what its map does.

        Options:
            chat: Wrap the prompt as the user's turn of a conversation, with the model's chat
            template.
            system: With --chat: the text of the system turn.
            adapter: A folder with a LoRA adapter as PEFT writes it, which is applied to the model
            (not to another one that is compared with it).
            target: The token whose logit is explained: a word, an exact text in quotes ('"
            Paris"'), or an id such as #312. Repeat it for the mean of several tokens. "A - B" means
            A over B. (default: the likeliest next token)
            over: The token whose logit is subtracted from the target's; repeat it for the mean of
            several tokens. Or mean (of the whole vocabulary), none, or runner-up (the likeliest
            other token). (default: runner-up)
            no_baseline: Treat the first token like the others even if it is an attention sink. By
            default such a token is set apart as the baseline.
            by: Sum the shares over each unit of the text. (default: token)
            spans: Sum the shares over the spans listed in a JSON file: objects with name and text,
            or with name, start and end in characters of the prompt.
            position: The position whose output is explained, from 0; a negative number counts from
            the end. (default: -1)
            site: The site that is explained: output, block.N.residual, block.N.attention or
            block.N.feedForward, with N from 0, read through the final norm. (default: output)
            gate: The factor of gated products that stays linear; half means the mean of both.
            (default: up)
            check: Remove each token and print the measured effect next to its share: mean (replace
            its vector by the mean of all tokens' vectors), mask (no later position attends to it),
            replace:TEXT (replace it by another token), none, or auto (mean, if that takes a few
            seconds at most). (default: auto)
            spectra: The tokens whose maps are decomposed: auto (those with the largest shares, as
            many as fit a few seconds), none, all, top:N (the N largest shares), or positions such
            as 0,5,9. (default: auto)
            max_seconds: Start no further decomposition after this many seconds.
            rank: The number of singular triplets of each map; 0 means --spectra none. (default: 8)
            method: How singular vectors are computed: dense (forms the matrix), krylov (uses only
            products), auto (the cheaper of both), or sketch (a quick first look at many tokens,
            with bounds for residuals). (default: auto)
            tolerance: A triplet has converged if its residual is at most this times the largest
            singular value. (default: 0.001; 0.3 with --method sketch)
            seed: The seed of random numbers. (default: 0)
            precision: The precision of the computation. (default: f32)
            memory: The memory for the work, without the weights, such as 512M. (default: 4G)
        """
        return self._ask(ExplanationReport, "explain", prompt, options)

    def shares(
        self, prompt: PromptLike, **options: Unpack[SharesOptions]
    ) -> SharesReport:
        """Divides an answer among tokens, blocks, heads and feed-forward layers, exactly.

        Options:
            chat: Wrap the prompt as the user's turn of a conversation, with the model's chat
            template.
            system: With --chat: the text of the system turn.
            adapter: A folder with a LoRA adapter as PEFT writes it, which is applied to the model
            (not to another one that is compared with it).
            target: The token whose logit is explained: a word, an exact text in quotes ('"
            Paris"'), or an id such as #312. Repeat it for the mean of several tokens. "A - B" means
            A over B. (default: the likeliest next token)
            over: The token whose logit is subtracted from the target's; repeat it for the mean of
            several tokens. Or mean (of the whole vocabulary), none, or runner-up (the likeliest
            other token). (default: runner-up)
            no_baseline: Treat the first token like the others even if it is an attention sink. By
            default such a token is set apart as the baseline.
            by: Sum the shares over each unit of the text. (default: token)
            spans: Sum the shares over the spans listed in a JSON file: objects with name and text,
            or with name, start and end in characters of the prompt.
            position: The position whose output is explained, from 0; a negative number counts from
            the end. (default: -1)
            site: The site that is explained: output, block.N.residual, block.N.attention or
            block.N.feedForward, with N from 0, read through the final norm. (default: output)
            gate: The factor of gated products that stays linear; half means the mean of both.
            (default: up)
            sources: Also divide each component among these source tokens, at one sweep per token:
            auto (all, if there are at most 64), none, all, top:N, or positions such as 0,5,9.
            (default: auto)
            precision: The precision of the computation. (default: f32)
            memory: The memory for the work, without the weights, such as 512M. (default: 4G)
        """
        return self._ask(SharesReport, "shares", prompt, options)

    def compare(
        self, prompt: PromptLike, other: PromptLike | None = None, **options: Unpack[CompareOptions]
    ) -> ComparisonReport:
        """Compares two prompts, or two models on one prompt, token by token.

        Options:
            chat: Wrap the prompt as the user's turn of a conversation, with the model's chat
            template.
            system: With --chat: the text of the system turn.
            adapter: A folder with a LoRA adapter as PEFT writes it, which is applied to the model
            (not to another one that is compared with it).
            with_model: The model to compare with; by default the same.
            with_adapter: A folder with a LoRA adapter for the second model, to see what tuning
            changed. The second model is the first one, unless --with-model names another.
            circuit: Also find the fewest of the largest parts that carry this fraction of what
            changed, such as 0.9, and run the second prompt with only these swapped.
            split_patterns: Divide what the patterns of some heads gave into what their queries and
            what their keys gave: top:N (the N that gave most), or heads such as 23.0,24.4 (block
            and head, from 0).
            all_entries: List all entries of the account of what changed; else the largest of very
            many.
            target: The token whose logit is explained: a word, an exact text in quotes ('"
            Paris"'), or an id such as #312. Repeat it for the mean of several tokens. "A - B" means
            A over B. (default: the likeliest next token)
            over: The token whose logit is subtracted from the target's; repeat it for the mean of
            several tokens. Or mean (of the whole vocabulary), none, or runner-up (the likeliest
            other token). (default: runner-up)
            no_baseline: Treat the first token like the others even if it is an attention sink. By
            default such a token is set apart as the baseline.
            by: Sum the shares over each unit of the text. (default: token)
            spans: Sum the shares over the spans listed in a JSON file: objects with name and text,
            or with name, start and end in characters of the prompt.
            position: The position whose output is explained, from 0; a negative number counts from
            the end. (default: -1)
            site: The site that is explained: output, block.N.residual, block.N.attention or
            block.N.feedForward, with N from 0, read through the final norm. (default: output)
            gate: The factor of gated products that stays linear; half means the mean of both.
            (default: up)
            spectra: The tokens whose maps are decomposed: auto (those with the largest shares, as
            many as fit a few seconds), none, all, top:N (the N largest shares), or positions such
            as 0,5,9. (default: auto)
            max_seconds: Start no further decomposition after this many seconds.
            rank: The number of singular triplets of each map; 0 means --spectra none. (default: 8)
            method: How singular vectors are computed: dense (forms the matrix), krylov (uses only
            products), auto (the cheaper of both), or sketch (a quick first look at many tokens,
            with bounds for residuals). (default: auto)
            tolerance: A triplet has converged if its residual is at most this times the largest
            singular value. (default: 0.001; 0.3 with --method sketch)
            seed: The seed of random numbers. (default: 0)
            precision: The precision of the computation. (default: f32)
            memory: The memory for the work, without the weights, such as 512M. (default: 4G)
        """
        return self._ask(ComparisonReport, "compare", prompt, {"other": other, **options})

    def trace(
        self, prompt: PromptLike, **options: Unpack[TraceOptions]
    ) -> TraceReport:
        """Traces an answer of many tokens back to the parts of a long prompt, exactly.

        Options:
            chat: Wrap the prompt as the user's turn of a conversation, with the model's chat
            template.
            system: With --chat: the text of the system turn.
            adapter: A folder with a LoRA adapter as PEFT writes it, which is applied to the model
            (not to another one that is compared with it).
            answer: The answer, in place of the model's own: a text, with or without a space before
            it as is likelier after the prompt; between quotes ('" 4821"') it is taken exactly.
            answer_tokens: The answer by its token ids.
            count: How many tokens the model's own answer has at most. (default: 60)
            over: What each token of the answer is held against: runner-up (the likeliest other
            token there), mean (of the whole vocabulary), none, or another answer of as many tokens.
            (default: runner-up)
            by: Count the tokens of each unit together. (default: line; sentence or word where there
            are fewer than three)
            spans: Count the tokens of the spans together that a JSON file lists: objects of name
            and text, or of name, start and end in characters of the prompt. They are the documents.
            no_baseline: Count the first token among the others where it is an attention sink,
            instead of setting it apart as baseline.
            matrix: Divide each token of the answer separately too: an adjoint pass for each.
            through: Pass what the answer's own words gave on to the prompt, over all hops: a
            definition, not a measurement. Needs the matrix.
            check: Measure what removing each span really does, a forward pass for each: mask (no
            later position attends to it) or replace (a text that says nothing, of as many tokens,
            in its place).
            max_seconds: Begin no further row of the matrix, and no further removal, after so many
            seconds.
            gate: The factor of gated products that stays linear; half means the mean of both.
            (default: up)
            precision: The precision of the computation. (default: f32)
            memory: The memory for the work, without the weights, such as 512M. (default: 4G)
        """
        return self._ask(TraceReport, "trace", prompt, options)

    def layers(
        self, prompt: PromptLike, **options: Unpack[LayersOptions]
    ) -> LayersReport:
        """Shows how the answer emerges: each token's map to every block.

        Options:
            chat: Wrap the prompt as the user's turn of a conversation, with the model's chat
            template.
            system: With --chat: the text of the system turn.
            adapter: A folder with a LoRA adapter as PEFT writes it, which is applied to the model
            (not to another one that is compared with it).
            target: The token whose logit is explained: a word, an exact text in quotes ('"
            Paris"'), or an id such as #312. Repeat it for the mean of several tokens. "A - B" means
            A over B. (default: the likeliest next token)
            over: The token whose logit is subtracted from the target's; repeat it for the mean of
            several tokens. Or mean (of the whole vocabulary), none, or runner-up (the likeliest
            other token). (default: runner-up)
            sites: The sites of each block: residual, attention and feedForward, separated by
            commas. (default: residual)
            local: Also decompose each block's own map, from its input.
            grid: Also the target's probability after every block at every position, as shaded
            cells.
            highlight: Words, separated by commas, to look for among the decoded tokens.
            position: The position at which blocks are read, from 0; a negative number counts from
            the end. (default: -1)
            kind: The maps through the origin and the sites' values (detached), or the derivatives
            (ordinary). (default: detached)
            gate: The factor of gated products that stays linear; half means the mean of both.
            (default: up)
            spectra: The tokens whose maps are decomposed: auto (those with the largest shares, as
            many as fit a few seconds), none, all, top:N (the N largest shares), or positions such
            as 0,5,9. (default: auto)
            max_seconds: Start no further decomposition after this many seconds.
            rank: The number of singular triplets of each map. (default: 3)
            method: How singular vectors are computed: dense (forms the matrix), krylov (uses only
            products), auto (the cheaper of both), or sketch (a quick first look at many tokens,
            with bounds for residuals). (default: auto)
            tolerance: A triplet has converged if its residual is at most this times the largest
            singular value. (default: 0.01)
            seed: The seed of random numbers. (default: 0)
            precision: The precision of the computation. (default: f32)
            memory: The memory for the work, without the weights, such as 512M. (default: 4G)
        """
        return self._ask(LayersReport, "layers", prompt, options)

    def maps(
        self, prompt: PromptLike, **options: Unpack[MapsOptions]
    ) -> MapsReport:
        """Shows each token's complete map: its spectrum, picture, units and directions.

        Options:
            chat: Wrap the prompt as the user's turn of a conversation, with the model's chat
            template.
            system: With --chat: the text of the system turn.
            adapter: A folder with a LoRA adapter as PEFT writes it, which is applied to the model
            (not to another one that is compared with it).
            position: The position whose output is explained, from 0; a negative number counts from
            the end. (default: -1)
            site: The site that is explained: output, block.N.residual, block.N.attention or
            block.N.feedForward, with N from 0, read through the final norm. (default: output)
            gate: The factor of gated products that stays linear; half means the mean of both.
            (default: up)
            spectra: The tokens whose maps are decomposed: auto (those with the largest shares, as
            many as fit a few seconds), none, all, top:N (the N largest shares), or positions such
            as 0,5,9. (default: auto)
            max_seconds: Start no further decomposition after this many seconds.
            rank: The number of singular triplets of each map; 0 means --spectra none. (default: 8)
            method: How singular vectors are computed: dense (forms the matrix), krylov (uses only
            products), auto (the cheaper of both), or sketch (a quick first look at many tokens,
            with bounds for residuals). (default: auto)
            tolerance: A triplet has converged if its residual is at most this times the largest
            singular value. (default: 0.001; 0.3 with --method sketch)
            seed: The seed of random numbers. (default: 0)
            units: The number of rows and columns listed for each map, those of largest norm.
            (default: 8)
            generate: The number of tokens to generate from the first token alone, each explained.
            (default: 0)
            precision: The precision of the computation. (default: f32)
            memory: The memory for the work, without the weights, such as 512M. (default: 4G)
        """
        return self._ask(MapsReport, "maps", prompt, options)

    def jacobians(
        self, prompt: PromptLike, **options: Unpack[JacobiansOptions]
    ) -> JacobiansReport:
        """Rebuilds the output from the detached and from the ordinary Jacobians.

        Options:
            chat: Wrap the prompt as the user's turn of a conversation, with the model's chat
            template.
            system: With --chat: the text of the system turn.
            adapter: A folder with a LoRA adapter as PEFT writes it, which is applied to the model
            (not to another one that is compared with it).
            target: The token whose logit is explained: a word, an exact text in quotes ('"
            Paris"'), or an id such as #312. Repeat it for the mean of several tokens. "A - B" means
            A over B. (default: the likeliest next token)
            over: The token whose logit is subtracted from the target's; repeat it for the mean of
            several tokens. Or mean (of the whole vocabulary), none, or runner-up (the likeliest
            other token). (default: runner-up)
            no_baseline: Treat the first token like the others even if it is an attention sink. By
            default such a token is set apart as the baseline.
            position: The position whose output is explained, from 0; a negative number counts from
            the end. (default: -1)
            site: The site that is explained: output, block.N.residual, block.N.attention or
            block.N.feedForward, with N from 0, read through the final norm. (default: output)
            gate: The factor of gated products that stays linear; half means the mean of both.
            (default: up)
            precisions: The precisions to compare: f32, f64, and f16 or bf16 (weights rounded to
            these, computed in f32). (default: f32,f64,f16,bf16)
            memory: The memory for the work, without the weights, such as 512M. (default: 4G)
        """
        return self._ask(JacobiansReport, "jacobians", prompt, options)

    def gate_rules(
        self, prompt: PromptLike, **options: Unpack[GateRulesOptions]
    ) -> GateRulesReport:
        """Explains a prompt under every gate rule, and says what does not depend on it.

        Options:
            chat: Wrap the prompt as the user's turn of a conversation, with the model's chat
            template.
            system: With --chat: the text of the system turn.
            adapter: A folder with a LoRA adapter as PEFT writes it, which is applied to the model
            (not to another one that is compared with it).
            target: The token whose logit is explained: a word, an exact text in quotes ('"
            Paris"'), or an id such as #312. Repeat it for the mean of several tokens. "A - B" means
            A over B. (default: the likeliest next token)
            over: The token whose logit is subtracted from the target's; repeat it for the mean of
            several tokens. Or mean (of the whole vocabulary), none, or runner-up (the likeliest
            other token). (default: runner-up)
            no_baseline: Treat the first token like the others even if it is an attention sink. By
            default such a token is set apart as the baseline.
            position: The position whose output is explained, from 0; a negative number counts from
            the end. (default: -1)
            site: The site that is explained: output, block.N.residual, block.N.attention or
            block.N.feedForward, with N from 0, read through the final norm. (default: output)
            spectra: The tokens whose maps are decomposed: auto (those with the largest shares, as
            many as fit a few seconds), none, all, top:N (the N largest shares), or positions such
            as 0,5,9. (default: auto)
            max_seconds: Start no further decomposition after this many seconds.
            rank: The number of singular triplets of each map; 0 means --spectra none. (default: 8)
            method: How singular vectors are computed: dense (forms the matrix), krylov (uses only
            products), auto (the cheaper of both), or sketch (a quick first look at many tokens,
            with bounds for residuals). (default: auto)
            tolerance: A triplet has converged if its residual is at most this times the largest
            singular value. (default: 0.001; 0.3 with --method sketch)
            seed: The seed of random numbers. (default: 0)
            precision: The precision of the computation. (default: f32)
            memory: The memory for the work, without the weights, such as 512M. (default: 4G)
        """
        return self._ask(GateRulesReport, "gate-rules", prompt, options)

    def report(
        self, prompt: PromptLike, **options: Unpack[ReportOptions]
    ) -> FullReport:
        """Writes one page with every analysis of a prompt.

        Options:
            chat: Wrap the prompt as the user's turn of a conversation, with the model's chat
            template.
            system: With --chat: the text of the system turn.
            adapter: A folder with a LoRA adapter as PEFT writes it, which is applied to the model
            (not to another one that is compared with it).
            target: The token whose logit is explained: a word, an exact text in quotes ('"
            Paris"'), or an id such as #312. Repeat it for the mean of several tokens. "A - B" means
            A over B. (default: the likeliest next token)
            over: The token whose logit is subtracted from the target's; repeat it for the mean of
            several tokens. Or mean (of the whole vocabulary), none, or runner-up (the likeliest
            other token). (default: runner-up)
            no_baseline: Treat the first token like the others even if it is an attention sink. By
            default such a token is set apart as the baseline.
            by: Sum the shares over each unit of the text. (default: token)
            spans: Sum the shares over the spans listed in a JSON file: objects with name and text,
            or with name, start and end in characters of the prompt.
            position: The position whose output is explained, from 0; a negative number counts from
            the end. (default: -1)
            site: The site that is explained: output, block.N.residual, block.N.attention or
            block.N.feedForward, with N from 0, read through the final norm. (default: output)
            gate: The factor of gated products that stays linear; half means the mean of both.
            (default: up)
            check: Remove each token and print the measured effect next to its share: mean (replace
            its vector by the mean of all tokens' vectors), mask (no later position attends to it),
            replace:TEXT (replace it by another token), none, or auto (mean, if that takes a few
            seconds at most). (default: auto)
            spectra: The tokens whose maps are decomposed: auto (those with the largest shares, as
            many as fit a few seconds), none, all, top:N (the N largest shares), or positions such
            as 0,5,9. (default: auto)
            max_seconds: Start no further decomposition after this many seconds.
            rank: The number of singular triplets of each map; 0 means --spectra none. (default: 8)
            method: How singular vectors are computed: dense (forms the matrix), krylov (uses only
            products), auto (the cheaper of both), or sketch (a quick first look at many tokens,
            with bounds for residuals). (default: auto)
            tolerance: A triplet has converged if its residual is at most this times the largest
            singular value. (default: 0.001; 0.3 with --method sketch)
            seed: The seed of random numbers. (default: 0)
            highlight: Words, separated by commas, to mark in the table of layers.
            precision: The precision of the computation. (default: f32)
            memory: The memory for the work, without the weights, such as 512M. (default: 4G)
        """
        return self._ask(FullReport, "report", prompt, options)

    def validate(
        self, **options: Unpack[ValidateOptions]
    ) -> ValidationReport:
        """Measures how well rules of attribution predict real effects, over many prompts.

        Options:
            adapter: A folder with a LoRA adapter as PEFT writes it, which is applied to the model
            (not to another one that is compared with it).
            data: A file of items instead of the built-in ones, one JSON object per line.
            rules: The rules to test, separated by commas: up, half, gate, gradient, integrated,
            ledger, random. (default: all)
            items: The largest number of items. (default: 60)
            max_seconds: Start no further item after this many seconds.
            continue_: Continue an earlier validation of the same settings, which --json wrote: its
            items are kept.
            seed: The seed of random numbers. (default: 0)
            precision: The precision of the computation. (default: f32)
            memory: The memory for the work, without the weights, such as 512M. (default: 4G)
        """
        return self._ask(ValidationReport, "validate", None, options)

    def verify(
        self, **options: Unpack[VerifyOptions]
    ) -> VerificationReport:
        """Checks the method's laws on a model, and fails if one does not hold.

        Options:
            adapter: A folder with a LoRA adapter as PEFT writes it, which is applied to the model
            (not to another one that is compared with it).
            prompt: The text on which the laws are checked; - for standard input. (default: random
            tokens)
            against: Compare with published figures instead: paper, or a JSON file in the same
            format; or ioi, the indirect-object circuit of GPT-2 small.
            seed: The seed of random numbers. (default: 0)
            memory: The memory for the work, without the weights, such as 512M. (default: 4G)
        """
        return self._ask(VerificationReport, "verify", None, options)

    def generate(
        self, prompt: PromptLike, **options: Unpack[GenerateOptions]
    ) -> GenerationReport:
        """Continues a prompt, with the likeliest tokens or by sampling.

        Options:
            chat: Wrap the prompt as the user's turn of a conversation, with the model's chat
            template.
            system: With --chat: the text of the system turn.
            adapter: A folder with a LoRA adapter as PEFT writes it, which is applied to the model
            (not to another one that is compared with it).
            count: The largest number of tokens to append. (default: 20)
            temperature: Sample at this temperature; 0 always takes the likeliest token. (default:
            0.0)
            top_k: With a temperature: sample only from this many of the likeliest tokens. (default:
            all)
            top_p: With a temperature: sample only from the likeliest tokens that together have this
            probability. (default: 1.0)
            seed: The seed of random numbers. (default: 0)
            precision: The precision of the computation. (default: f32)
        """
        return self._ask(GenerationReport, "generate", prompt, options)

    def inspect(
        self, **options: Unpack[InspectOptions]
    ) -> InspectionReport:
        """Shows a model's configuration, tensors and memory, and what is not understood.

        Options:
            adapter: A folder with a LoRA adapter as PEFT writes it, which is applied to the model
            (not to another one that is compared with it).
        """
        return self._ask(InspectionReport, "inspect", None, options)

    def models(
        self, **options: Unpack[ModelsOptions]
    ) -> ModelsReport:
        """Lists the models in Hugging Face's cache, and which of them Secant can run.
        """
        return self._ask(ModelsReport, "models", None, options)

    def jacobian(
        self, prompt: PromptLike, **options: Unpack[JacobianOptions]
    ) -> Jacobian:
        """Writes every token's linear map to a safetensors file.

        Options:
            chat: Wrap the prompt as the user's turn of a conversation, with the model's chat
            template.
            system: With --chat: the text of the system turn.
            adapter: A folder with a LoRA adapter as PEFT writes it, which is applied to the model
            (not to another one that is compared with it).
            kind: The map through the origin and the output (detached), or the derivative
            (ordinary). (default: detached)
            position: The position whose output is explained, from 0; a negative number counts from
            the end. (default: -1)
            site: The site that is explained: output, block.N.residual, block.N.attention or
            block.N.feedForward, with N from 0, read through the final norm. (default: output)
            gate: The factor of gated products that stays linear; half means the mean of both.
            (default: up)
            precision: The precision of the computation. (default: f32)
            memory: The memory for the work, without the weights, such as 512M. (default: 4G)
        """
        return self._file("jacobian", prompt, options)

    def ablate(
        self, prompt: PromptLike, **options: Unpack[AblateOptions]
    ) -> AblationReport:
        """Scales or removes parts of a run: the predicted and the measured change.

        Options:
            chat: Wrap the prompt as the user's turn of a conversation, with the model's chat
            template.
            system: With --chat: the text of the system turn.
            adapter: A folder with a LoRA adapter as PEFT writes it, which is applied to the model
            (not to another one that is compared with it).
            target: The token whose logit is explained: a word, an exact text in quotes ('"
            Paris"'), or an id such as #312. Repeat it for the mean of several tokens. "A - B" means
            A over B. (default: the likeliest next token)
            over: The token whose logit is subtracted from the target's; repeat it for the mean of
            several tokens. Or mean (of the whole vocabulary), none, or runner-up (the likeliest
            other token). (default: runner-up)
            no_baseline: Treat the first token like the others even if it is an attention sink. By
            default such a token is set apart as the baseline.
            position: The position whose output is explained, from 0; a negative number counts from
            the end. (default: -1)
            site: The site that is explained: output, block.N.residual, block.N.attention or
            block.N.feedForward, with N from 0, read through the final norm. (default: output)
            gate: The factor of gated products that stays linear; half means the mean of both.
            (default: up)
            token: A token, by its position; negative positions count from the end. May be repeated.
            head: A head, as block.head, such as 23.3. May be repeated.
            feed_forward: The feed-forward layer of a block. May be repeated.
            block: A whole block. May be repeated.
            direction: A right singular vector of a token's map, as position:k with k from 1. May be
            repeated.
            keep: What is kept of each part. (default: 0,0.25,0.5,0.75; 0 where no part is named)
            parts: Where no part is named: the number of parts. (default: 12, fewer in long prompts)
            precision: The precision of the computation. (default: f32)
            memory: The memory for the work, without the weights, such as 512M. (default: 4G)
        """
        return self._ask(AblationReport, "ablate", prompt, options)

    def steer_build(
        self, prompt: PromptLike, output: str | os.PathLike[str], **options: Unpack[SteerBuildOptions]
    ) -> SteeringOperatorReport:
        """Writes the steering operator of a phrase to a safetensors file.

        Options:
            chat: Wrap the prompt as the user's turn of a conversation, with the model's chat
            template.
            system: With --chat: the text of the system turn.
            block: The block, from 0, after which the map ends and the stream is changed.
            adapter: A folder with a LoRA adapter as PEFT writes it, which is applied to the model
            (not to another one that is compared with it).
            rank: Keep this many singular triplets. (default: the whole map)
            gate: The factor of gated products that stays linear; half means the mean of both.
            (default: up)
            precision: The precision of the computation. (default: f32)
        """
        return self._ask(SteeringOperatorReport, "steer build", prompt, {"output": output, **options})

    def steer_run(
        self, prompt: PromptLike, operator: str | os.PathLike[str], **options: Unpack[SteerRunOptions]
    ) -> SteeringReport:
        """Continues a prompt with and without steering.

        Options:
            chat: Wrap the prompt as the user's turn of a conversation, with the model's chat
            template.
            system: With --chat: the text of the system turn.
            adapter: A folder with a LoRA adapter as PEFT writes it, which is applied to the model
            (not to another one that is compared with it).
            strength: The strength s, at least 0; with --mode mix at most 1. (default: 0.5)
            mode: How the stream is changed. (default: add)
            count: The largest number of tokens to append. (default: 30)
            concept: The text whose probability is measured. (default: the phrase)
            temperature: Sample at this temperature; 0 always takes the likeliest token. (default:
            0.0)
            top_k: With a temperature: sample only from this many of the likeliest tokens. (default:
            all)
            top_p: With a temperature: sample only from the likeliest tokens that together have this
            probability. (default: 1.0)
            seed: The seed of random numbers. (default: 0)
            precision: The precision of the computation. (default: f32)
        """
        return self._ask(SteeringReport, "steer run", prompt, {"operator": operator, **options})

    def steer_toward(
        self, prompt: PromptLike, **options: Unpack[SteerTowardOptions]
    ) -> SteeringVectorReport:
        """Continues a prompt with and without a push along one direction.

        Options:
            chat: Wrap the prompt as the user's turn of a conversation, with the model's chat
            template.
            system: With --chat: the text of the system turn.
            adapter: A folder with a LoRA adapter as PEFT writes it, which is applied to the model
            (not to another one that is compared with it).
            block: The block, from 0, after which the stream is changed.
            token: A token: a word, an exact text in quotes ('" Paris"'), or an id such as #312.
            direction: A left singular vector, as position:k with k from 1; negative positions count
            from the end.
            of: With --direction: the text that has the token. (default: the prompt)
            from_: With --to: the text that a difference leads from.
            to: With --from: the text that a difference leads to.
            strength: The strength s; negative to push away. (default: 0.25)
            count: The largest number of tokens to append. (default: 30)
            concept: The text whose probability is measured. (default: what the direction stands
            for)
            gate: The factor of gated products that stays linear; half means the mean of both.
            (default: up)
            temperature: Sample at this temperature; 0 always takes the likeliest token. (default:
            0.0)
            top_k: With a temperature: sample only from this many of the likeliest tokens. (default:
            all)
            top_p: With a temperature: sample only from the likeliest tokens that together have this
            probability. (default: 1.0)
            seed: The seed of random numbers. (default: 0)
            precision: The precision of the computation. (default: f32)
        """
        return self._ask(SteeringVectorReport, "steer toward", prompt, options)


def _model(name: str | os.PathLike[str] | Model) -> Model:
    from ._model import model

    return model(name)


def explain(
    prompt: PromptLike, *, model: str | os.PathLike[str] | Model = "demo", **options: Unpack[ExplainOptions]
) -> ExplanationReport:
    """Explains the next token: each token's exact share, and what its map does.

    ``model`` names the model, or is one; the options are those of ``Model.explain``.
    """
    return _model(model).explain(prompt, **options)


def shares(
    prompt: PromptLike, *, model: str | os.PathLike[str] | Model = "demo", **options: Unpack[SharesOptions]
) -> SharesReport:
    """Divides an answer among tokens, blocks, heads and feed-forward layers, exactly.

    ``model`` names the model, or is one; the options are those of ``Model.shares``.
    """
    return _model(model).shares(prompt, **options)


def compare(
    prompt: PromptLike, other: PromptLike | None = None, *, model: str | os.PathLike[str] | Model = "demo", **options: Unpack[CompareOptions]
) -> ComparisonReport:
    """Compares two prompts, or two models on one prompt, token by token.

    ``model`` names the model, or is one; the options are those of ``Model.compare``.
    """
    return _model(model).compare(prompt, other, **options)


def trace(
    prompt: PromptLike, *, model: str | os.PathLike[str] | Model = "demo", **options: Unpack[TraceOptions]
) -> TraceReport:
    """Traces an answer of many tokens back to the parts of a long prompt, exactly.

    ``model`` names the model, or is one; the options are those of ``Model.trace``.
    """
    return _model(model).trace(prompt, **options)


def layers(
    prompt: PromptLike, *, model: str | os.PathLike[str] | Model = "demo", **options: Unpack[LayersOptions]
) -> LayersReport:
    """Shows how the answer emerges: each token's map to every block.

    ``model`` names the model, or is one; the options are those of ``Model.layers``.
    """
    return _model(model).layers(prompt, **options)


def maps(
    prompt: PromptLike, *, model: str | os.PathLike[str] | Model = "demo", **options: Unpack[MapsOptions]
) -> MapsReport:
    """Shows each token's complete map: its spectrum, picture, units and directions.

    ``model`` names the model, or is one; the options are those of ``Model.maps``.
    """
    return _model(model).maps(prompt, **options)


def jacobians(
    prompt: PromptLike, *, model: str | os.PathLike[str] | Model = "demo", **options: Unpack[JacobiansOptions]
) -> JacobiansReport:
    """Rebuilds the output from the detached and from the ordinary Jacobians.

    ``model`` names the model, or is one; the options are those of ``Model.jacobians``.
    """
    return _model(model).jacobians(prompt, **options)


def gate_rules(
    prompt: PromptLike, *, model: str | os.PathLike[str] | Model = "demo", **options: Unpack[GateRulesOptions]
) -> GateRulesReport:
    """Explains a prompt under every gate rule, and says what does not depend on it.

    ``model`` names the model, or is one; the options are those of ``Model.gate_rules``.
    """
    return _model(model).gate_rules(prompt, **options)


def report(
    prompt: PromptLike, *, model: str | os.PathLike[str] | Model = "demo", **options: Unpack[ReportOptions]
) -> FullReport:
    """Writes one page with every analysis of a prompt.

    ``model`` names the model, or is one; the options are those of ``Model.report``.
    """
    return _model(model).report(prompt, **options)


def validate(
    *, model: str | os.PathLike[str] | Model = "demo", **options: Unpack[ValidateOptions]
) -> ValidationReport:
    """Measures how well rules of attribution predict real effects, over many prompts.

    ``model`` names the model, or is one; the options are those of ``Model.validate``.
    """
    return _model(model).validate(**options)


def verify(
    *, model: str | os.PathLike[str] | Model = "demo", **options: Unpack[VerifyOptions]
) -> VerificationReport:
    """Checks the method's laws on a model, and fails if one does not hold.

    ``model`` names the model, or is one; the options are those of ``Model.verify``.
    """
    return _model(model).verify(**options)


def generate(
    prompt: PromptLike, *, model: str | os.PathLike[str] | Model = "demo", **options: Unpack[GenerateOptions]
) -> GenerationReport:
    """Continues a prompt, with the likeliest tokens or by sampling.

    ``model`` names the model, or is one; the options are those of ``Model.generate``.
    """
    return _model(model).generate(prompt, **options)


def inspect(
    *, model: str | os.PathLike[str] | Model = "demo", **options: Unpack[InspectOptions]
) -> InspectionReport:
    """Shows a model's configuration, tensors and memory, and what is not understood.

    ``model`` names the model, or is one; the options are those of ``Model.inspect``.
    """
    return _model(model).inspect(**options)


def models(
    *, model: str | os.PathLike[str] | Model = "demo", **options: Unpack[ModelsOptions]
) -> ModelsReport:
    """Lists the models in Hugging Face's cache, and which of them Secant can run.

    ``model`` names the model, or is one; the options are those of ``Model.models``.
    """
    return _model(model).models(**options)


def jacobian(
    prompt: PromptLike, *, model: str | os.PathLike[str] | Model = "demo", **options: Unpack[JacobianOptions]
) -> Jacobian:
    """Writes every token's linear map to a safetensors file.

    ``model`` names the model, or is one; the options are those of ``Model.jacobian``.
    """
    return _model(model).jacobian(prompt, **options)


def ablate(
    prompt: PromptLike, *, model: str | os.PathLike[str] | Model = "demo", **options: Unpack[AblateOptions]
) -> AblationReport:
    """Scales or removes parts of a run: the predicted and the measured change.

    ``model`` names the model, or is one; the options are those of ``Model.ablate``.
    """
    return _model(model).ablate(prompt, **options)


def steer_build(
    prompt: PromptLike, output: str | os.PathLike[str], *, model: str | os.PathLike[str] | Model = "demo", **options: Unpack[SteerBuildOptions]
) -> SteeringOperatorReport:
    """Writes the steering operator of a phrase to a safetensors file.

    ``model`` names the model, or is one; the options are those of ``Model.steer_build``.
    """
    return _model(model).steer_build(prompt, output, **options)


def steer_run(
    prompt: PromptLike, operator: str | os.PathLike[str], *, model: str | os.PathLike[str] | Model = "demo", **options: Unpack[SteerRunOptions]
) -> SteeringReport:
    """Continues a prompt with and without steering.

    ``model`` names the model, or is one; the options are those of ``Model.steer_run``.
    """
    return _model(model).steer_run(prompt, operator, **options)


def steer_toward(
    prompt: PromptLike, *, model: str | os.PathLike[str] | Model = "demo", **options: Unpack[SteerTowardOptions]
) -> SteeringVectorReport:
    """Continues a prompt with and without a push along one direction.

    ``model`` names the model, or is one; the options are those of ``Model.steer_toward``.
    """
    return _model(model).steer_toward(prompt, **options)
