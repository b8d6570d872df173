import unicodedata

import pytest

from kerasnotes.data.meaning.categories import encode, spellings

pytestmark = pytest.mark.once


def test_yes_and_no_are_written_in_three_ways():
    cells = ["TRUE", " False", "true ", True, "yes"]
    assert encode(cells, ("false", "true")).tolist() == [2, 1, 2, 2, 0]
    assert encode(["TRUE"], ("maybe", "true")).tolist() == [0]


def test_letters_with_marks_are_one_character_or_two():
    apart = unicodedata.normalize("NFD", "Köln")
    assert encode(["Köln", apart], ("Bonn", "Köln")).tolist() == [2, 2]
    assert spellings(("Bonn", "Köln")) == {"Bonn": 1, "Köln": 2, apart: 2}
