"""What is minimized: InfoNCE over a batch, with its gradients cached where batches are large."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from dowse.context.errors import DowseError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Tensor = Any
    """A torch.Tensor; torch is imported only where it is used."""


class DivergenceError(DowseError):
    """A training has broken down: its loss is no number any more."""


class Embeds(Protocol):
    """Turns token ids into vectors that gradients flow through."""

    def embed(self, texts: Sequence[Sequence[int]], seed: int) -> Tensor:
        """Unit vectors, shape (texts, dimensions); the seed decides what dropout drops."""


def contrastive_loss(cosines: Tensor, known: Tensor, temperature: float, symmetric: bool) -> Tensor:
    """InfoNCE: how surprising the right code is among all codes of the batch.

    With s_ij the cosine of query i and code j, t the temperature and B queries,

        L = -1/B sum_i log( exp(s_ii / t) / sum_j exp(s_ij / t) )

    (van den Oord, Li and Vinyals 2018, arXiv:1807.03748, equation 4). Symmetric, it is the mean of
    this and the same with queries and codes changed over (Radford et al. 2021, arXiv:2103.00020,
    figure 3); hard negatives have no query and take no part in that half.

    Args:
        cosines: of each query and each code, shape (B, B + N): the right codes in the order of the
            queries, then N hard negatives.
        known: shape (B, B + N); true where a code beside the query's own is known to answer it too,
            and so must not count as wrong.
        temperature: t.
        symmetric: whether codes look for their queries as well.

    Returns:
        A scalar.
    """
    import torch
    from torch.nn.functional import cross_entropy

    scores = (cosines / temperature).masked_fill(known, -torch.inf)
    target = torch.arange(len(scores), device=scores.device)
    loss = cross_entropy(scores, target)
    if not symmetric:
        return loss
    return (loss + cross_entropy(scores[:, : len(scores)].T, target)) / 2


def divergence(cosines: Tensor, taught: Tensor, temperature: float, symmetric: bool) -> Tensor:
    """How far the choice among the codes of a batch is from that of teachers.

    With p_ij the share that the teachers' cosine of query i and code j has in the softmax over the
    batch at the temperature, and q_ij the same of the encoder that is trained,

        L = 1/B sum_ij p_ij log(p_ij / q_ij)

    (Hinton, Vinyals and Dean 2015, arXiv:1503.02531; over the codes of a batch: Lin, Yang and Lin
    2020, arXiv:2010.11386). A code that answers another query too has its part in p, where
    `contrastive_loss` would take it for wrong.

    Args:
        cosines: of the encoder, shape (B, B + N), as in `contrastive_loss`.
        taught: those of the teachers, same shape.
        temperature: both are divided by it.
        symmetric: whether codes look for their queries as well.

    Returns:
        A scalar, 0 where both choose alike.
    """
    import torch

    def towards(own: Tensor, aim: Tensor) -> Tensor:
        own, aim = ((each / temperature).log_softmax(1) for each in (own, aim))
        return torch.nn.functional.kl_div(own, aim, reduction="batchmean", log_target=True)

    loss = towards(cosines, taught)
    if not symmetric:
        return loss
    count = len(cosines)
    return (loss + towards(cosines[:, :count].T, taught[:, :count].T)) / 2


def backpropagate(
    encoder: Embeds,
    texts: Sequence[Sequence[int]],
    loss_of: Callable[[Tensor], Tensor],
    *,
    chunk_size: int,
    cache: bool,
    seed: int,
) -> float:
    """Add the gradient of a loss over many texts to the encoder's weights.

    With `cache`, texts are embedded without a graph, the loss's gradient is taken with regard to
    the vectors, and each chunk is embedded once more to pass its part on: memory for one chunk, the
    same gradient (GradCache: Gao et al. 2021, arXiv:2101.06983). Chunks are of similar length, so
    that little is padded, and each has a seed, so that both passes drop the same activations.

    Args:
        encoder: what is trained.
        texts: token ids.
        loss_of: a scalar of the vectors, shape (texts, dimensions), in the order of `texts`.
        chunk_size: texts embedded at once.
        cache: whether to embed twice.
        seed: of dropout, different at every step.

    Returns:
        The loss.

    Raises:
        DivergenceError: the loss is no number any more.
    """
    import torch

    order = sorted(range(len(texts)), key=lambda number: (len(texts[number]), number))
    chunks = [order[start : start + chunk_size] for start in range(0, len(order), chunk_size)]

    def embed(number: int) -> Tensor:
        return encoder.embed([texts[n] for n in chunks[number]], seed + number)

    places = torch.tensor(sorted(range(len(order)), key=order.__getitem__))
    with torch.set_grad_enabled(not cache):
        vectors: Tensor = torch.cat([embed(number) for number in range(len(chunks))])
    if cache:
        vectors.requires_grad_()
    loss = loss_of(vectors[places.to(vectors.device)])
    if not torch.isfinite(loss):
        raise DivergenceError("the loss is no number any more; lower learning_rate or use float32")
    loss.backward()
    if cache:
        parts = vectors.grad.split(chunk_size)
        for number, part in enumerate(parts):
            embed(number).backward(part)
    return float(loss.detach())
