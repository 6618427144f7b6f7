"""The results: made from Sources/SecantReports by Tools/python/generate; do not edit."""

from __future__ import annotations

from dataclasses import dataclass

from ._result import LedgerReport, PromptReport, Report, ShareReport

__all__ = [
    "AblationReport",
    "ComparisonReport",
    "ExplanationReport",
    "FullReport",
    "GateRulesReport",
    "GenerationReport",
    "InspectionReport",
    "JacobiansReport",
    "LayersReport",
    "MapsReport",
    "ModelsReport",
    "PaperReport",
    "PlanReport",
    "SharesReport",
    "SteeringOperatorReport",
    "SteeringReport",
    "SteeringSweepReport",
    "SteeringVectorReport",
    "TraceReport",
    "ValidationReport",
    "VerificationReport",
    "VocabularyReport",
]


@dataclass(frozen=True, kw_only=True)
class AblationPart:
    """One part, and what scaling it does."""
    #: What it is: "token" (its vector moves toward the mean of all tokens' vectors), "head",
    #: "feed-forward", "block", or "direction" (a right singular vector of a token's map).
    kind: str
    #: The block, from 0; None for tokens and directions.
    block: int | None = None
    #: The head, from 0; None where the part is no head.
    head: int | None = None
    #: The token's place in the prompt; None for heads, layers and blocks.
    position: int | None = None
    #: The number k of the direction v_k, from 1; None where the part is no direction.
    triplet: int | None = None
    #: The singular value σ_k of a direction; None otherwise.
    singular_value: float | None = None
    #: The residual of its triplet, relative to the largest singular value; None otherwise.
    residual: float | None = None
    #: The share of the target that passes through the part, in logits.
    share: float
    #: The changes, one for each factor.
    points: list[AblationPoint]


@dataclass(frozen=True, kw_only=True)
class AblationPoint:
    """The change of the target at one factor, in logits."""
    #: What is kept of the part: 0 for nothing, 1 for all of it.
    keep: float
    #: The change by the frozen map, ``(keep − 1)·share``.
    predicted: float
    #: The change in a forward pass with nothing frozen.
    measured: float
    #: Whether both part: they differ by more than half of the larger magnitude.
    is_parted: bool


@dataclass(frozen=True, kw_only=True, repr=False)
class AblationReport(PromptReport):
    """The result of ``secant ablate``: the change of the target where parts of the run are
    scaled."""

    schema = ("secant.ablation", 1)
    #: Model and settings; the method is "exact" unless singular vectors were computed.
    provenance: Provenance
    #: The prompt as the model reads it.
    prompt: Prompt
    #: The likeliest next tokens at the analyzed position, likeliest first (10, or V where smaller).
    prediction: list[Prediction]
    #: What changes: by default the prediction's logit less its runner-up's.
    target: Target
    #: Whether the parts were chosen by their shares, the largest first; otherwise they were named.
    is_ranked: bool
    #: The parts, in order.
    parts: list[AblationPart]
    #: Caveats about the numbers, one sentence each; possibly empty.
    notes: list[str]


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """Consecutive triplets of which only the common subspace is determined."""
    #: The index of the first triplet, from 0.
    first: int
    #: How many triplets belong to it, at least 2.
    count: int


@dataclass(frozen=True, kw_only=True)
class ComparisonCandidate:
    """A next token that either side considers."""
    #: The token as text.
    text: str
    #: Its probability after the first prompt; None if the first model's vocabulary has no such
    #: token.
    first: float | None = None
    #: Its probability after the second; None if the second model's vocabulary has no such token.
    second: float | None = None


@dataclass(frozen=True, kw_only=True)
class ComparisonMapDifference:
    """The difference J_A − J_B of two aligned tokens' maps, by its leading singular triplets."""
    #: The token's position in the first prompt.
    first: int
    #: The position of the token beside it in the second.
    second: int
    #: The largest singular values ``[r]``, in descending order.
    singular_values: list[float]
    #: The measured residuals of the triplets ``[r]``, relative to the first singular value.
    residuals: list[float]
    #: The probability with which each residual is no larger than it says; None where residuals were
    #: measured.
    confidence: float | None = None
    #: Triplets whose singular values are too close together to separate their vectors.
    clusters: list[Cluster]
    #: Whether every residual is within the tolerance.
    is_converged: bool
    #: Products of a vector with the difference or its transpose, each with both maps.
    operator_products: int
    #: The squared Frobenius norm of the difference.
    frobenius_norm_squared: Estimate
    #: The stable rank: how many directions share what differs.
    stable_rank: Estimate
    #: The leading triplets, decoded; signs so that u·(y_A − y_B) is not negative.
    triplets: list[DecodedTriplet]


@dataclass(frozen=True, kw_only=True)
class ComparisonOverlap:
    """Two spaces of k leading left singular vectors, compared by their principal angles."""
    #: The cosines of the principal angles ``[k]``, in descending order, from 0 to 1: the singular
    #: values of U₁U₂ᵀ, for rows U of leading left vectors.
    cosines: list[float]
    #: The mean of the squared cosines: 1 for equal spaces, k/n to expect of random ones in n
    #: dimensions.
    mean_squared_cosine: float


@dataclass(frozen=True, kw_only=True)
class ComparisonPair:
    """A token of the first prompt beside one of the second, or a token that only one of them
    has."""
    #: The position in the first prompt; None if only the second has the token.
    first: int | None = None
    #: The position in the second prompt; None if only the first has the token.
    second: int | None = None
    #: Whether both tokens have the same text; false if two different tokens are paired.
    is_same_token: bool
    #: The second's share minus the first's, in logits, if there is one target; a missing token's is
    #: 0.
    share_difference: float | None = None
    #: How near the leading output directions of both tokens' maps are to each other; None if a
    #: token is missing or the directions have no space in common.
    overlap: ComparisonOverlap | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class ComparisonReport(LedgerReport):
    """The result of ``secant compare``: two explanations side by side, of two prompts or by two
    models."""

    schema = ("secant.comparison", 2)
    #: The explanation of the first prompt by the first model.
    first: ExplanationReport
    #: The explanation that it is compared with.
    second: ExplanationReport
    #: Whether both divide the logit of the same token, or the same difference, so that shares may
    #: be subtracted.
    has_one_target: bool
    #: The tokens of both prompts up to the analyzed positions, aligned: in order on both sides.
    pairs: list[ComparisonPair]
    #: The same by the parts of the text that tokens are counted together in; None where each is by
    #: itself.
    span_pairs: list[ComparisonSpanPair] | None = None
    #: The differences of aligned tokens' maps, in the order of the first prompt; None where there
    #: are none: for two models, or one prompt twice.
    map_differences: list[ComparisonMapDifference] | None = None
    #: How near the leading output directions of both prompts' joint maps are to each other; None
    #: where they have no space in common.
    overlap: ComparisonOverlap | None = None
    #: Where directions are compared: "output", the d components of y, for one model; "logits", the
    #: V centred logits that they change, for two models of one vocabulary; None for two vocabularies.
    overlap_space: str | None = None
    #: Half the sum of |p − q| over the next-token probabilities p and q, from 0 (equal) to 1; None
    #: if the vocabularies differ.
    prediction_distance: float | None = None
    #: The five likeliest next tokens of either side with both sides' probabilities, by the larger
    #: of both.
    candidates: list[ComparisonCandidate]
    #: What changed the target from the second prompt to the first; None if the models differ in
    #: shape, or where the notes say so.
    difference: DifferenceLedger | None = None
    #: The parts that carry most of that difference; None if they were not requested, or there is no
    #: account.
    circuit: DifferenceCircuit | None = None
    #: Caveats about the numbers, one sentence each; possibly empty.
    notes: list[str]


@dataclass(frozen=True, kw_only=True)
class ComparisonSpanPair:
    """A part of the first prompt's text beside one of the second's, where tokens are counted
    together."""
    #: The number of the span among those of the first side's shares; None if only the second has
    #: it.
    first: int | None = None
    #: The number of the span among those of the second side's; None if only the first has it.
    second: int | None = None
    #: Whether both have the same name.
    is_same: bool
    #: The second's share minus the first's, in logits, if there is one target; a missing span's is
    #: 0.
    share_difference: float | None = None


@dataclass(frozen=True, kw_only=True)
class DecodedToken:
    """A token near a direction."""
    #: The token's number in the vocabulary.
    id: int
    #: The token as text.
    text: str
    #: The score; its meaning depends on the side that it belongs to.
    score: float


@dataclass(frozen=True, kw_only=True)
class DecodedTriplet:
    """The decoded tokens of the two vectors of a singular triplet."""
    #: The tokens that u_k writes, best first; a score is the raw product with an unembedding row.
    left: list[DecodedToken]
    #: The tokens that v_k reads, best first; a score is the cosine to a row of the embedding.
    right: list[DecodedToken]


@dataclass(frozen=True, kw_only=True)
class DifferenceCircuit:
    """The parts of a computation that carry most of a difference between two prompts, and what they
    make of it alone."""
    #: The fraction of the difference that was asked for, above 0 and at most 1.
    fraction: float
    #: The difference of the two real runs.
    difference: float
    #: The number of entries that were chosen.
    size: int
    #: The number of entries of the account that are not zero.
    entry_count: int
    #: The sum of the chosen entries.
    predicted: float
    #: What a run in which only these parts are swapped differs by from the second prompt's.
    real: float
    #: The chosen entries, the largest magnitude first; of very many the first.
    entries: list[DifferenceLedgerEntry]


