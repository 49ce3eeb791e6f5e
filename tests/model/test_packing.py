from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dowse.model.packing import pack

LENGTHS = st.lists(st.integers(1, 128), max_size=80)


@given(LENGTHS, st.integers(1, 6))
def test_every_text_is_in_one_batch_that_has_room(lengths: list[int], most: int) -> None:
    batches = pack(lengths, 128, most)
    assert sorted(number for batch in batches for number in batch) == list(range(len(lengths)))
    for batch in batches:
        assert sum(lengths[number] for number in batch) <= 128
        assert 1 <= len(batch) <= most


@given(LENGTHS)
def test_batches_keep_the_order_of_urgency(lengths: list[int]) -> None:
    batches = pack(lengths, 128, 4)
    assert batches == [sorted(batch) for batch in batches]
    assert [batch[0] for batch in batches] == sorted(batch[0] for batch in batches)


def test_short_texts_share_a_batch_with_long_ones() -> None:
    assert pack([128, 100, 20, 60, 8, 60], 128, 4) == [[0], [1, 2, 4], [3, 5]]


def test_no_texts_are_no_batches() -> None:
    assert pack([], 128, 4) == []
