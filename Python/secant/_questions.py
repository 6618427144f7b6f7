"""The questions: made from the program's own help by Tools/python/generate; do not edit."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypedDict, TypeVar, Union

from ._jacobian import Jacobian
from .reports import (
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
]


class ExplainOptions(TypedDict, total=False):
    """The options of ``secant explain``."""

    #: Write the prompt as the user's turn of a conversation, by the model's own template.
    chat: bool
    #: With --chat: what the conversation's system turn says.
    system: Value
    #: The token whose logit is explained: a word, a text between quotes taken exactly ('"
    #: Paris"'), or an id as #312; of several, their mean. "A - B" is A over B. (default: the
    #: likeliest next token)
    target: Value
    #: The token whose logit is subtracted from the target's; of several, their mean. Or mean (of
    #: the whole vocabulary), none, or runner-up (the likeliest other token). (default:
    #: runner-up)
    over: Value
    #: Count the first token among the others where it is an attention sink, instead of setting
    #: it apart as baseline.
    no_baseline: bool
    #: Add up the shares of each unit of the text. (default: token)
    by: Literal["token", "word", "sentence", "line", "turn"]
    #: Add up the shares of the spans that a JSON file lists: objects of name and text, or of
    #: name, start and end in characters of the prompt.
    spans: Value
    #: The position whose output is explained, from 0; a negative one counts from the end.
    #: (default: -1)
    position: int
    #: The place that is explained: output, or block.N.residual, block.N.attention or
    #: block.N.feedForward with N from 0, read through the final norm. (default: output)
    site: Value
    #: The factor of gated products that stays linear; half is the mean of both. (default: up)
    gate: Literal["up", "gate", "half"]
    #: Measure what removing each token really does, beside its share: mean (the mean of all
    #: tokens' vectors in its place), mask (no later position attends to it), replace:TEXT
    #: (another token in its place), none, or auto (mean where that takes a few seconds at most).
    #: (default: auto)
    check: Value
    #: The tokens whose maps are decomposed: auto (the largest shares, as many as fit some
    #: seconds), none, all, top:N (the N largest shares), or positions such as 0,5,9. (default:
    #: auto)
    spectra: Value
    #: Decompose no further map after so many seconds.
    max_seconds: Value
    #: Singular triplets of each map; 0 means --spectra none. (default: 8)
    rank: int
    #: How singular vectors are found: dense (from the formed matrix), krylov (from products
    #: alone), auto (the cheaper of both), or sketch (a first look at many tokens at once, whose
    #: residuals are bounds). (default: auto)
    method: Literal["auto", "dense", "krylov", "sketch"]
    #: The largest residual of a triplet that counts as converged, relative to the largest
    #: singular value. (default: 0.001; 0.3 by --method sketch)
    tolerance: Value
    #: What random numbers are drawn from. (default: 0)
    seed: int
    #: The arithmetic. (default: f32)
    precision: Literal["f32", "f64"]
    #: The memory that the work may take beside the weights, such as 512M. (default: 4G)
    memory: Value


class SharesOptions(TypedDict, total=False):
    """The options of ``secant shares``."""

    #: Write the prompt as the user's turn of a conversation, by the model's own template.
    chat: bool
    #: With --chat: what the conversation's system turn says.
    system: Value
    #: The token whose logit is explained: a word, a text between quotes taken exactly ('"
    #: Paris"'), or an id as #312; of several, their mean. "A - B" is A over B. (default: the
    #: likeliest next token)
    target: Value
    #: The token whose logit is subtracted from the target's; of several, their mean. Or mean (of
    #: the whole vocabulary), none, or runner-up (the likeliest other token). (default:
    #: runner-up)
    over: Value
    #: Count the first token among the others where it is an attention sink, instead of setting
    #: it apart as baseline.
    no_baseline: bool
    #: Add up the shares of each unit of the text. (default: token)
    by: Literal["token", "word", "sentence", "line", "turn"]
    #: Add up the shares of the spans that a JSON file lists: objects of name and text, or of
    #: name, start and end in characters of the prompt.
    spans: Value
    #: The position whose output is explained, from 0; a negative one counts from the end.
    #: (default: -1)
    position: int
    #: The place that is explained: output, or block.N.residual, block.N.attention or
    #: block.N.feedForward with N from 0, read through the final norm. (default: output)
    site: Value
    #: The factor of gated products that stays linear; half is the mean of both. (default: up)
    gate: Literal["up", "gate", "half"]
    #: The tokens by whose vectors each component is divided too, a sweep for each: auto (all of
    #: at most 64), none, all, top:N, or positions such as 0,5,9. (default: auto)
    sources: Value
    #: The arithmetic. (default: f32)
    precision: Literal["f32", "f64"]
    #: The memory that the work may take beside the weights, such as 512M. (default: 4G)
    memory: Value


class CompareOptions(TypedDict, total=False):
    """The options of ``secant compare``."""

    #: Write the prompt as the user's turn of a conversation, by the model's own template.
    chat: bool
    #: With --chat: what the conversation's system turn says.
    system: Value
    #: The model to compare with; by default the same.
    with_model: Value | Questions
    #: Also find the fewest of the largest parts that carry this fraction of what changed, such
    #: as 0.9, and run the second prompt with only these swapped.
    circuit: Value
    #: The token whose logit is explained: a word, a text between quotes taken exactly ('"
    #: Paris"'), or an id as #312; of several, their mean. "A - B" is A over B. (default: the
    #: likeliest next token)
    target: Value
    #: The token whose logit is subtracted from the target's; of several, their mean. Or mean (of
    #: the whole vocabulary), none, or runner-up (the likeliest other token). (default:
    #: runner-up)
    over: Value
    #: Count the first token among the others where it is an attention sink, instead of setting
    #: it apart as baseline.
    no_baseline: bool
    #: The position whose output is explained, from 0; a negative one counts from the end.
    #: (default: -1)
    position: int
    #: The place that is explained: output, or block.N.residual, block.N.attention or
    #: block.N.feedForward with N from 0, read through the final norm. (default: output)
    site: Value
    #: The factor of gated products that stays linear; half is the mean of both. (default: up)
    gate: Literal["up", "gate", "half"]
    #: The tokens whose maps are decomposed: auto (the largest shares, as many as fit some
    #: seconds), none, all, top:N (the N largest shares), or positions such as 0,5,9. (default:
    #: auto)
    spectra: Value
    #: Decompose no further map after so many seconds.
    max_seconds: Value
    #: Singular triplets of each map; 0 means --spectra none. (default: 8)
    rank: int
    #: How singular vectors are found: dense (from the formed matrix), krylov (from products
    #: alone), auto (the cheaper of both), or sketch (a first look at many tokens at once, whose
    #: residuals are bounds). (default: auto)
    method: Literal["auto", "dense", "krylov", "sketch"]
    #: The largest residual of a triplet that counts as converged, relative to the largest
    #: singular value. (default: 0.001; 0.3 by --method sketch)
    tolerance: Value
    #: What random numbers are drawn from. (default: 0)
    seed: int
    #: The arithmetic. (default: f32)
    precision: Literal["f32", "f64"]
    #: The memory that the work may take beside the weights, such as 512M. (default: 4G)
    memory: Value


class LayersOptions(TypedDict, total=False):
    """The options of ``secant layers``."""

    #: Write the prompt as the user's turn of a conversation, by the model's own template.
    chat: bool
    #: With --chat: what the conversation's system turn says.
    system: Value
    #: The token whose logit is explained: a word, a text between quotes taken exactly ('"
    #: Paris"'), or an id as #312; of several, their mean. "A - B" is A over B. (default: the
    #: likeliest next token)
    target: Value
    #: The token whose logit is subtracted from the target's; of several, their mean. Or mean (of
    #: the whole vocabulary), none, or runner-up (the likeliest other token). (default:
    #: runner-up)
    over: Value
    #: The places of each block: residual, attention and feedForward, between commas. (default:
    #: residual)
    sites: Value
    #: Also each block's own map, from what enters it.
    local: bool
    #: Words to look for among the decoded tokens, between commas.
    highlight: Value
    #: The position at which blocks are read, from 0; a negative one counts from the end.
    #: (default: -1)
    position: int
    #: The maps through the origin and the sites' values (detached), or the derivatives
    #: (ordinary). (default: detached)
    kind: Literal["detached", "ordinary"]
    #: The factor of gated products that stays linear; half is the mean of both. (default: up)
    gate: Literal["up", "gate", "half"]
    #: The tokens whose maps are decomposed: auto (the largest shares, as many as fit some
    #: seconds), none, all, top:N (the N largest shares), or positions such as 0,5,9. (default:
    #: auto)
    spectra: Value
    #: Decompose no further map after so many seconds.
    max_seconds: Value
    #: Singular triplets of each map. (default: 3)
    rank: int
    #: How singular vectors are found: dense (from the formed matrix), krylov (from products
    #: alone), auto (the cheaper of both), or sketch (a first look at many tokens at once, whose
    #: residuals are bounds). (default: auto)
    method: Literal["auto", "dense", "krylov", "sketch"]
    #: The largest residual of a triplet that counts as converged, relative to the largest
    #: singular value. (default: 0.01)
    tolerance: float
    #: What random numbers are drawn from. (default: 0)
    seed: int
    #: The arithmetic. (default: f32)
    precision: Literal["f32", "f64"]
    #: The memory that the work may take beside the weights, such as 512M. (default: 4G)
    memory: Value


class MapsOptions(TypedDict, total=False):
    """The options of ``secant maps``."""

    #: Write the prompt as the user's turn of a conversation, by the model's own template.
    chat: bool
    #: With --chat: what the conversation's system turn says.
    system: Value
    #: The position whose output is explained, from 0; a negative one counts from the end.
    #: (default: -1)
    position: int
    #: The place that is explained: output, or block.N.residual, block.N.attention or
    #: block.N.feedForward with N from 0, read through the final norm. (default: output)
    site: Value
    #: The factor of gated products that stays linear; half is the mean of both. (default: up)
    gate: Literal["up", "gate", "half"]
    #: The tokens whose maps are decomposed: auto (the largest shares, as many as fit some
    #: seconds), none, all, top:N (the N largest shares), or positions such as 0,5,9. (default:
    #: auto)
    spectra: Value
    #: Decompose no further map after so many seconds.
    max_seconds: Value
    #: Singular triplets of each map; 0 means --spectra none. (default: 8)
    rank: int
    #: How singular vectors are found: dense (from the formed matrix), krylov (from products
    #: alone), auto (the cheaper of both), or sketch (a first look at many tokens at once, whose
    #: residuals are bounds). (default: auto)
    method: Literal["auto", "dense", "krylov", "sketch"]
    #: The largest residual of a triplet that counts as converged, relative to the largest
    #: singular value. (default: 0.001; 0.3 by --method sketch)
    tolerance: Value
    #: What random numbers are drawn from. (default: 0)
    seed: int
    #: Rows and columns of each map that are listed, those of largest norm. (default: 8)
    units: int
    #: Tokens to generate from nothing and to explain at every step. (default: 0)
    generate: int
    #: The arithmetic. (default: f32)
    precision: Literal["f32", "f64"]
    #: The memory that the work may take beside the weights, such as 512M. (default: 4G)
    memory: Value


class JacobiansOptions(TypedDict, total=False):
    """The options of ``secant jacobians``."""

    #: Write the prompt as the user's turn of a conversation, by the model's own template.
    chat: bool
    #: With --chat: what the conversation's system turn says.
    system: Value
    #: The token whose logit is explained: a word, a text between quotes taken exactly ('"
    #: Paris"'), or an id as #312; of several, their mean. "A - B" is A over B. (default: the
    #: likeliest next token)
    target: Value
    #: The token whose logit is subtracted from the target's; of several, their mean. Or mean (of
    #: the whole vocabulary), none, or runner-up (the likeliest other token). (default:
    #: runner-up)
    over: Value
    #: Count the first token among the others where it is an attention sink, instead of setting
    #: it apart as baseline.
    no_baseline: bool
    #: The position whose output is explained, from 0; a negative one counts from the end.
    #: (default: -1)
    position: int
    #: The place that is explained: output, or block.N.residual, block.N.attention or
    #: block.N.feedForward with N from 0, read through the final norm. (default: output)
    site: Value
    #: The factor of gated products that stays linear; half is the mean of both. (default: up)
    gate: Literal["up", "gate", "half"]
    #: The numbers that are computed with: f32, f64, or f16 and bf16, weights rounded to these
    #: and computed with in f32. (default: f32,f64,f16,bf16)
    precisions: Value
    #: The memory that the work may take beside the weights, such as 512M. (default: 4G)
    memory: Value


class GateRulesOptions(TypedDict, total=False):
    """The options of ``secant gate-rules``."""

    #: Write the prompt as the user's turn of a conversation, by the model's own template.
    chat: bool
    #: With --chat: what the conversation's system turn says.
    system: Value
    #: The token whose logit is explained: a word, a text between quotes taken exactly ('"
    #: Paris"'), or an id as #312; of several, their mean. "A - B" is A over B. (default: the
    #: likeliest next token)
    target: Value
    #: The token whose logit is subtracted from the target's; of several, their mean. Or mean (of
    #: the whole vocabulary), none, or runner-up (the likeliest other token). (default:
    #: runner-up)
    over: Value
    #: Count the first token among the others where it is an attention sink, instead of setting
    #: it apart as baseline.
    no_baseline: bool
    #: The position whose output is explained, from 0; a negative one counts from the end.
    #: (default: -1)
    position: int
    #: The place that is explained: output, or block.N.residual, block.N.attention or
    #: block.N.feedForward with N from 0, read through the final norm. (default: output)
    site: Value
    #: The tokens whose maps are decomposed: auto (the largest shares, as many as fit some
    #: seconds), none, all, top:N (the N largest shares), or positions such as 0,5,9. (default:
    #: auto)
    spectra: Value
    #: Decompose no further map after so many seconds.
    max_seconds: Value
    #: Singular triplets of each map; 0 means --spectra none. (default: 8)
    rank: int
    #: How singular vectors are found: dense (from the formed matrix), krylov (from products
    #: alone), auto (the cheaper of both), or sketch (a first look at many tokens at once, whose
    #: residuals are bounds). (default: auto)
    method: Literal["auto", "dense", "krylov", "sketch"]
    #: The largest residual of a triplet that counts as converged, relative to the largest
    #: singular value. (default: 0.001; 0.3 by --method sketch)
    tolerance: Value
    #: What random numbers are drawn from. (default: 0)
    seed: int
    #: The arithmetic. (default: f32)
    precision: Literal["f32", "f64"]
    #: The memory that the work may take beside the weights, such as 512M. (default: 4G)
    memory: Value


class ReportOptions(TypedDict, total=False):
    """The options of ``secant report``."""

    #: Write the prompt as the user's turn of a conversation, by the model's own template.
    chat: bool
    #: With --chat: what the conversation's system turn says.
    system: Value
    #: The token whose logit is explained: a word, a text between quotes taken exactly ('"
    #: Paris"'), or an id as #312; of several, their mean. "A - B" is A over B. (default: the
    #: likeliest next token)
    target: Value
    #: The token whose logit is subtracted from the target's; of several, their mean. Or mean (of
    #: the whole vocabulary), none, or runner-up (the likeliest other token). (default:
    #: runner-up)
    over: Value
    #: Count the first token among the others where it is an attention sink, instead of setting
    #: it apart as baseline.
    no_baseline: bool
    #: Add up the shares of each unit of the text. (default: token)
    by: Literal["token", "word", "sentence", "line", "turn"]
    #: Add up the shares of the spans that a JSON file lists: objects of name and text, or of
    #: name, start and end in characters of the prompt.
    spans: Value
    #: The position whose output is explained, from 0; a negative one counts from the end.
    #: (default: -1)
    position: int
    #: The place that is explained: output, or block.N.residual, block.N.attention or
    #: block.N.feedForward with N from 0, read through the final norm. (default: output)
    site: Value
    #: The factor of gated products that stays linear; half is the mean of both. (default: up)
    gate: Literal["up", "gate", "half"]
    #: The tokens whose maps are decomposed: auto (the largest shares, as many as fit some
    #: seconds), none, all, top:N (the N largest shares), or positions such as 0,5,9. (default:
    #: auto)
    spectra: Value
    #: Decompose no further map after so many seconds.
    max_seconds: Value
    #: Singular triplets of each map; 0 means --spectra none. (default: 8)
    rank: int
    #: How singular vectors are found: dense (from the formed matrix), krylov (from products
    #: alone), auto (the cheaper of both), or sketch (a first look at many tokens at once, whose
    #: residuals are bounds). (default: auto)
    method: Literal["auto", "dense", "krylov", "sketch"]
    #: The largest residual of a triplet that counts as converged, relative to the largest
    #: singular value. (default: 0.001; 0.3 by --method sketch)
    tolerance: Value
    #: What random numbers are drawn from. (default: 0)
    seed: int
    #: Words to mark in what the layers write, between commas.
    highlight: Value
    #: The arithmetic. (default: f32)
    precision: Literal["f32", "f64"]
    #: The memory that the work may take beside the weights, such as 512M. (default: 4G)
    memory: Value


class ValidateOptions(TypedDict, total=False):
    """The options of ``secant validate``."""

    #: Items in place of the built-in ones, an object in every line.
    data: Value
    #: The rules: some of up, half, gate, gradient, integrated, ledger and random, between
    #: commas. (default: all)
    rules: Value
    #: Items that are measured at most. (default: 60)
    items: int
    #: Begin no further item after so many seconds.
    max_seconds: Value
    #: What random numbers are drawn from. (default: 0)
    seed: int
    #: The arithmetic. (default: f32)
    precision: Literal["f32", "f64"]
    #: The memory that the work may take beside the weights, such as 512M. (default: 4G)
    memory: Value


class VerifyOptions(TypedDict, total=False):
    """The options of ``secant verify``."""

    #: The text that the laws are tried on; - for standard input. (default: random tokens)
    prompt: Value
    #: Published figures to compare the model with: the word paper, or a JSON file of the same
    #: form.
    against: Value
    #: What random numbers are drawn from. (default: 0)
    seed: int
    #: The memory that the work may take beside the weights, such as 512M. (default: 4G)
    memory: Value


class GenerateOptions(TypedDict, total=False):
    """The options of ``secant generate``."""

    #: Write the prompt as the user's turn of a conversation, by the model's own template.
    chat: bool
    #: With --chat: what the conversation's system turn says.
    system: Value
    #: How many tokens to append at most. (default: 20)
    count: int
    #: Draw tokens at this temperature; 0 takes the likeliest each time. (default: 0.0)
    temperature: float
    #: With a temperature: draw among so many of the likeliest tokens. (default: all)
    top_k: Value
    #: With a temperature: draw among the likeliest tokens of this probability together.
    #: (default: 1.0)
    top_p: float
    #: What random numbers are drawn from. (default: 0)
    seed: int
    #: The arithmetic. (default: f32)
    precision: Literal["f32", "f64"]


class InspectOptions(TypedDict, total=False):
    """The options of ``secant inspect``."""

    pass


class ModelsOptions(TypedDict, total=False):
    """The options of ``secant models``."""

    pass


class JacobianOptions(TypedDict, total=False):
    """The options of ``secant jacobian``."""

    #: Write the prompt as the user's turn of a conversation, by the model's own template.
    chat: bool
    #: With --chat: what the conversation's system turn says.
    system: Value
    #: The map through the origin and the output (detached), or the derivative (ordinary).
    #: (default: detached)
    kind: Literal["detached", "ordinary"]
    #: The position whose output is explained, from 0; a negative one counts from the end.
    #: (default: -1)
    position: int
    #: The place that is explained: output, or block.N.residual, block.N.attention or
    #: block.N.feedForward with N from 0, read through the final norm. (default: output)
    site: Value
    #: The factor of gated products that stays linear; half is the mean of both. (default: up)
    gate: Literal["up", "gate", "half"]
    #: The arithmetic. (default: f32)
    precision: Literal["f32", "f64"]
    #: The memory that the work may take beside the weights, such as 512M. (default: 4G)
    memory: Value


class Questions:
    """What a model can be asked."""

    #: The options that may be given several times.
    REPEATING: ClassVar[frozenset[str]] = frozenset(
        {"over", "target"}
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
            chat: Write the prompt as the user's turn of a conversation, by the model's own
            template.
            system: With --chat: what the conversation's system turn says.
            target: The token whose logit is explained: a word, a text between quotes taken exactly
            ('" Paris"'), or an id as #312; of several, their mean. "A - B" is A over B. (default:
            the likeliest next token)
            over: The token whose logit is subtracted from the target's; of several, their mean. Or
            mean (of the whole vocabulary), none, or runner-up (the likeliest other token).
            (default: runner-up)
            no_baseline: Count the first token among the others where it is an attention sink,
            instead of setting it apart as baseline.
            by: Add up the shares of each unit of the text. (default: token)
            spans: Add up the shares of the spans that a JSON file lists: objects of name and text,
            or of name, start and end in characters of the prompt.
            position: The position whose output is explained, from 0; a negative one counts from the
            end. (default: -1)
            site: The place that is explained: output, or block.N.residual, block.N.attention or
            block.N.feedForward with N from 0, read through the final norm. (default: output)
            gate: The factor of gated products that stays linear; half is the mean of both.
            (default: up)
            check: Measure what removing each token really does, beside its share: mean (the mean of
            all tokens' vectors in its place), mask (no later position attends to it), replace:TEXT
            (another token in its place), none, or auto (mean where that takes a few seconds at
            most). (default: auto)
            spectra: The tokens whose maps are decomposed: auto (the largest shares, as many as fit
            some seconds), none, all, top:N (the N largest shares), or positions such as 0,5,9.
            (default: auto)
            max_seconds: Decompose no further map after so many seconds.
            rank: Singular triplets of each map; 0 means --spectra none. (default: 8)
            method: How singular vectors are found: dense (from the formed matrix), krylov (from
            products alone), auto (the cheaper of both), or sketch (a first look at many tokens at
            once, whose residuals are bounds). (default: auto)
            tolerance: The largest residual of a triplet that counts as converged, relative to the
            largest singular value. (default: 0.001; 0.3 by --method sketch)
            seed: What random numbers are drawn from. (default: 0)
            precision: The arithmetic. (default: f32)
            memory: The memory that the work may take beside the weights, such as 512M. (default:
            4G)
        """
        return self._ask(ExplanationReport, "explain", prompt, options)

    def shares(
        self, prompt: PromptLike, **options: Unpack[SharesOptions]
    ) -> SharesReport:
        """Divides an answer among tokens, blocks, heads and feed-forward layers, exactly.

        Options:
            chat: Write the prompt as the user's turn of a conversation, by the model's own
            template.
            system: With --chat: what the conversation's system turn says.
            target: The token whose logit is explained: a word, a text between quotes taken exactly
            ('" Paris"'), or an id as #312; of several, their mean. "A - B" is A over B. (default:
            the likeliest next token)
            over: The token whose logit is subtracted from the target's; of several, their mean. Or
            mean (of the whole vocabulary), none, or runner-up (the likeliest other token).
            (default: runner-up)
            no_baseline: Count the first token among the others where it is an attention sink,
            instead of setting it apart as baseline.
            by: Add up the shares of each unit of the text. (default: token)
            spans: Add up the shares of the spans that a JSON file lists: objects of name and text,
            or of name, start and end in characters of the prompt.
            position: The position whose output is explained, from 0; a negative one counts from the
            end. (default: -1)
            site: The place that is explained: output, or block.N.residual, block.N.attention or
            block.N.feedForward with N from 0, read through the final norm. (default: output)
            gate: The factor of gated products that stays linear; half is the mean of both.
            (default: up)
            sources: The tokens by whose vectors each component is divided too, a sweep for each:
            auto (all of at most 64), none, all, top:N, or positions such as 0,5,9. (default: auto)
            precision: The arithmetic. (default: f32)
            memory: The memory that the work may take beside the weights, such as 512M. (default:
            4G)
        """
        return self._ask(SharesReport, "shares", prompt, options)

    def compare(
        self, prompt: PromptLike, other: PromptLike | None = None, **options: Unpack[CompareOptions]
    ) -> ComparisonReport:
        """Compares two prompts, or two models on one prompt, token by token.

        Options:
            chat: Write the prompt as the user's turn of a conversation, by the model's own
            template.
            system: With --chat: what the conversation's system turn says.
            with_model: The model to compare with; by default the same.
            circuit: Also find the fewest of the largest parts that carry this fraction of what
            changed, such as 0.9, and run the second prompt with only these swapped.
            target: The token whose logit is explained: a word, a text between quotes taken exactly
            ('" Paris"'), or an id as #312; of several, their mean. "A - B" is A over B. (default:
            the likeliest next token)
            over: The token whose logit is subtracted from the target's; of several, their mean. Or
            mean (of the whole vocabulary), none, or runner-up (the likeliest other token).
            (default: runner-up)
            no_baseline: Count the first token among the others where it is an attention sink,
            instead of setting it apart as baseline.
            position: The position whose output is explained, from 0; a negative one counts from the
            end. (default: -1)
            site: The place that is explained: output, or block.N.residual, block.N.attention or
            block.N.feedForward with N from 0, read through the final norm. (default: output)
            gate: The factor of gated products that stays linear; half is the mean of both.
            (default: up)
            spectra: The tokens whose maps are decomposed: auto (the largest shares, as many as fit
            some seconds), none, all, top:N (the N largest shares), or positions such as 0,5,9.
            (default: auto)
            max_seconds: Decompose no further map after so many seconds.
            rank: Singular triplets of each map; 0 means --spectra none. (default: 8)
            method: How singular vectors are found: dense (from the formed matrix), krylov (from
            products alone), auto (the cheaper of both), or sketch (a first look at many tokens at
            once, whose residuals are bounds). (default: auto)
            tolerance: The largest residual of a triplet that counts as converged, relative to the
            largest singular value. (default: 0.001; 0.3 by --method sketch)
            seed: What random numbers are drawn from. (default: 0)
            precision: The arithmetic. (default: f32)
            memory: The memory that the work may take beside the weights, such as 512M. (default:
            4G)
        """
        return self._ask(ComparisonReport, "compare", prompt, {"other": other, **options})

    def layers(
        self, prompt: PromptLike, **options: Unpack[LayersOptions]
    ) -> LayersReport:
        """Shows how the answer emerges: each token's map to every block.

        Options:
            chat: Write the prompt as the user's turn of a conversation, by the model's own
            template.
            system: With --chat: what the conversation's system turn says.
            target: The token whose logit is explained: a word, a text between quotes taken exactly
            ('" Paris"'), or an id as #312; of several, their mean. "A - B" is A over B. (default:
            the likeliest next token)
            over: The token whose logit is subtracted from the target's; of several, their mean. Or
            mean (of the whole vocabulary), none, or runner-up (the likeliest other token).
            (default: runner-up)
            sites: The places of each block: residual, attention and feedForward, between commas.
            (default: residual)
            local: Also each block's own map, from what enters it.
            highlight: Words to look for among the decoded tokens, between commas.
            position: The position at which blocks are read, from 0; a negative one counts from the
            end. (default: -1)
            kind: The maps through the origin and the sites' values (detached), or the derivatives
            (ordinary). (default: detached)
            gate: The factor of gated products that stays linear; half is the mean of both.
            (default: up)
            spectra: The tokens whose maps are decomposed: auto (the largest shares, as many as fit
            some seconds), none, all, top:N (the N largest shares), or positions such as 0,5,9.
            (default: auto)
            max_seconds: Decompose no further map after so many seconds.
            rank: Singular triplets of each map. (default: 3)
            method: How singular vectors are found: dense (from the formed matrix), krylov (from
            products alone), auto (the cheaper of both), or sketch (a first look at many tokens at
            once, whose residuals are bounds). (default: auto)
            tolerance: The largest residual of a triplet that counts as converged, relative to the
            largest singular value. (default: 0.01)
            seed: What random numbers are drawn from. (default: 0)
            precision: The arithmetic. (default: f32)
            memory: The memory that the work may take beside the weights, such as 512M. (default:
            4G)
        """
        return self._ask(LayersReport, "layers", prompt, options)

    def maps(
        self, prompt: PromptLike, **options: Unpack[MapsOptions]
    ) -> MapsReport:
        """Looks at each token's map whole: its spectrum, picture, units and directions.

        Options:
            chat: Write the prompt as the user's turn of a conversation, by the model's own
            template.
            system: With --chat: what the conversation's system turn says.
            position: The position whose output is explained, from 0; a negative one counts from the
            end. (default: -1)
            site: The place that is explained: output, or block.N.residual, block.N.attention or
            block.N.feedForward with N from 0, read through the final norm. (default: output)
            gate: The factor of gated products that stays linear; half is the mean of both.
            (default: up)
            spectra: The tokens whose maps are decomposed: auto (the largest shares, as many as fit
            some seconds), none, all, top:N (the N largest shares), or positions such as 0,5,9.
            (default: auto)
            max_seconds: Decompose no further map after so many seconds.
            rank: Singular triplets of each map; 0 means --spectra none. (default: 8)
            method: How singular vectors are found: dense (from the formed matrix), krylov (from
            products alone), auto (the cheaper of both), or sketch (a first look at many tokens at
            once, whose residuals are bounds). (default: auto)
            tolerance: The largest residual of a triplet that counts as converged, relative to the
            largest singular value. (default: 0.001; 0.3 by --method sketch)
            seed: What random numbers are drawn from. (default: 0)
            units: Rows and columns of each map that are listed, those of largest norm. (default: 8)
            generate: Tokens to generate from nothing and to explain at every step. (default: 0)
            precision: The arithmetic. (default: f32)
            memory: The memory that the work may take beside the weights, such as 512M. (default:
            4G)
        """
        return self._ask(MapsReport, "maps", prompt, options)

    def jacobians(
        self, prompt: PromptLike, **options: Unpack[JacobiansOptions]
    ) -> JacobiansReport:
        """Rebuilds the output by the detached and by the ordinary Jacobian.

        Options:
            chat: Write the prompt as the user's turn of a conversation, by the model's own
            template.
            system: With --chat: what the conversation's system turn says.
            target: The token whose logit is explained: a word, a text between quotes taken exactly
            ('" Paris"'), or an id as #312; of several, their mean. "A - B" is A over B. (default:
            the likeliest next token)
            over: The token whose logit is subtracted from the target's; of several, their mean. Or
            mean (of the whole vocabulary), none, or runner-up (the likeliest other token).
            (default: runner-up)
            no_baseline: Count the first token among the others where it is an attention sink,
            instead of setting it apart as baseline.
            position: The position whose output is explained, from 0; a negative one counts from the
            end. (default: -1)
            site: The place that is explained: output, or block.N.residual, block.N.attention or
            block.N.feedForward with N from 0, read through the final norm. (default: output)
            gate: The factor of gated products that stays linear; half is the mean of both.
            (default: up)
            precisions: The numbers that are computed with: f32, f64, or f16 and bf16, weights
            rounded to these and computed with in f32. (default: f32,f64,f16,bf16)
            memory: The memory that the work may take beside the weights, such as 512M. (default:
            4G)
        """
        return self._ask(JacobiansReport, "jacobians", prompt, options)

    def gate_rules(
        self, prompt: PromptLike, **options: Unpack[GateRulesOptions]
    ) -> GateRulesReport:
        """Explains a prompt by every gate rule, and says what does not depend on it.

        Options:
            chat: Write the prompt as the user's turn of a conversation, by the model's own
            template.
            system: With --chat: what the conversation's system turn says.
            target: The token whose logit is explained: a word, a text between quotes taken exactly
            ('" Paris"'), or an id as #312; of several, their mean. "A - B" is A over B. (default:
            the likeliest next token)
            over: The token whose logit is subtracted from the target's; of several, their mean. Or
            mean (of the whole vocabulary), none, or runner-up (the likeliest other token).
            (default: runner-up)
            no_baseline: Count the first token among the others where it is an attention sink,
            instead of setting it apart as baseline.
            position: The position whose output is explained, from 0; a negative one counts from the
            end. (default: -1)
            site: The place that is explained: output, or block.N.residual, block.N.attention or
            block.N.feedForward with N from 0, read through the final norm. (default: output)
            spectra: The tokens whose maps are decomposed: auto (the largest shares, as many as fit
            some seconds), none, all, top:N (the N largest shares), or positions such as 0,5,9.
            (default: auto)
            max_seconds: Decompose no further map after so many seconds.
            rank: Singular triplets of each map; 0 means --spectra none. (default: 8)
            method: How singular vectors are found: dense (from the formed matrix), krylov (from
            products alone), auto (the cheaper of both), or sketch (a first look at many tokens at
            once, whose residuals are bounds). (default: auto)
            tolerance: The largest residual of a triplet that counts as converged, relative to the
            largest singular value. (default: 0.001; 0.3 by --method sketch)
            seed: What random numbers are drawn from. (default: 0)
            precision: The arithmetic. (default: f32)
            memory: The memory that the work may take beside the weights, such as 512M. (default:
            4G)
        """
        return self._ask(GateRulesReport, "gate-rules", prompt, options)

    def report(
        self, prompt: PromptLike, **options: Unpack[ReportOptions]
    ) -> FullReport:
        """Writes one page with every analysis of a prompt.

        Options:
            chat: Write the prompt as the user's turn of a conversation, by the model's own
            template.
            system: With --chat: what the conversation's system turn says.
            target: The token whose logit is explained: a word, a text between quotes taken exactly
            ('" Paris"'), or an id as #312; of several, their mean. "A - B" is A over B. (default:
            the likeliest next token)
            over: The token whose logit is subtracted from the target's; of several, their mean. Or
            mean (of the whole vocabulary), none, or runner-up (the likeliest other token).
            (default: runner-up)
            no_baseline: Count the first token among the others where it is an attention sink,
            instead of setting it apart as baseline.
            by: Add up the shares of each unit of the text. (default: token)
            spans: Add up the shares of the spans that a JSON file lists: objects of name and text,
            or of name, start and end in characters of the prompt.
            position: The position whose output is explained, from 0; a negative one counts from the
            end. (default: -1)
            site: The place that is explained: output, or block.N.residual, block.N.attention or
            block.N.feedForward with N from 0, read through the final norm. (default: output)
            gate: The factor of gated products that stays linear; half is the mean of both.
            (default: up)
            spectra: The tokens whose maps are decomposed: auto (the largest shares, as many as fit
            some seconds), none, all, top:N (the N largest shares), or positions such as 0,5,9.
            (default: auto)
            max_seconds: Decompose no further map after so many seconds.
            rank: Singular triplets of each map; 0 means --spectra none. (default: 8)
            method: How singular vectors are found: dense (from the formed matrix), krylov (from
            products alone), auto (the cheaper of both), or sketch (a first look at many tokens at
            once, whose residuals are bounds). (default: auto)
            tolerance: The largest residual of a triplet that counts as converged, relative to the
            largest singular value. (default: 0.001; 0.3 by --method sketch)
            seed: What random numbers are drawn from. (default: 0)
            highlight: Words to mark in what the layers write, between commas.
            precision: The arithmetic. (default: f32)
            memory: The memory that the work may take beside the weights, such as 512M. (default:
            4G)
        """
        return self._ask(FullReport, "report", prompt, options)

    def validate(
        self, **options: Unpack[ValidateOptions]
    ) -> ValidationReport:
        """Measures how well rules of attribution predict real effects, over many prompts.

        Options:
            data: Items in place of the built-in ones, an object in every line.
            rules: The rules: some of up, half, gate, gradient, integrated, ledger and random,
            between commas. (default: all)
            items: Items that are measured at most. (default: 60)
            max_seconds: Begin no further item after so many seconds.
            seed: What random numbers are drawn from. (default: 0)
            precision: The arithmetic. (default: f32)
            memory: The memory that the work may take beside the weights, such as 512M. (default:
            4G)
        """
        return self._ask(ValidationReport, "validate", None, options)

    def verify(
        self, **options: Unpack[VerifyOptions]
    ) -> VerificationReport:
        """Tries the method's laws on a model, and fails where one does not hold.

        Options:
            prompt: The text that the laws are tried on; - for standard input. (default: random
            tokens)
            against: Published figures to compare the model with: the word paper, or a JSON file of
            the same form.
            seed: What random numbers are drawn from. (default: 0)
            memory: The memory that the work may take beside the weights, such as 512M. (default:
            4G)
        """
        return self._ask(VerificationReport, "verify", None, options)

    def generate(
        self, prompt: PromptLike, **options: Unpack[GenerateOptions]
    ) -> GenerationReport:
        """Continues a prompt, by the likeliest tokens or by tokens drawn at random.

        Options:
            chat: Write the prompt as the user's turn of a conversation, by the model's own
            template.
            system: With --chat: what the conversation's system turn says.
            count: How many tokens to append at most. (default: 20)
            temperature: Draw tokens at this temperature; 0 takes the likeliest each time. (default:
            0.0)
            top_k: With a temperature: draw among so many of the likeliest tokens. (default: all)
            top_p: With a temperature: draw among the likeliest tokens of this probability together.
            (default: 1.0)
            seed: What random numbers are drawn from. (default: 0)
            precision: The arithmetic. (default: f32)
        """
        return self._ask(GenerationReport, "generate", prompt, options)

    def inspect(
        self, **options: Unpack[InspectOptions]
    ) -> InspectionReport:
        """Shows a model's configuration, tensors and memory, and what is not understood.
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
            chat: Write the prompt as the user's turn of a conversation, by the model's own
            template.
            system: With --chat: what the conversation's system turn says.
            kind: The map through the origin and the output (detached), or the derivative
            (ordinary). (default: detached)
            position: The position whose output is explained, from 0; a negative one counts from the
            end. (default: -1)
            site: The place that is explained: output, or block.N.residual, block.N.attention or
            block.N.feedForward with N from 0, read through the final norm. (default: output)
            gate: The factor of gated products that stays linear; half is the mean of both.
            (default: up)
            precision: The arithmetic. (default: f32)
            memory: The memory that the work may take beside the weights, such as 512M. (default:
            4G)
        """
        return self._file("jacobian", prompt, options)


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
    """Looks at each token's map whole: its spectrum, picture, units and directions.

    ``model`` names the model, or is one; the options are those of ``Model.maps``.
    """
    return _model(model).maps(prompt, **options)


def jacobians(
    prompt: PromptLike, *, model: str | os.PathLike[str] | Model = "demo", **options: Unpack[JacobiansOptions]
) -> JacobiansReport:
    """Rebuilds the output by the detached and by the ordinary Jacobian.

    ``model`` names the model, or is one; the options are those of ``Model.jacobians``.
    """
    return _model(model).jacobians(prompt, **options)


def gate_rules(
    prompt: PromptLike, *, model: str | os.PathLike[str] | Model = "demo", **options: Unpack[GateRulesOptions]
) -> GateRulesReport:
    """Explains a prompt by every gate rule, and says what does not depend on it.

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
    """Tries the method's laws on a model, and fails where one does not hold.

    ``model`` names the model, or is one; the options are those of ``Model.verify``.
    """
    return _model(model).verify(**options)


def generate(
    prompt: PromptLike, *, model: str | os.PathLike[str] | Model = "demo", **options: Unpack[GenerateOptions]
) -> GenerationReport:
    """Continues a prompt, by the likeliest tokens or by tokens drawn at random.

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