@dataclass(frozen=True, kw_only=True)
class DifferenceLedger:
    """An exact account of how a logit, or a difference of two, differs between two prompts of one
    model, or between two models of one shape."""
    #: The target, by default a difference of two logits; ``logit`` is its value after the first
    #: prompt.
    target: Target
    #: The position at which both prompts are read; of prompts of different lengths, in the longer
    #: one.
    position: int
    #: The tokens that one prompt lacks; None where both have as many.
    masked: DifferenceLedgerMaskedTokens | None = None
    #: The account of the first less the second.
    forward: DifferenceLedgerOrder
    #: The account of the second less the first.
    reverse: DifferenceLedgerOrder
    #: (forward − reverse) / 2: exchanging the prompts only flips its sign.
    mean: DifferenceLedgerOrder
    #: The parts of the text whose tokens are counted together in entries; None where each token is
    #: by itself.
    grouping: DifferenceLedgerGrouping | None = None


@dataclass(frozen=True, kw_only=True)
class DifferenceLedgerBlock:
    """The contributions of one block's parts, summed over all positions."""
    #: The block's number, from 0, as in the checkpoint's tensor names.
    block: int
    #: The contribution of each head's pattern ``[h]``.
    heads: list[float]
    #: The contribution of the feed-forward layer's gates, or of those of all experts.
    gates: float
    #: The contribution of the block's norms.
    norms: float
    #: The contribution of the block's projections; None for one model.
    weights: float | None = None


@dataclass(frozen=True, kw_only=True)
class DifferenceLedgerEntry:
    """The contribution of one part of the computation at one position, or one term of it."""
    #: "content", "pattern", "gate", "norm" or "weights".
    kind: str
    #: The block's number; None for the content, the final norm and the unembedding.
    block: int | None = None
    #: The head's number, for a pattern.
    head: int | None = None
    #: For gates, the neuron of this term; None for all neurons together.
    neuron: int | None = None
    #: The expert's number, for a gate in a mixture.
    expert: int | None = None
    #: For a norm: "attention", "attention-post", "feed-forward", "feed-forward-post" or "final".
    norm: str | None = None
    #: For weights: "value", "output", "up", "down" or "unembedding".
    matrix: str | None = None
    #: The position at which the part acts; of a span its first.
    position: int
    #: Where tokens are counted together, the number of the span among the ledger's; else None.
    span: int | None = None
    #: For a pattern, the position that the head looked at; None for all positions together.
    source: int | None = None
    #: The contribution, in logits.
    value: float


@dataclass(frozen=True, kw_only=True)
class DifferenceLedgerGrouping:
    """Positions that are counted together, by the text of the longer prompt; the first of two as
    long."""
    #: By what: "word", "sentence", "line", "turn" or "spans".
    by: str
    #: The parts of the text, in order.
    spans: list[DifferenceLedgerGroupingSpan]


@dataclass(frozen=True, kw_only=True)
class DifferenceLedgerGroupingSpan:
    """One part of the text."""
    #: Its text, or the name that it was given.
    name: str
    #: The positions of its tokens, ascending.
    positions: list[int]


@dataclass(frozen=True, kw_only=True)
class DifferenceLedgerMaskedTokens:
    """What the shorter of two prompts lacks."""
    #: The prompt that lacks them: "first" or "second".
    prompt: str
    #: The position of the first of them in the other prompt.
    start: int
    #: How many they are.
    count: int


@dataclass(frozen=True, kw_only=True)
class DifferenceLedgerOrder:
    """One account of the difference."""
    #: The difference of the model's own outputs.
    real: float
    #: The sum of all entries: ``real`` but for rounding.
    sum: float
    #: The contribution of the changed vectors that enter block 0, in logits.
    content: float
    #: The contribution of the changed attention patterns, in logits.
    patterns: float
    #: The contribution of the changed gates, and in a mixture of the changed choice of experts.
    gates: float
    #: The contribution of the changed scales of norms, in logits.
    norms: float
    #: The contribution of the projections and the unembedding; None for one model.
    weights: float | None = None
    #: The parts of each block, in order.
    blocks: list[DifferenceLedgerBlock]
    #: The contributions of parts at one position, largest magnitude first, each followed by its
    #: terms.
    entries: list[DifferenceLedgerEntry]
    #: The number of entries that are not 0, listed or not; None where it was not recorded.
    entry_count: int | None = None
    #: The sum of the entries that are not listed; None where it was not recorded.
    unlisted: float | None = None
    #: The heads whose queries and keys are set apart; None where this was not asked for.
    split_patterns: list[DifferenceLedgerPatternSplit] | None = None


@dataclass(frozen=True, kw_only=True)
class DifferenceLedgerPatternSplit:
    """The change of one head's pattern, divided into what its queries and what its keys gave."""
    #: The block's number.
    block: int
    #: The head's number in its block.
    head: int
    #: At all positions together.
    whole: DifferenceLedgerSides
    #: At each position that has a part of it, ascending.
    positions: list[DifferenceLedgerPosition]


@dataclass(frozen=True, kw_only=True)
class DifferenceLedgerPosition:
    """What a head's sides gave at one position."""
    #: The position that looks.
    position: int
    #: What was found there.
    sides: DifferenceLedgerSides


@dataclass(frozen=True, kw_only=True)
class DifferenceLedgerSides:
    """What a head's queries and its keys gave apart, in logits."""
    #: The contribution of the pattern as a whole.
    value: float
    #: The contribution of the keys where they are exchanged first; that of the queries is the rest.
    keys_first: float
    #: The contribution of the queries where they are exchanged first; that of the keys is the rest.
    queries_first: float
    #: The mean of what the queries gave in either order: the head looked for something else.
    queries: float
    #: The mean of what the keys gave in either order: something else was there to be found.
    keys: float


@dataclass(frozen=True, kw_only=True)
class EffectCheck:
    """What really happens to a target where tokens are removed, beside what a rule says of them."""
    #: How tokens were removed: "mean" (the mean of all tokens' vectors in their place), "mask" (no
    #: later position attends to them), or "replace" (another token in their place).
    method: str
    #: The token in their place, where they were replaced.
    replacement: TargetToken | None = None
    #: The effects that were measured, by position.
    effects: list[EffectCheckEffect]
    #: The rank correlation of shares and effects, from -1 to 1; None where fewer than three tokens
    #: were removed, or all shares or effects are equal.
    spearman: float | None = None
    #: The linear correlation of shares and effects, likewise.
    pearson: float | None = None


@dataclass(frozen=True, kw_only=True)
class EffectCheckChannels:
    """An effect as a sum: the mean of the exact accounts of both orders, from the prompt to the
    changed one and back."""
    #: What the token's own vector gave, carried on by what was frozen; 0 where it was masked.
    content: float
    #: What other attention patterns gave.
    patterns: float
    #: What other gates gave.
    gates: float
    #: What other scales of norms gave.
    norms: float


@dataclass(frozen=True, kw_only=True)
class EffectCheckEffect:
    """What removing one token changes."""
    #: The token's place in the prompt.
    position: int
    #: The target with the token less the target without it, in logits.
    effect: float
    #: The kind of part that gave most of the effect: "content", "patterns", "gates" or "norms";
    #: None where the effect was not divided.
    channel: str | None = None
    #: The effect divided by kind of part; None where it was not divided.
    channels: EffectCheckChannels | None = None


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A number that was computed exactly or estimated from random samples."""
    #: The value.
    value: float
    #: One standard error of the value; 0 if it is exact up to rounding.
    standard_error: float


@dataclass(frozen=True, kw_only=True, repr=False)
class ExplanationReport(ShareReport):
    """The result of ``secant explain``: a prediction as the sum of each token's contribution."""

    schema = ("secant.explanation", 2)
    #: Model, settings and seed.
    provenance: Provenance
    #: The prompt as the model reads it.
    prompt: Prompt
    #: The likeliest next tokens at the analyzed position, likeliest first (10, or V where smaller).
    prediction: list[Prediction]
    #: What the shares divide: by default the prediction's logit less its runner-up's.
    target: Target
    #: The error of the linear map against the model's own output.
    reconstruction: Reconstruction
    #: The target, divided among the tokens and the bias.
    shares: Shares
    #: The measured effects of removing tokens; None if none was measured.
    check: EffectCheck | None = None
    #: The decomposed maps, by the tokens' positions; the others were beyond the budget or not
    #: requested.
    jacobians: list[TokenJacobian]
    #: Caveats about the numbers, one sentence each; possibly empty.
    notes: list[str]


@dataclass(frozen=True, kw_only=True)
class FirstToken:
    """How much attention the first token gets from those after it, over all heads and blocks."""
    #: The mean of the attention probabilities, from 0 to 1.
    attention: float
    #: What the mean would be if every query attended evenly to all positions that it sees.
    even_attention: float
    #: (attention − evenAttention) / (1 − evenAttention): the part of what could go there beyond an
    #: even share.
    excess: float


@dataclass(frozen=True, kw_only=True, repr=False)
class FullReport(Report):
    """The result of ``secant report``: every analysis of one prompt."""

    schema = ("secant.report", 3)
    #: The prediction as the sum of each token's contribution.
    explanation: ExplanationReport
    #: The maps inside the model, block after block.
    layers: LayersReport
    #: The logit by token, block and head.
    shares: SharesReport
    #: Every token's whole map, and the joint map.
    maps: MapsReport
    #: The output as the detached and the ordinary Jacobians rebuild it.
    jacobians: JacobiansReport
    #: The same question under every gate rule.
    gate_rules: GateRulesReport
    #: The shares of the same prompt for other targets and gate rules, the report's own question
    #: among them.
    views: list[FullView] | None = None


