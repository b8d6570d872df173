"""Numbers of tokens against rules written out, for texts strangers write."""

import collections
import json
import re
import unicodedata

import numpy as np
import pytest
import tokenizers

from kerasnotes.data.text.tokenizer import (
    PADDING,
    UNKNOWN,
    check,
    open_json,
    train,
)

pytestmark = pytest.mark.once

STRANGE = (
    "Hello, world... HELLO!!!",
    "[PAD] and [UNK] are words here",
    "cafe\u0301 and caf\u00e9",
    "\u4f60\u597d\uff0c\u4e16\u754c",
    "\u0633\u0644\u0627\u0645 \u05e9\u05dc\u05d5\u05dd",
    "\U0001f600\U0001f600 \U0001f468\u200d\U0001f469 ok",
    "<b>bold</b> &amp; <br/>",
    "a\tb\r\nc\u00a0d\u3000e",
    "zero\x00byte",
    "half \ud83d of a pair",
)


def words(text):
    text = text.encode("utf-8", "replace").decode()
    return re.findall(
        r"\w+|[^\w\s]+", unicodedata.normalize("NFC", text).lower()
    )


def characters(text):
    text = text.encode("utf-8", "replace").decode()
    return list(unicodedata.normalize("NFC", text))


@pytest.mark.parametrize(
    ("kind", "divide"), [("word", words), ("character", characters)]
)
def test_tokens_are_those_of_the_rule(kind, divide):
    # Not with joiners in it: what `\w` is differs between two languages.
    texts = [text for text in STRANGE if "\u200d" not in text]
    learned = train(texts, kind)
    known = collections.Counter(t for text in texts for t in divide(text))
    assert learned.size == 2 + len(known)
    order = sorted(known, key=lambda t: (-known[t], t.encode()))
    number = {token: n for n, token in enumerate(order, start=2)}
    for text in texts:
        expected = [number[token] for token in divide(text)]
        assert learned.numbers([text]) == [expected]
    assert learned.numbers(["\u16a0"]) == [[UNKNOWN]]


def test_byte_pairs_lose_nothing():
    learned = train(STRANGE * 3, "bpe", 400)
    inner = tokenizers.Tokenizer.from_str(learned.json)
    for text in (*STRANGE, "never seen: \u16a0\U0001f9ea"):
        [numbers] = learned.numbers([text])
        whole = text.encode("utf-8", "replace").decode()
        assert inner.decode(numbers) == unicodedata.normalize("NFC", whole)
        assert UNKNOWN not in numbers


@pytest.mark.parametrize("kind", ["word", "character", "bpe"])
def test_padding_stands_behind_and_never_within(kind):
    learned = train(STRANGE, kind)
    x = learned.encode([*STRANGE, "", "[PAD][PAD]"], 12)
    assert x.shape == (len(STRANGE) + 2, 12)
    assert x.dtype == np.int32
    for row in x:
        count = int((row != PADDING).sum())
        assert count >= 1
        assert (row[:count] != PADDING).all()
    assert x[-2].tolist() == [UNKNOWN] + [PADDING] * 11


@pytest.mark.parametrize("kind", ["word", "character", "bpe"])
def test_json_keeps_it_and_training_is_repeatable(kind):
    learned = train(STRANGE, kind)
    again = train(list(STRANGE), kind)
    assert again.json == learned.json
    kept = open_json(str(learned.json))
    assert kept.numbers(STRANGE) == learned.numbers(STRANGE)


def test_most_tokens_are_kept_the_commonest_first():
    learned = train(["a a a b b c"], "word", 4)
    assert learned.size == 4
    assert learned.numbers(["a b c"]) == [[2, 3, UNKNOWN]]


def test_a_word_that_comes_once_is_unknown_where_there_are_many_texts():
    texts = ["common word"] * 1_000 + ["rareness"]
    learned = train(texts, "word")
    assert learned.numbers(["rareness common"])[0][0] == UNKNOWN


def test_what_is_no_tokenizer_is_refused():
    with pytest.raises(ValueError, match="Received"):
        open_json("{}")


@pytest.mark.parametrize("kind", ["word", "character", "bpe"])
def test_a_tokenizer_that_was_changed_is_refused(kind):
    learned = train(STRANGE, kind)
    check(learned.json, learned.size)
    with pytest.raises(ValueError, match="must be below"):
        check(learned.json, learned.size - 1)
    known = json.loads(learned.json)
    known["pre_tokenizer"] = {
        "type": "Split",
        "pattern": {"Regex": "(a+)+$"},
        "behavior": "Isolated",
        "invert": False,
    }
    with pytest.raises(ValueError, match="pattern must be"):
        check(json.dumps(known), learned.size)
    with pytest.raises(ValueError, match="must be a tokenizer"):
        check("{}", learned.size)