@dataclass(frozen=True, kw_only=True)
class FullView:
    """The shares of one target under one gate rule."""
    #: What the shares divide.
    target: Target
    #: The factor of a gated product that stays linear: "up", "gate" or "half".
    gate_rule: str
    #: The target, divided among the tokens and the bias.
    shares: Shares


@dataclass(frozen=True, kw_only=True)
class GateRulesAnswer:
    """The decomposition under one rule, with the same fields as an explanation."""
    #: The factor of a gated product that stays linear: "up", "gate" or "half".
    gate_rule: str
    #: The error of the linear map against the model's own output.
    reconstruction: Reconstruction
    #: The target's logit, divided among the tokens and the bias.
    shares: Shares
    #: The maps that were decomposed, by the tokens' positions.
    jacobians: list[TokenJacobian]


@dataclass(frozen=True, kw_only=True)
class GateRulesConclusion:
    """A kind of statement, tried in all its cases: tokens, or pairs of tokens."""
    #: The statement in a few words, such as "order of shares".
    name: str
    #: A sentence that defines a case, and when it comes out the same.
    definition: str
    #: The number of cases that come out the same under all rules.
    holding: int
    #: The number of cases; 0 if the statement could not be tested.
    cases: int
    #: Whether all cases hold, and there is one.
    survives: bool


@dataclass(frozen=True, kw_only=True, repr=False)
class GateRulesReport(Report):
    """The result of ``secant gate-rules``: one question answered under every gate rule, and what
    they agree on."""

    schema = ("secant.gate-rules", 2)
    #: Model, settings and seed; its gate rule is "all".
    provenance: Provenance
    #: The prompt as the model reads it.
    prompt: Prompt
    #: The likeliest next tokens at the analyzed position, likeliest first (10, or V where smaller).
    prediction: list[Prediction]
    #: What the shares divide: by default the prediction's logit less its runner-up's.
    target: Target
    #: The answer under each rule: "up", "gate" and "half", in this order.
    answers: list[GateRulesAnswer]
    #: Each token up to the analyzed position, in order, with the results of all rules side by side.
    tokens: list[GateRulesToken]
    #: Statements about the prompt, and whether they hold whatever the rule.
    conclusions: list[GateRulesConclusion]
    #: Caveats about the numbers, one sentence each; possibly empty.
    notes: list[str]


@dataclass(frozen=True, kw_only=True)
class GateRulesToken:
    """One token under all rules; lists are in the order of ``answers``."""
    #: The token's place in the prompt.
    position: int
    #: Its rank by the magnitude of its share, 1 for the largest; of equal shares the earlier token
    #: first, and a baseline last.
    share_ranks: list[int]
    #: Whether its share has the same sign under all rules.
    has_one_sign: bool
    #: The largest stable rank of its map over the smallest, at least 1; None if its map was not
    #: decomposed.
    stable_rank_ratio: float | None = None
    #: The number of tokens decoded from u₁ that all rules have in common.
    common_left_count: int
    #: The number of tokens decoded from v₁ that all rules have in common.
    common_right_count: int
    #: Whether every rule determines the leading pair of vectors: it converged, and belongs to no
    #: cluster.
    is_leading_pair_determined: bool


@dataclass(frozen=True, kw_only=True, repr=False)
class GenerationReport(Report):
    """The result of ``secant generate --json``: how a model goes on after a prompt."""

    schema = ("secant.generation", 1)
    #: The version of Secant.
    secant_version: str
    #: The model.
    model: ModelIdentity
    #: The arithmetic: "f32" or "f64".
    precision: str
    #: The prompt as the user gave it; None if tokens were given by number.
    prompt_text: str | None = None
    #: The prompt's tokens, special ones included.
    prompt_tokens: list[SteeringToken]
    #: The sampling settings; None if each token is the most likely.
    sampling: SteeringSettingSampling | None = None
    #: The text that follows the prompt.
    text: str
    #: Its tokens; none where the text ended at once.
    tokens: list[SteeringToken]
    #: Whether the model ended the text; false where as many tokens came as were asked for.
    is_ended: bool
    #: The command's arguments, the program's name first; None if the library was called.
    command_line: list[str] | None = None
    #: The conversation that became the prompt; None if the prompt is not one.
    chat: ProvenanceChat | None = None
    #: Caveats, one sentence each; possibly empty.
    notes: list[str]


@dataclass(frozen=True, kw_only=True)
class Grouping:
    """The shares by spans of the text."""
    #: By what: "word", "sentence", "line", "turn" or "spans".
    by: str
    #: The spans, in the order of the prompt; every token that is no baseline is in one.
    spans: list[Span]


@dataclass(frozen=True, kw_only=True)
class InspectionMemoryNeed:
    """The memory that one use of the model needs."""
    #: The use, such as "weights, mapped from the file".
    name: str
    #: The estimate in bytes.
    bytes: int


@dataclass(frozen=True, kw_only=True, repr=False)
class InspectionReport(Report):
    """The result of ``secant inspect``: the content of a checkpoint, and whether Secant supports
    it."""

    schema = ("secant.inspection", 1)
    #: The version of Secant.
    secant_version: str
    #: The model.
    model: ModelIdentity
    #: The decoder's configuration as Secant read it, in reading order.
    configuration: list[InspectionSetting]
    #: The tensors, grouped by their role, in reading order.
    tensor_groups: list[InspectionTensorGroup]
    #: The memory that the commands need, in bytes.
    memory: list[InspectionMemoryNeed]
    #: The unsupported parts, one sentence each; empty if the model is fully understood.
    not_understood: list[str]
    #: Notes on ignored files, or on unexpected readings of files, one sentence each; None if there
    #: are none.
    notes: list[str] | None = None


@dataclass(frozen=True, kw_only=True)
class InspectionSetting:
    """One line of a configuration."""
    #: The setting's name, such as "blocks".
    name: str
    #: Its value for people, such as "16".
    value: str


@dataclass(frozen=True, kw_only=True)
class InspectionTensor:
    """One tensor as it is stored."""
    #: The name in the checkpoint; "N" stands for the block's number in a group that repeats.
    name: str
    #: The stored element type, such as "bf16".
    element_type: str
    #: The shape, slowest dimension first.
    shape: list[int]
    #: The stored size in bytes.
    bytes: int


@dataclass(frozen=True, kw_only=True)
class InspectionTensorGroup:
    """Tensors that play one role, such as those of one block."""
    #: The role, such as "block 0" or "blocks 0–15, each".
    name: str
    #: The number of times that the group occurs; the tensors are those of one occurrence.
    count: int
    #: The tensors of one occurrence.
    tensors: list[InspectionTensor]


@dataclass(frozen=True, kw_only=True)
class JacobiansComparison:
    """Both Jacobians in one precision."""
    #: With which numbers was computed.
    precision: JacobiansPrecision
    #: The likeliest next token in this precision.
    prediction: Prediction
    #: The target's logit in this precision, before any bound on logits.
    logit: float
    #: The output y ``[d]`` of the forward pass in this precision.
    output: list[float]
    #: Y rebuilt by the detached Jacobians: Σ J_i x_i + b.
    detached: JacobiansReconstruction
    #: Y rebuilt by the ordinary Jacobians: Σ K_i x_i.
    ordinary: JacobiansReconstruction


@dataclass(frozen=True, kw_only=True)
class JacobiansPrecision:
    """With which numbers a comparison was computed."""
    #: The arithmetic: "f32" or "f64".
    arithmetic: str
    #: The precision of the weights: "stored" as in the checkpoint, or rounded to "f16" or "bf16".
    weights: str


@dataclass(frozen=True, kw_only=True)
class JacobiansReconstruction:
    """The output rebuilt by one kind of Jacobian."""
    #: The rebuilt output ``[d]``, component by component as in ``output``: the ordinates of the
    #: scatter.
    values: list[float]
    #: The relative error ‖values − y‖ / ‖y‖.
    relative_error: float
    #: The paper's measure: std(values − y) / std(y), over the d components.
    standard_deviation_ratio: float
    #: Pearson's correlation of the values with the components of y, from −1 to 1.
    correlation: float
    #: The contribution of each token up to the analyzed position to the target's logit: w·J_i x_i,
    #: or w·K_i x_i, with w the target's unembedding row.
    contributions: list[float]
    #: The contribution of the offset b; 0 for the ordinary Jacobian, which has none.
    bias: float


@dataclass(frozen=True, kw_only=True, repr=False)
class JacobiansReport(PromptReport):
    """The result of ``secant jacobians``: the output rebuilt by the detached and by the ordinary
    Jacobian."""

    schema = ("secant.jacobians", 2)
    #: The version of Secant.
    secant_version: str
    #: The model.
    model: ModelIdentity
    #: The factor of a gated product that stays linear in the detached Jacobian: "up", "gate" or
    #: "half".
    gate_rule: str
    #: The command's arguments, the program's name first; None if the library was called.
    command_line: list[str] | None = None
    #: The conversation that became the prompt; None if the prompt is not one.
    chat: ProvenanceChat | None = None
    #: The prompt as the model reads it.
    prompt: Prompt
    #: What the contributions make, by default a difference of logits; as the first comparison
    #: computed it.
    target: Target
    #: The target, divided by the detached Jacobians of the first comparison; None in reports of
    #: version 1.
    shares: Shares | None = None
    #: One comparison for each requested precision, in that order, at least one.
    comparisons: list[JacobiansComparison]
    #: Caveats about the numbers, one sentence each; possibly empty.
    notes: list[str]


@dataclass(frozen=True, kw_only=True)
class LayersConcept:
    """A word to highlight."""
    #: The word as the user gave it.
    word: str
    #: The ids of the decoded tokens that match it, in ascending order.
    tokens: list[int]


@dataclass(frozen=True, kw_only=True)
class LayersGrid:
    """What the stream says of the target after every block at every position, read as if it were
    the output."""
    #: The probability of the target's token, the first of a difference: by block, then position
    #: ``[L, n]``.
    probabilities: list[list[float]]


@dataclass(frozen=True, kw_only=True)
class LayersJointMap:
    """The map ``[J_0 | J_1 | …]`` ``[d, n·d]`` from all tokens' vectors at once, by its leading
    triplets."""
    #: The largest singular values ``[r]``, in descending order.
    singular_values: list[float]
    #: The measured residuals of the triplets ``[r]``, relative to the first singular value.
    residuals: list[float]
    #: Triplets whose singular values are too close together to separate their vectors.
    clusters: list[Cluster]
    #: Whether every residual is within the tolerance.
    is_converged: bool
    #: The squared Frobenius norm: the sum of those of all tokens' maps.
    frobenius_norm_squared: Estimate
    #: The stable rank: how many directions share the work.
    stable_rank: Estimate
    #: The leading triplets in the same order, decoded ``[r]``.
    triplets: list[LayersJointMapTriplet]


@dataclass(frozen=True, kw_only=True)
class LayersJointMapTriplet:
    """The decoded tokens of the two vectors of a triplet of the joint map."""
    #: The tokens that u_k writes, best first; a score is the raw product with an unembedding row.
    left: list[DecodedToken]
    #: How v_k, of unit length, is spread over the tokens' vectors ``[n]``: the squared norms, of
    #: sum 1.
    weights: list[float]


@dataclass(frozen=True, kw_only=True)
class LayersLayerMap:
    """The maps from every token to one site of one block."""
    #: N: the block, from 0.
    block: int
    #: The place in the block.
    site: str
    #: The origin of the maps.
    extent: str
    #: The error of the maps against the site's value; y is y_n.
    reconstruction: Reconstruction
    #: The tokens nearest to y_n, best first; a score is the raw product with an unembedding row.
    output: list[DecodedToken]
    #: The logits of y_n, for the target and all tokens; None if it was not recorded.
    lens: LayersLens | None = None
    #: The map J_i of each chosen token, in order; each has its position.
    tokens: list[TokenJacobian]
    #: How far each token's leading directions agree with those after the last block, in order.
    token_overlaps: list[LayersOverlap]
    #: The map of all tokens together; None where it was not decomposed.
    joint: LayersJointMap | None = None
    #: How far its leading directions agree with those after the last block: the path to them.
    joint_overlap: LayersOverlap | None = None


@dataclass(frozen=True, kw_only=True)
class LayersLens:
    """The predictions of a site's value, read through final norm and unembedding as if it were the
    output."""
    #: The target's logit, or the difference of two.
    logit: float
    #: The probability of the target's token, the first of a difference.
    probability: float
    #: Its place among all tokens by probability, from 1; equal ones share it.
    rank: int
    #: The entropy of all tokens' probabilities, in bits: from 0 for one that is certain to log₂ V.
    entropy: float


@dataclass(frozen=True, kw_only=True)
class LayersOverlap:
    """The cosines of a map's singular vectors with those of the same map of the last block."""
    #: U_j · u_k of the last block, in row j and column k ``[r, r]``.
    cosines: list[list[float]]
    #: V_j · v_k of the last block ``[r, r]``, of joint maps; None if it was not recorded.
    right_cosines: list[list[float]] | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class LayersReport(PromptReport):
    """The result of ``secant layers``: the linear maps inside the model, block after block."""

    schema = ("secant.layers", 2)
    #: Model, settings and seed.
    provenance: Provenance
    #: The prompt as the model reads it; its site is "output".
    prompt: Prompt
    #: The likeliest next tokens at the analyzed position, likeliest first.
    prediction: list[Prediction]
    #: The target whose course is shown: by default the prediction over its runner-up; None where it
    #: was not recorded.
    target: Target | None = None
    #: Each block's contribution to it at the analyzed position; None if it was not recorded.
    shares: LayersShares | None = None
    #: L: the number of the model's blocks.
    block_count: int
    #: The places in each block that were read, in the order in which a block computes them.
    sites: list[str]
    #: Which maps were taken to each of them.
    extents: list[str]
    #: Which Jacobians the maps are, "detached" or "ordinary"; None where it was not recorded:
    #: detached.
    kind: str | None = None
    #: The maps: of each extent, of each site, of each block from 0 to L − 1, in this order.
    maps: list[LayersLayerMap]
    #: The target's probability after every block at every position; None if it was not requested.
    grid: LayersGrid | None = None
    #: Words to highlight among all decoded tokens, as the user gave them.
    concepts: list[LayersConcept]
    #: Caveats about the numbers, one sentence each; possibly empty.
    notes: list[str]


@dataclass(frozen=True, kw_only=True)
class LayersShares:
    """The target's logit as the sum of what was written into the stream at the analyzed
    position."""
    #: The contribution of the vector that entered block 0.
    direct: float
    #: The contributions of the blocks, in order.
    blocks: list[LayersSharesBlock]


@dataclass(frozen=True, kw_only=True)
class LayersSharesBlock:
    """The contribution of one block."""
    #: The contribution of attention, without its biases.
    attention: float
    #: The contribution of the feed-forward layer, without its biases.
    feed_forward: float
    #: The contribution of the biases of both.
    bias: float


@dataclass(frozen=True, kw_only=True)
class MapsConcentration:
    """The share of ‖J‖_F² that the largest fraction x of the parts carries, from (0, 0) to (1,
    1)."""
    #: The entries, by magnitude.
    entries: MapsCurve
    #: The rows, by norm.
    rows: MapsCurve
    #: The columns, by norm.
    columns: MapsCurve


@dataclass(frozen=True, kw_only=True)
class MapsCurve:
    """Points of a curve, in ascending order of x."""
    #: The abscissas.
    x: list[float]
    #: The ordinates, as many.
    y: list[float]


@dataclass(frozen=True, kw_only=True)
class MapsGeneration:
    """A generation from one first token, explained step by step."""
    #: The first token and those that were generated after it, likeliest first choice each.
    tokens: list[Token]
    #: One step for each generated token: step k reads the tokens ``0...k``.
    steps: list[MapsStep]


@dataclass(frozen=True, kw_only=True)
class MapsJointMap:
    """The maps of all tokens side by side, by their leading singular triplets."""
    #: The largest singular values ``[r]``, in descending order.
    singular_values: list[float]
    #: The measured residuals √(‖J v − σu‖² + ‖Jᵀu − σv‖²)/σ₁ ``[r]``.
    residuals: list[float]
    #: Triplets whose singular values are too close together to separate their vectors.
    clusters: list[Cluster]
    #: Whether every residual is within the tolerance.
    is_converged: bool
    #: The stable rank ‖[J_0 … J_p]‖_F² / σ₁².
    stable_rank: Estimate
    #: The leading triplets, decoded.
    triplets: list[MapsTriplet]


@dataclass(frozen=True, kw_only=True)
class MapsMap:
    """One token's map: its leading triplets, its picture, and its units."""
    #: The leading singular triplets, decoded, as in an explanation; found from the formed matrix.
    singular: TokenJacobian
    #: Σ_k against k from 1, all d of them or evenly spread over log k.
    spectrum: MapsCurve
    #: The matrix as an image.
    picture: MapsPicture
    #: How few entries, rows and columns carry the matrix.
    concentration: MapsConcentration
    #: The rows of largest norm, largest first: the units of the output that the token moves most.
    rows: list[MapsUnit]
    #: The columns of largest norm, largest first: the units of the input that do most.
    columns: list[MapsUnit]


@dataclass(frozen=True, kw_only=True)
class MapsPicture:
    """A matrix as an image of at most 96 by 96 cells, each an integer."""
    #: Number of the matrix's rows m.
    matrix_rows: int
    #: Number of the matrix's columns.
    matrix_columns: int
    #: Number of rows of cells R.
    rows: int
    #: Number of columns of cells C.
    columns: int
    #: The largest magnitude of an entry.
    largest: float
    #: The cells' levels, row after row ``[R·C]``.
    levels: list[int]


@dataclass(frozen=True, kw_only=True)
class MapsPositionTokens:
    """The tokens that a right singular vector of the joint map reads at one token."""
    #: The token's place in the prompt.
    position: int
    #: The tokens that it reads there, best first; a score is the cosine to a row of the embedding.
    tokens: list[DecodedToken]


@dataclass(frozen=True, kw_only=True, repr=False)
class MapsReport(PromptReport):
    """The result of ``secant maps``: every token's whole map, its units and its directions."""

    schema = ("secant.maps", 2)
    #: Model, settings and seed; the tokens' maps are formed whole, the method is that of the joint
    #: map.
    provenance: Provenance
    #: The prompt as the model reads it.
    prompt: Prompt
    #: The likeliest next tokens at the analyzed position, likeliest first (10, or V where smaller).
    prediction: list[Prediction]
    #: The prediction over its runner-up; None in reports of earlier versions.
    target: Target | None = None
    #: The target, divided among the tokens; None in reports of earlier versions.
    shares: Shares | None = None
    #: The error of the maps against the model's own output.
    reconstruction: Reconstruction
    #: The map of each chosen token, in order; each has its position.
    jacobians: list[MapsMap]
    #: The map ``[J_0 … J_p]`` of all tokens at once, ``[d, (p + 1)·d]``; None if it was not
    #: decomposed.
    joint: MapsJointMap | None = None
    #: A generation from the first token alone, decomposed at every step; None if not requested.
    generation: MapsGeneration | None = None
    #: Caveats about the numbers, one sentence each; possibly empty.
    notes: list[str]


@dataclass(frozen=True, kw_only=True)
class MapsStep:
    """One step of a generation."""
    #: The token that was chosen.
    prediction: Prediction
    #: The token over its runner-up; None in reports of version 1, where it is the token's logit.
    target: Target | None = None
    #: The target, divided among the tokens read so far.
    shares: Shares
    #: The error of the maps against the model's own output.
    reconstruction: Reconstruction


@dataclass(frozen=True, kw_only=True)
class MapsTriplet:
    """One triplet of the joint map."""
    #: The tokens that u_k writes, best first; a score is the raw product with an unembedding row.
    left: list[DecodedToken]
    #: The cosine of u_k to the output: (u_k·y)/‖y‖, from 0 to 1; its squares sum to at most 1.
    output_cosine: float
    #: The part of v_k at each token: ‖v_k,i‖² ``[p + 1]``, which sum to 1.
    weights: list[float]
    #: The heaviest parts of v_k, at most 8, heaviest first, decoded.
    right: list[MapsPositionTokens]


@dataclass(frozen=True, kw_only=True)
class MapsUnit:
    """A row or a column of a map: one unit of the output or the input."""
    #: Its number, from 0.
    index: int
    #: The Euclidean norm of the row or column.
    norm: float
    #: The unit's value at the prompt: y_r for row r, x_c for column c.
    value: float
    #: The tokens that the row reads (by cosine to the embedding), or the column writes (by raw
    #: product with the unembedding), best first; with the sign of ``value``, so that they fit what the
    #: unit did.
    tokens: list[DecodedToken]


@dataclass(frozen=True, kw_only=True)
class ModelIdentity:
    """The identity of a model."""
    #: The model as the user named it: "demo", a folder or a file.
    name: str
    #: The model's fingerprint, such as "sha256:3f1c9a0de2b47785…".
    fingerprint: str
    #: The architecture as the checkpoint names it, such as "LlamaForCausalLM".
    architecture: str
    #: The number of parameters in the checkpoint; tied weights count once.
    parameter_count: int
    #: The element types that the weights are stored in, such as "bf16", in alphabetical order.
    element_types: list[str]
    #: The fields of the configuration that the user passed over; None if there are none.
    ignored_fields: list[str] | None = None


@dataclass(frozen=True, kw_only=True)
class ModelsModel:
    """One model of the cache."""
    #: The name that the option takes, such as "Qwen/Qwen3-0.6B".
    name: str
    #: The option that takes it: "--model" or "-hf".
    option: str
    #: The commit, 40 hexadecimal digits.
    commit: str
    #: The branches and tags of the commit in the cache.
    revisions: list[str]
    #: The length of all files together.
    bytes: int
    #: The form of the weights: "safetensors", "gguf" or "other".
    format: str
    #: The architecture as the files name it; None if they name none.
    architecture: str | None = None
    #: Whether Secant can run it, as far as the configuration and the tensors' headers tell.
    is_runnable: bool
    #: Why it cannot be run; None if it can.
    reason: str | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class ModelsReport(Report):
    """The result of ``secant models``: the models in the cache, and which of them Secant can
    run."""

    schema = ("secant.models", 1)
    #: The version of Secant.
    secant_version: str
    #: The path of the cache.
    cache: str
    #: The models, in ascending order of their names.
    models: list[ModelsModel]


@dataclass(frozen=True, kw_only=True)
class PaperFinding:
    """One figure, compared."""
    #: The compared quantity, such as "largest singular value".
    quantity: str
    #: The token's place in the prompt; None if the figure is about the whole prompt.
    position: int | None = None
    #: The published value, as text.
    published: str
    #: Secant's value, as text.
    found: str
    #: How far apart they are: a relative difference, or the share of words that are not found; None
    #: where they are equal or not.
    difference: float | None = None
    #: The largest difference that counts as agreement.
    bound: float | None = None
    #: Whether they agree.
    agrees: bool


@dataclass(frozen=True, kw_only=True, repr=False)
class PaperReport(Report):
    """The result of ``secant verify --against paper``: how closely a model agrees with published
    figures for it."""

    schema = ("secant.paper", 1)
    #: The version of Secant.
    secant_version: str
    #: The model that was measured.
    model: ModelIdentity
    #: The model that the figures were published for, such as "Qwen/Qwen3-8B".
    published_model: str
    #: How the two were matched, in a sentence.
    match: str
    #: The source of the figures.
    source: str
    #: The prompts that were run, in the order of the figures.
    runs: list[PaperRun]
    #: Caveats that belong to all figures, each a sentence.
    caveats: list[str]


@dataclass(frozen=True, kw_only=True)
class PaperRun:
    """One prompt."""
    #: The text.
    prompt: str
    #: The factor of gated products that stayed linear, there and here.
    gate_rule: str
    #: The arithmetic there, such as "float32".
    arithmetic: str
    #: The notebook, the cell and, where numbers were not printed, the figure.
    source: str
    #: Caveats that belong to this run.
    caveats: list[str]
    #: Every figure, compared.
    findings: list[PaperFinding]


@dataclass(frozen=True, kw_only=True)
class PlanEstimate:
    """The cost of one method."""
    #: The method, spelled as that of the plan.
    method: str
    #: Products of a vector with one token's J_i or its transpose, over all tokens.
    operator_products: int
    #: Floating-point operations; a multiplication and an addition count as two.
    floating_point_operations: float
    #: The estimated time in seconds on this machine.
    seconds: float
    #: The estimated peak memory in bytes.
    peak_memory_bytes: int


@dataclass(frozen=True, kw_only=True, repr=False)
class PlanReport(Report):
    """The estimates of ``--dry-run``, before any work starts."""

    schema = ("secant.plan", 1)
    #: The version of Secant.
    secant_version: str
    #: The model.
    model: ModelIdentity
    #: The number of tokens T; of a comparison, of both prompts together.
    token_count: int
    #: The number of singular triplets requested for each map, possibly 0.
    rank: int
    #: The arithmetic: "f32" or "f64".
    precision: str
    #: The method that would be used: "dense" or "krylov"; "exact" where no triplets are wanted,
    #: "mixed" where the two sides of a comparison differ.
    method: str
    #: The methods that were considered, the one that would be used among them.
    estimates: list[PlanEstimate]
    #: The assumptions of the estimates, one sentence each.
    notes: list[str]


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """A next token that the model considers."""
    #: The token's number in the vocabulary.
    id: int
    #: The token as text.
    text: str
    #: Its logit.
    logit: float
    #: Its softmax probability over the whole vocabulary, from 0 to 1.
    probability: float


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """The prompt, and the position and site of the output."""
    #: The text as the user gave it; None if tokens were given by number.
    text: str | None = None
    #: The tokens ``[T]``, special ones included.
    tokens: list[Token]
    #: The position whose output is explained, in 0 ..< T.
    analysed_position: int
    #: The place in the model that is explained: "output", "block.3.residual", ….
    site: str


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """Everything that a result depends on, so the same seed and machine give the same bytes."""
    #: The version of Secant, such as "0.1.0".
    secant_version: str
    #: The model.
    model: ModelIdentity
    #: The arithmetic: "f32" or "f64".
    precision: str
    #: The factor of a gated product that stays linear: "up", "gate" or "half" (the mean of both).
    gate_rule: str
    #: How singular vectors were found: "dense" or "krylov".
    method: str
    #: The largest residual, relative to σ₁, of a triplet that counts as converged.
    tolerance: float
    #: The seed of the random starting vectors.
    seed: int
    #: The command's arguments, the program's name first; None if the library was called.
    command_line: list[str] | None = None
    #: The conversation that became the prompt; None if the prompt is not one.
    chat: ProvenanceChat | None = None


@dataclass(frozen=True, kw_only=True)
class ProvenanceChat:
    """The text that a model's chat template made of a prompt."""
    #: The file that the template is from, such as "tokenizer_config.json".
    template: str
    #: The whole text that was split into tokens, special tokens spelled out.
    text: str


@dataclass(frozen=True, kw_only=True)
class Reconstruction:
    """The error of Σ J_i x_i + b against y, which is rounding alone."""
    #: The relative error ‖Σ J_i x_i + b − y‖ / ‖y‖.
    relative_error: float
    #: The paper's measure: std(Σ J_i x_i + b − y) / std(y), over the d components.
    standard_deviation_ratio: float
    #: The Euclidean norm ‖y‖.
    output_norm: float
    #: The Euclidean norm ‖b‖; 0 for a model without biases on the linear path.
    offset_norm: float


@dataclass(frozen=True, kw_only=True)
class Reference:
    """What is subtracted."""
    #: How it was chosen: "runner-up", the likeliest token that the target does not name; "tokens",
    #: those that were named; "mean", the mean logit of the whole vocabulary.
    kind: str
    #: The tokens whose mean logit is subtracted; empty for "mean".
    tokens: list[TargetToken]
    #: The logit that is subtracted; None in reports of version 1.
    logit: float | None = None


@dataclass(frozen=True, kw_only=True)
class Share:
    """One part of the target."""
    #: The part, in logits; negative where it speaks against the target.
    value: float
    #: The part over ℓ; not a percentage: it may be negative or exceed 1.
    fraction: float
    #: Whether the token is an attention sink, whose share says little of what the prompt says.
    is_baseline: bool = False


@dataclass(frozen=True, kw_only=True)
class Shares:
    """The target ℓ as a sum: Σ w·J_i x_i + w·b, with w the direction whose product with y the
    target is."""
    #: The shares of the tokens up to the analyzed position, in order.
    tokens: list[Share]
    #: The part of each token's share that the learned vector of its position gave, in logits; None
    #: where positions have no vectors.
    positions: list[float] | None = None
    #: The share of the offset b (and of the unembedding's own bias, where a model has one).
    bias: Share
    #: The sum of all shares, in logits.
    sum: float
    #: The target ℓ that the model itself computed; equal to the target's.
    logit: float
    #: The sum minus ℓ, in logits: rounding alone.
    difference: float
    #: How much attention the first token gets; None where no token comes after it, or it was not
    #: asked for.
    first_token: FirstToken | None = None
    #: The same shares by spans of the text; None where they are by token.
    grouping: Grouping | None = None


@dataclass(frozen=True, kw_only=True)
class SharesAdapter:
    """The target divided among the modules of a low-rank adapter, in logits."""
    #: The target with all base weights under the frozen factors of the run with the adapter.
    base: float
    #: The modules with a share, in the order in which data passes them.
    modules: list[SharesAdapterModule]
    #: The modules that act only inside frozen factors, and so have no share.
    frozen: list[SharesAdapterFrozen]
    #: The sum of ``base`` and all modules.
    sum: float
    #: The sum minus the target that the model itself computed: rounding alone.
    difference: float


@dataclass(frozen=True, kw_only=True)
class SharesAdapterFrozen:
    """Modules without a share."""
    #: Such as "query" or "key"; "gate" or "up" by the gate rule.
    module: str
    #: The blocks where they are, ascending.
    blocks: list[int]


@dataclass(frozen=True, kw_only=True)
class SharesAdapterModule:
    """What one module gave."""
    #: The block's number, from 0; None for the unembedding.
    block: int | None = None
    #: "value", "output", "gate", "up", "down" or "unembedding".
    module: str
    #: The number of the expert that it belongs to; None if it belongs to none.
    expert: int | None = None
    #: What its adapter gave.
    value: float
    #: The same by the position ``[p + 1]`` at which its output is changed; None if omitted to keep
    #: the report small, and for the unembedding.
    positions: list[float] | None = None


@dataclass(frozen=True, kw_only=True)
class SharesBlock:
    """The parts of one block: ``attention.value + feedForward.value + bias`` is its
    contribution."""
    #: The block's number, from 0, as in the checkpoint's tensor names.
    block: int
    #: All heads together, without the layer's own biases.
    attention: SharesPart
    #: The heads, in order; their values sum to that of ``attention``.
    heads: list[SharesComponent]
    #: The feed-forward layer, without its own biases.
    feed_forward: SharesPart
    #: In a mixture, the experts chosen at any position up to the analyzed one, in order; otherwise
    #: empty.
    experts: list[SharesComponent]
    #: The contribution of the biases of the block's own layers at the analyzed position.
    bias: float


@dataclass(frozen=True, kw_only=True)
class SharesComponent:
    """The contribution of one head or expert."""
    #: The head's or expert's number, from 0.
    index: int
    #: The total contribution, in logits.
    value: float
    #: The part made from each source's vector; None if omitted to keep the report small.
    tokens: list[float] | None = None
    #: The part made from biases of earlier layers; None if nothing was divided by sources.
    bias: float | None = None
    #: How much of the logit passes through it at each position ``[p + 1]``; None if it was left
    #: out.
    through: list[float] | None = None
    #: For a head, the part read from each position ``[p + 1]``; None if omitted.
    read: list[float] | None = None


@dataclass(frozen=True, kw_only=True)
class SharesExactness:
    """The differences between sums that should be equal, in logits: rounding alone."""
    #: The sum over all components.
    sum: float
    #: The sum minus the logit that the model itself computed.
    difference: float
    #: The largest difference between the components' parts for a source and that token's share,
    #: which comes from an adjoint pass; None if nothing was divided by sources.
    largest_row_difference: float | None = None


@dataclass(frozen=True, kw_only=True)
class SharesPart:
    """The contribution of one layer or of the direct path."""
    #: The total contribution, in logits.
    value: float
    #: The part made from each source's vector, in the order of ``sources``.
    tokens: list[float]
    #: The part made from biases of earlier layers; None if nothing was divided by sources.
    bias: float | None = None
    #: How much of the logit passes through it at each position ``[p + 1]``; empty for the direct
    #: path.
    through: list[float]


@dataclass(frozen=True, kw_only=True, repr=False)
class SharesReport(PromptReport):
    """The result of ``secant shares``: a logit as an exact sum over tokens, and again over
    components."""

    schema = ("secant.shares", 3)
    #: Model and settings; the method is "exact", the tolerance and the seed are 0.
    provenance: Provenance
    #: The prompt as the model reads it.
    prompt: Prompt
    #: The likeliest next tokens at the analyzed position, likeliest first (10, or V where smaller).
    prediction: list[Prediction]
    #: What is divided: by default the prediction's logit less its runner-up's.
    target: Target
    #: The tokens' shares: the same as an explanation's.
    shares: Shares
    #: The positions of the tokens by which components are divided, ascending; empty if none are.
    sources: list[int]
    #: The contribution of the analyzed token's vector on the direct path, past every block, and of
    #: the final norm's bias.
    direct: SharesPart
    #: The contributions of the blocks, in order.
    blocks: list[SharesBlock]
    #: The error of the sum against the logit.
    exactness: SharesExactness
    #: What each module of the model's adapter gave; None for a model without one.
    adapter: SharesAdapter | None = None
    #: Caveats about the numbers, one sentence each; possibly empty.
    notes: list[str]


@dataclass(frozen=True, kw_only=True)
class Span:
    """Tokens that are counted together."""
    #: The span's text, or the name that it was given.
    name: str
    #: The positions of its tokens, ascending.
    positions: list[int]
    #: The sum of its tokens' shares, in logits.
    value: float
    #: The sum over ℓ.
    fraction: float


@dataclass(frozen=True, kw_only=True)
class SteeringDescription:
    """A steering operator: the joint detached Jacobian of the stream after a block, ``[d,
    T·d]``."""
    #: The phrase as the user gave it; None if tokens were given by number.
    text: str | None = None
    #: The phrase's tokens ``[T]``, special ones included.
    tokens: list[SteeringToken]
    #: The block n after which J is read and the stream is changed, from 0.
    block: int
    #: The width d of the stream.
    width: int
    #: The factor of a gated product that stays linear: "up", "gate" or "half".
    gate_rule: str
    #: The arithmetic in which J was computed: "f32" or "f64".
    precision: str
    #: The form of J: "exact" (never formed), "full" or "low-rank".
    form: str
    #: The rank r and what it keeps; None if J is held whole.
    truncation: SteeringDescriptionTruncation | None = None


@dataclass(frozen=True, kw_only=True)
class SteeringDescriptionTruncation:
    """The accuracy of J if only its leading singular triplets are kept."""
    #: R: the number of triplets.
    rank: int
    #: The energy kept, Σ_{k<r} σ_k² / ‖J‖_F²: 1 at full rank.
    energy_kept: float
    #: One standard error of it; 0 where ‖J‖_F is exact up to rounding.
    energy_error: float
    #: The largest measured residual of a triplet, relative to σ₁.
    residual: float


@dataclass(frozen=True, kw_only=True, repr=False)
class SteeringOperatorReport(Report):
    """The result of ``secant steer build``: a steering operator, described."""

    schema = ("secant.steering-operator", 1)
    #: The version of Secant.
    secant_version: str
    #: The model whose map the operator is.
    model: ModelIdentity
    #: The operator.
    steering_operator: SteeringDescription
    #: The bytes that its file takes.
    file_bytes: int
    #: The command's arguments, the program's name first; None if the library was called.
    command_line: list[str] | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class SteeringReport(Report):
    """The result of ``secant steer run``: a prompt's continuations, steered and unsteered."""

    schema = ("secant.steering", 1)
    #: Model, operator, prompt and concept.
    setting: SteeringSetting
    #: The strength s; at 0 nothing changes.
    strength: float
    #: The unsteered continuation.
    unsteered: SteeringTrial
    #: The steered continuation.
    steered: SteeringTrial


@dataclass(frozen=True, kw_only=True)
class SteeringSetting:
    """The settings of continuations, except the strength."""
    #: The version of Secant.
    secant_version: str
    #: The model.
    model: ModelIdentity
    #: The arithmetic of the continuation: "f32" or "f64".
    precision: str
    #: The operator.
    steering_operator: SteeringDescription
    #: How it changes the stream: "mix" or "add".
    mode: str
    #: The prompt as the user gave it; None if tokens were given by number.
    prompt_text: str | None = None
    #: The prompt's tokens, special ones included.
    prompt_tokens: list[SteeringToken]
    #: The concept searched for in the continuation, as tokens that may follow the prompt.
    concept: list[SteeringToken]
    #: The sampling settings; None if each token is the most likely.
    sampling: SteeringSettingSampling | None = None
    #: The command's arguments, the program's name first; None if the library was called.
    command_line: list[str] | None = None
    #: The conversation that became the prompt; None if the prompt is not one.
    chat: ProvenanceChat | None = None


@dataclass(frozen=True, kw_only=True)
class SteeringSettingSampling:
    """The settings of random sampling."""
    #: The temperature, above 0.
    temperature: float
    #: Sampling is restricted to this number of most likely tokens, at least 1; None for all.
    top_k: int | None = None
    #: The probability of the likeliest tokens that are drawn among, above 0 and at most 1.
    top_p: float
    #: The seed of the sampling.
    seed: int


@dataclass(frozen=True, kw_only=True)
class SteeringSweepPoint:
    """One trial of a sweep."""
    #: The block after which the stream is changed, from 0.
    block: int
    #: The method of changing the stream.
    method: str
    #: The strength s.
    strength: float
    #: The continuation.
    trial: SteeringTrial


@dataclass(frozen=True, kw_only=True, repr=False)
class SteeringSweepReport(Report):
    """The result of ``secant steer run --sweep``: effect against damage over strengths and
    blocks."""

    schema = ("secant.steering-sweep", 1)
    #: Model, operator, prompt and concept.
    setting: SteeringSetting
    #: The unsteered continuation.
    unsteered: SteeringTrial
    #: The trials: block by block, for each the operator and then the baseline, by ascending
    #: strength.
    points: list[SteeringSweepPoint]
    #: Caveats about the numbers, one sentence each; possibly empty.
    notes: list[str]


@dataclass(frozen=True, kw_only=True)
class SteeringToken:
    """A token, by its number and as text."""
    #: The token's number in the vocabulary.
    id: int
    #: The token as text.
    text: str


@dataclass(frozen=True, kw_only=True)
class SteeringTrial:
    """A continuation with its effect and its damage."""
    #: The text that follows the prompt.
    text: str
    #: Its tokens; none where the text ended at once.
    tokens: list[SteeringToken]
    #: Effect: the probability, from 0 to 1, that the concept's tokens follow the prompt, one after
    #: the other.
    concept_probability: float | None = None
    #: Effect: the probability of all of the concept's tokens together, averaged over the
    #: continuation.
    concept_share: float | None = None
    #: Effect: whether the text contains the concept, whatever its case.
    contains_concept: bool
    #: Damage: the perplexity of the continuation under the unsteered model, 1 or more.
    perplexity: float | None = None
    #: Damage: KL(changed ‖ unsteered) of the next token, in nats, averaged over the continuation.
    divergence: float | None = None


@dataclass(frozen=True, kw_only=True)
class SteeringVectorDirection:
    """A direction of the stream after a block."""
    #: What it is: "token", "left-vector" (of a token's map to the stream), or "difference" (of the
    #: mean streams of two texts).
    kind: str
    #: The block n after which the stream is changed, from 0.
    block: int
    #: The token that it points toward; None for other kinds.
    token: SteeringToken | None = None
    #: The text whose token's map it is of, or the text that a difference leads to; None for a
    #: token, and if tokens were given by number.
    prompt: str | None = None
    #: The tokens of that text; None for a token.
    prompt_tokens: list[SteeringToken] | None = None
    #: The text that a difference leads from; None for other kinds, and if tokens were given by
    #: number.
    from_text: str | None = None
    #: The tokens of that text; None for other kinds.
    from_tokens: list[SteeringToken] | None = None
    #: The place in its text of the token whose map it is of; None for other kinds.
    position: int | None = None
    #: The number k of u_k, from 1; None for other kinds.
    triplet: int | None = None
    #: The factor of a gated product that stays linear in the map; None for other kinds.
    gate_rule: str | None = None
    #: The norm before the direction is scaled to 1; of u_k its singular value.
    length: float
    #: The tokens whose logits a push along it raises most, through the final norm's weights.
    writes: list[DecodedToken]


@dataclass(frozen=True, kw_only=True, repr=False)
class SteeringVectorReport(Report):
    """The result of ``secant steer toward``: a prompt's continuations, with and without a push
    along a direction."""

    schema = ("secant.steering-vector", 1)
    #: The version of Secant.
    secant_version: str
    #: The model.
    model: ModelIdentity
    #: The arithmetic of the continuation: "f32" or "f64".
    precision: str
    #: The direction.
    direction: SteeringVectorDirection
    #: The strength s; at 0 nothing changes, and at 1 the push is half as long as the stream.
    strength: float
    #: The prompt as the user gave it; None if tokens were given by number.
    prompt_text: str | None = None
    #: The prompt's tokens, special ones included.
    prompt_tokens: list[SteeringToken]
    #: The concept searched for in the continuation, as tokens that may follow the prompt.
    concept: list[SteeringToken]
    #: The sampling settings; None if each token is the most likely.
    sampling: SteeringSettingSampling | None = None
    #: The unsteered continuation.
    unsteered: SteeringTrial
    #: The steered continuation.
    steered: SteeringTrial
    #: The command's arguments, the program's name first; None if the library was called.
    command_line: list[str] | None = None
    #: The conversation that became the prompt; None if the prompt is not one.
    chat: ProvenanceChat | None = None


@dataclass(frozen=True, kw_only=True)
class Target:
    """What is explained: the mean logit of some tokens, over a reference; or any direction of the
    output."""
    #: The target for people: "Golden - Bay", "Golden" for a logit alone.
    label: str
    #: The first token whose logit is explained; None for a direction.
    token: TargetToken | None = None
    #: The tokens whose mean logit is explained; empty for a direction.
    tokens: list[TargetToken]
    #: The token whose logit is subtracted, where it is exactly one.
    contrast: TargetToken | None = None
    #: What is subtracted from it; None where nothing is.
    over: Reference | None = None
    #: What is explained, as the model itself computed it: the logit less the one that is
    #: subtracted.
    logit: float
    #: The tokens' own mean logit; None for a direction, and in reports of version 1.
    raw_logit: float | None = None


@dataclass(frozen=True, kw_only=True)
class TargetToken:
    """One token of a target."""
    #: The token's number in the vocabulary.
    id: int
    #: The token as text.
    text: str


@dataclass(frozen=True, kw_only=True)
class Token:
    """One token of the prompt."""
    #: The place in the prompt, from 0.
    position: int
    #: The token's number in the vocabulary, from 0.
    id: int
    #: The token as text, its leading space included; bytes that are no text are U+FFFD.
    text: str


@dataclass(frozen=True, kw_only=True)
class TokenJacobian:
    """The detached Jacobian J_i ``[d, d]`` of one token, by its leading singular triplets."""
    #: The token's place in the prompt.
    position: int
    #: The norm ‖x_i‖ of the vector that enters block 0.
    input_norm: float
    #: The norm ‖J_i x_i‖ of the token's contribution to the output.
    output_norm: float
    #: The largest singular values ``[r]``, in descending order; all d of them where r = d.
    singular_values: list[float]
    #: The measured residuals √(‖J v − σu‖² + ‖Jᵀu − σv‖²)/σ₁ of the leading triplets ``[≤ r]``.
    residuals: list[float]
    #: The probability with which each residual is no larger than it says; None where residuals were
    #: measured.
    confidence: float | None = None
    #: Triplets whose singular values are too close together to separate their vectors.
    clusters: list[Cluster]
    #: Whether every residual is within the tolerance.
    is_converged: bool
    #: The number of products of a vector with J_i or its transpose.
    operator_products: int
    #: The squared Frobenius norm ‖J_i‖_F² = Σ σ_k², over all d singular values.
    frobenius_norm_squared: Estimate
    #: The stable rank ‖J_i‖_F² / σ₁², from 1 to d: how many directions share the work.
    stable_rank: Estimate
    #: The leading triplets in the same order as ``singularValues``, decoded into tokens ``[≤ r]``.
    triplets: list[DecodedTriplet]


@dataclass(frozen=True, kw_only=True)
class TraceAnswer:
    """What is traced."""
    #: Where it comes from: "continuation", the model's own likeliest tokens, or "given".
    origin: str
    #: Whether the model ended it; false for one that was given, or cut at the number of tokens
    #: asked for.
    is_ended: bool
    #: Its tokens.
    tokens: list[TraceToken]


@dataclass(frozen=True, kw_only=True)
class TraceBlock:
    """The parts of one block: ``attention + feedForward + bias`` is its contribution."""
    #: The block's number, from 0.
    block: int
    #: All heads together, without the layer's own biases.
    attention: float
    #: The heads, in order; they sum to ``attention``.
    heads: list[TraceHead]
    #: The feed-forward layer, without its own biases.
    feed_forward: float
    #: In a mixture, the experts that any position was given to, in order; otherwise empty.
    experts: list[TraceExpert]
    #: The biases of the block's own layers.
    bias: float


@dataclass(frozen=True, kw_only=True)
class TraceEffect:
    """What removing one span changes."""
    #: Which span it is, from 0.
    span: int
    #: The target with the span less the target without it.
    effect: float


@dataclass(frozen=True, kw_only=True)
class TraceExpert:
    """The contribution of one expert of a mixture."""
    #: The expert's number, from 0.
    index: int
    #: The total contribution.
    value: float


@dataclass(frozen=True, kw_only=True)
class TraceHead:
    """The contribution of one head."""
    #: The total contribution.
    value: float
    #: The span from whose positions it wrote most in the direction of its total, by its place among
    #: the spans; None if there is none.
    span: int | None = None
    #: What it wrote from there.
    read: float | None = None


@dataclass(frozen=True, kw_only=True)
class TraceMatrix:
    """The answer's tokens, each divided separately."""
    #: The rows that were computed, in the order of the answer.
    rows: list[TraceRow]
    #: The answer tokens, from 0, whose rows did not fit the time that was allowed; empty if all
    #: were computed.
    left: list[int]


@dataclass(frozen=True, kw_only=True)
class TraceReference:
    """What the answer's tokens are held against."""
    #: "runner-up", of each token the likeliest other one; "answer", another answer of as many
    #: tokens, token by token; "mean", the mean logit of the vocabulary; "none".
    kind: str
    #: The other answer; None for other kinds.
    text: str | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class TraceReport(PromptReport):
    """The result of ``secant trace``: which part of a prompt made the model give an answer of
    several tokens."""

    schema = ("secant.trace", 1)
    #: Model and settings; the method is "exact", the tolerance and the seed are 0.
    provenance: Provenance
    #: The prompt as the model reads it, without the answer.
    prompt: Prompt
    #: The answer, token after token.
    answer: TraceAnswer
    #: What the answer's tokens are held against.
    reference: TraceReference
    #: The target by token, and by span of the prompt; tokens from the prompt's length on are the
    #: answer's own words.
    shares: Shares
    #: The target by role, in the order of the prompt; they sum to it.
    roles: list[TraceRole]
    #: The contribution of the vectors that enter at the positions read, past every block.
    direct: float
    #: The contributions of the blocks, in order.
    blocks: list[TraceBlock]
    #: The error of the sum over components.
    exactness: SharesExactness
    #: Each answer token divided separately; None if it was not asked for.
    matrix: TraceMatrix | None = None
    #: The prompt's parts, including what it gave through the answer's own words; None if it was not
    #: asked for.
    through: TraceThrough | None = None
    #: What removing each span does; None if it was not asked for.
    check: TraceSpanCheck | None = None
    #: Caveats about the numbers, one sentence each; possibly empty.
    notes: list[str]


@dataclass(frozen=True, kw_only=True)
class TraceRole:
    """What tokens of one role gave."""
    #: "prompt", or a turn's name such as "system" or "user"; "documents" for named spans; "answer"
    #: for the answer's own earlier words; "baseline" for an attention sink; "bias".
    name: str
    #: The number of its tokens.
    token_count: int
    #: The sum of its tokens' shares.
    value: float
    #: The sum over the target.
    fraction: float


@dataclass(frozen=True, kw_only=True)
class TraceRow:
    """One answer token's part of the target as a sum."""
    #: Which token of the answer it is, from 0.
    answer: int
    #: What each token before it gave: the prompt's, then the answer's own earlier words.
    tokens: list[float]
    #: What the biases gave.
    bias: float
    #: The sum of all.
    sum: float
    #: The sum minus what the model itself computed.
    difference: float


@dataclass(frozen=True, kw_only=True)
class TraceSpanCheck:
    """What really happens to the target where a span is removed, beside its share."""
    #: How spans were removed: "mask" (no later position attends to them) or "replace" (neutral text
    #: of as many tokens in their place; special tokens stay).
    method: str
    #: The text in their place, for "replace": as much of it as each span has tokens.
    replacement: str | None = None
    #: The effects that were measured, by span.
    effects: list[TraceEffect]
    #: The spans whose effects did not fit the time that was allowed; empty if all were measured.
    left: list[int]
    #: The rank correlation of shares and effects, from -1 to 1; None for fewer than three spans, or
    #: if all shares or effects are equal.
    spearman: float | None = None


@dataclass(frozen=True, kw_only=True)
class TraceThrough:
    """The target by spans, with what the answer's own words gave passed on to the prompt."""
    #: What each span of the prompt gave, in their order.
    spans: list[float]
    #: What the tokens gave that are set apart as baseline.
    baseline: float
    #: What the biases gave.
    bias: float
    #: How much of the target goes through each answer token, what later tokens owe to it counted
    #: in.
    weights: list[float]
    #: The sum of the magnitudes of all ways, over that of the rows' sums: 1 where no token owes
    #: anything to another.
    amplification: float


@dataclass(frozen=True, kw_only=True)
class TraceToken:
    """One token of the answer, and its part of the target."""
    #: Its place after the prompt; it is predicted at the position before.
    position: int
    #: The token's number in the vocabulary.
    id: int
    #: The token as text.
    text: str
    #: The token that it is held against; None for the mean of the vocabulary, or for nothing.
    over: TargetToken | None = None
    #: Its part of the target, as the model itself computed it.
    value: float
    #: Its logit, before any bound on logits.
    logit: float
    #: Its softmax probability over the whole vocabulary, from 0 to 1.
    probability: float
    #: Whether it is the likeliest token there.
    is_likeliest: bool


@dataclass(frozen=True, kw_only=True)
class ValidationFamily:
    """One kind of items."""
    #: Its name, such as "capitals".
    name: str
    #: Items that were measured.
    measured: int
    #: Items left out because the model prefers the other token, or neither.
    prefers_other: int
    #: Items left out because both prompts are not of as many tokens, or equal.
    unequal_lengths: int
    #: Items left out because the target, or the token that it is held against, is not one token, or
    #: both are one.
    not_one_token: int
    #: Items left out because they are too long.
    too_long: int


@dataclass(frozen=True, kw_only=True)
class ValidationItem:
    """A prompt with its counterfactual, and what each rule had of it."""
    #: The kind of item.
    family: str
    #: What the model reads.
    prompt: str
    #: What it reads where the answer is another.
    counterfactual: str
    #: The token that is asked about.
    target: TargetToken
    #: The token that is held against it.
    over: TargetToken
    #: The logit of the target less that of the other after the prompt, above 0.
    logit: float
    #: The same after the counterfactual.
    counterfactual_logit: float
    #: One number for each rule and measure that exist.
    values: list[ValidationValue]


@dataclass(frozen=True, kw_only=True)
class ValidationMeasure:
    """Something that is measured of every rule."""
    #: A name for programs, such as "spearman.mean".
    name: str
    #: What it is: a sentence or two.
    definition: str
    #: What is better: "high", "low", or "none" where neither is.
    better: str


@dataclass(frozen=True, kw_only=True)
class ValidationMedian:
    """The median over items of one measure."""
    #: The measure's name.
    measure: str
    #: The median.
    value: float
    #: The lower end of its interval.
    low: float
    #: The upper end of its interval.
    high: float
    #: The items that have the measure.
    items: int


@dataclass(frozen=True, kw_only=True, repr=False)
class ValidationReport(Report):
    """What ``secant validate`` found: how well rules of attribution predict what really happens,
    over many prompts."""

    schema = ("secant.validation", 1)
    #: Model, settings and seed; its gate rule is "all", its method "exact".
    provenance: Provenance
    #: Where the items are from: "built-in", or the file as the user named it.
    data: str
    #: The kinds of items, and how many of each were measured and left out.
    families: list[ValidationFamily]
    #: What was measured, in the order of the tables.
    measures: list[ValidationMeasure]
    #: The rules, in the order that was asked for.
    rules: list[ValidationRule]
    #: The items that were measured, in their order.
    items: list[ValidationItem]
    #: Caveats that belong to the numbers, each a sentence.
    notes: list[str]


@dataclass(frozen=True, kw_only=True)
class ValidationRule:
    """What was measured of one rule."""
    #: The rule's name, such as "up".
    name: str
    #: What it predicts of tokens, heads and circuits, and from what: sentences.
    definition: str
    #: Medians, by the measures that the rule has.
    medians: list[ValidationMedian]


@dataclass(frozen=True, kw_only=True)
class ValidationValue:
    """One measure of one rule on one item."""
    #: The rule's name.
    rule: str
    #: The measure's name.
    measure: str
    #: The number.
    value: float


@dataclass(frozen=True, kw_only=True)
class VerificationLaw:
    """One law, tried."""
    #: The law, such as "reconstruction".
    name: str
    #: The measured quantity, such as "‖Σ J_i x_i + b − y‖ / ‖y‖, f32".
    measured: str
    #: The value; None if the law was skipped.
    value: float | None = None
    #: The largest value that the law allows; None if the law was skipped.
    bound: float | None = None
    #: The result.
    outcome: str
    #: The origin of the bound; None if the law was skipped.
    origin: str | None = None
    #: Why it was skipped or failed; None if the numbers say it.
    reason: str | None = None
    #: If the law was skipped for lack of memory, the bytes that its trial needs beside the weights.
    needed_memory_bytes: int | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class VerificationReport(Report):
    """The result of ``secant verify``: whether the method's laws hold on a model."""

    schema = ("secant.verification", 1)
    #: The version of Secant.
    secant_version: str
    #: The model.
    model: ModelIdentity
    #: The seed of the random directions.
    seed: int
    #: The laws, in the order in which they were tried.
    laws: list[VerificationLaw]


@dataclass(frozen=True, kw_only=True, repr=False)
class VocabularyReport(Report):
    """The result of ``secant vocabulary``: the model's tokens that have a text in them."""

    schema = ("secant.vocabulary", 1)
    #: The version of Secant.
    secant_version: str
    #: The model's name.
    model: str
    #: What was looked for.
    text: str
    #: The number of tokens that have it; ``tokens`` may be fewer.
    count: int
    #: The closest tokens, closest first.
    tokens: list[VocabularyToken]


@dataclass(frozen=True, kw_only=True)
class VocabularyToken:
    """One token of the vocabulary."""
    #: The token's number in the vocabulary, from 0.
    id: int
    #: The token as text, its leading space included; bytes that are no text are U+FFFD.
    text: str
    #: How it has the text: "whole", "beginning" or "inside".
    match: str
