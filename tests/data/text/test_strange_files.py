"""Files of texts that strangers have: which texts, classes and columns."""

import json

import polars as pl
import pytest

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError, UsageError
from kerasnotes.data.load import load

pytestmark = pytest.mark.once

GOOD = "what a lovely film that was so truly lovely"
BAD = "a dull and endless film without any point"
CHINESE = (
    "\u8fd9\u90e8\u7535\u5f71\u975e\u5e38\u597d\u770b",
    "\u8fd9\u90e8\u7535\u5f71\u592a\u65e0\u804a\u4e86",
)


def pairs(count=12, texts=(GOOD, BAD), labels=("good", "bad")):
    """Returns texts with a number each, so that none comes twice."""
    return [(f"{texts[n % 2]} {n}", labels[n % 2]) for n in range(count)]


def read(path, **settings):
    """Returns a data set, and its texts with the names of their classes."""
    data = load(DataConfig(source=str(path), **settings))
    found = {}
    for part in ("train", "validation", "test"):
        split = data.split(part)
        for row in range(len(split)):
            number = int(split[row][1])
            found[split.text(row)] = data.spec.target.classes[number]
    return data, found


def lines(path, rows, encoding="utf-8", end="\n"):
    path.write_bytes((end.join(rows) + end).encode(encoding))
    return path


def quoted(text):
    return '"' + text.replace('"', '""') + '"'


def test_messages_without_header_with_quotes_of_their_own(tmp_path):
    odd = [
        '"Hello" he said',
        'a lone " in it',
        '"never closed',
        "plain words here",
    ]
    rows = [
        (f"{odd[n % 4]} {n}", ("ham", "spam")[n % 3 == 0]) for n in range(20)
    ]
    path = lines(tmp_path / "sms.tsv", [f"{y}\t{x}" for x, y in rows])
    data, found = read(path)
    assert found == dict(rows)
    assert data.spec.input.column == "column2"
    assert any("Quotes" in told for told in data.remarks)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_reviews_in_quotes_with_commas_and_line_breaks(tmp_path, end):
    rows = [(f'{x}, "so" they{end}say', y) for x, y in pairs()]
    text = ["review,sentiment", *(f"{quoted(x)},{y}" for x, y in rows)]
    _, found = read(lines(tmp_path / "imdb.csv", text, end=end))
    plain = {x.replace(end, "\n"): y for x, y in rows}
    assert {x.replace(end, "\n"): y for x, y in found.items()} == plain


def test_kaggle_spam_with_nameless_columns_and_pounds(tmp_path):
    rows = pairs(
        texts=("You won \u00a3100, call now", "Sorry, I'll call later")
    )
    text = ["v1,v2,,,", *(f'{y},"{x}",,,' for x, y in rows)]
    data, found = read(lines(tmp_path / "spam.csv", text, "cp1252"))
    assert found == dict(rows)
    assert data.spec.input.column == "v2"


def test_the_longest_of_several_texts_without_names(tmp_path):
    rows = [
        f'"{n % 4 + 1}","A title of it {n}","{GOOD}, {n}"' for n in range(40)
    ]
    data, found = read(lines(tmp_path / "news.csv", rows))
    assert set(found) == {f"{GOOD}, {n}" for n in range(40)}
    assert data.spec.target.classes == ("1", "2", "3", "4")


def test_names_alone_are_read_letter_by_letter(tmp_path):
    rows = [
        (f"N{chr(97 + n % 26)}{n}m", ("es", "it")[n % 2]) for n in range(30)
    ]
    text = ["name,language", *map(",".join, rows)]
    data, found = read(lines(tmp_path / "names.csv", text))
    assert found == dict(rows)
    assert any("characters, a guess" in told for told in data.remarks)


def test_a_column_that_is_named_beside_identifiers(tmp_path):
    head = "id,tweet,user_id,label"
    text = [f"{n},{x},{700 + n},{y}" for n, (x, y) in enumerate(pairs())]
    data, found = read(lines(tmp_path / "tweets.csv", [head, *text]))
    assert found == dict(pairs())
    assert data.spec.input.column == "tweet"
    assert "Left out beside the text: id, user_id." in data.remarks


def test_texts_beside_numbers_are_a_table_unless_said(tmp_path):
    head = "stars,comment,label"
    text = [f"{n % 5}.5,{x},{y}" for n, (x, y) in enumerate(pairs())]
    path = lines(tmp_path / "mixed.csv", [head, *text])
    data = load(DataConfig(source=str(path)))
    assert data.spec.input.kind == "table"
    assert any("--set data.text=comment" in told for told in data.remarks)
    data, found = read(path, text="comment")
    assert found == dict(pairs())


def test_json_lines_with_keys_missing_and_escapes(tmp_path):
    rows = [{"text": x, "label": y} for x, y in pairs()]
    rows[0]["text"] += " \U0001f600 \u05e9\u05dc\u05d5\u05dd"
    rows[1]["extra"] = {"nested": [1, 2]}
    text = [
        json.dumps(row, ensure_ascii=n % 2 == 0) for n, row in enumerate(rows)
    ]
    text.insert(3, "")
    data, found = read(lines(tmp_path / "set.jsonl", text))
    assert found == {row["text"]: row["label"] for row in rows}


@pytest.mark.parametrize("line", ["{'text': 1}", "[1, 2]", "null", '{"a":'])
def test_a_line_that_is_no_object_is_named(tmp_path, line):
    path = lines(tmp_path / "set.jsonl", ['{"text": "a", "label": "b"}', line])
    with pytest.raises(DataError, match="Line 2"):
        read(path)


def test_parquet(tmp_path):
    x, y = zip(*pairs(), strict=True)
    pl.DataFrame({"sentence": x, "label": y}).write_parquet(
        tmp_path / "a.parquet"
    )
    _, found = read(tmp_path / "a.parquet")
    assert found == dict(pairs())


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_tables_in_other_encodings(tmp_path, encoding):
    rows = pairs(
        texts=("tr\u00e8s beau film fran\u00e7ais", "un tr\u00e8s mauvais film")
    )
    text = ["text;label", *(f"{x};{y}" for x, y in rows)]
    _, found = read(lines(tmp_path / "a.csv", text, encoding))
    assert found == dict(rows)


def test_chinese_is_divided_into_characters(tmp_path):
    rows = pairs(texts=CHINESE)
    text = ["\u5185\u5bb9,\u6807\u7b7e", *(f"{x},{y}" for x, y in rows)]
    data, found = read(lines(tmp_path / "a.csv", text))
    assert found == dict(rows)
    assert any("characters, a guess" in told for told in data.remarks)


def folder(root, texts, encoding="utf-8"):
    for n, (x, y) in enumerate(texts):
        path = root / y / f"{n}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(x.encode(encoding))


def test_a_folder_a_class_in_mixed_encodings(tmp_path):
    folder(tmp_path, pairs())
    odd = "une \u00e9l\u00e8ve fran\u00e7aise tr\u00e8s \u00e2g\u00e9e"
    (tmp_path / "good" / "x.txt").write_bytes(odd.encode("cp1252"))
    (tmp_path / "good" / "y.TXT").write_bytes("mark".encode("utf-16"))
    (tmp_path / "bad" / "empty.txt").write_bytes(b" \n")
    (tmp_path / ".DS_Store").write_bytes(b"junk")
    data, found = read(tmp_path)
    assert found == {**dict(pairs()), odd: "good", "mark": "good"}
    told = " ".join(data.remarks)
    assert "1 example holds no text: left out (bad/empty.txt)" in told
    assert "1 text is not UTF-8: read as cp1252" in told


def test_a_split_on_disk_stays(tmp_path):
    folder(tmp_path / "train", pairs(20))
    folder(tmp_path / "test", pairs(4, texts=("fine", "poor")))
    data, _ = read(tmp_path)
    assert len(data.test) == 4
    assert {data.test.text(n).split()[0] for n in range(4)} == {"fine", "poor"}


def test_bytes_that_are_no_text_are_named(tmp_path):
    folder(tmp_path, pairs())
    (tmp_path / "bad" / "x.txt").write_bytes(bytes(range(256)))
    with pytest.raises(DataError, match=r"bad/x\.txt"):
        read(tmp_path)


def test_what_comes_again_is_told_or_dropped(tmp_path):
    rows = pairs(30) + pairs(10) + [(pairs()[0][0], "bad")]
    path = lines(
        tmp_path / "a.tsv", ["text\tlabel", *("\t".join(r) for r in rows)]
    )
    data, _ = read(path)
    told = " ".join(data.remarks)
    assert "word for word" in told
    assert "come again with another class: 1." in told
    data, _ = read(path, repeats="drop")
    assert (
        sum(len(data.split(p)) for p in ("train", "validation", "test")) == 30
    )


def test_texts_that_are_all_alike_are_refused(tmp_path):
    rows = [("ok", ("a", "b")[n % 2]) for n in range(20)]
    path = lines(
        tmp_path / "a.tsv", ["text\tlabel", *("\t".join(r) for r in rows)]
    )
    with pytest.raises(DataError, match="one text"):
        load(DataConfig(source=str(path), text="text", target="label"))


def test_what_is_longer_is_cut_and_told(tmp_path):
    path = lines(
        tmp_path / "a.tsv", ["text\tlabel", *("\t".join(r) for r in pairs())]
    )
    data, _ = read(path, length=3)
    assert data.spec.input.shape == (3,)
    assert any("is cut (data.length)" in told for told in data.remarks)


def test_byte_pairs_are_all_bytes_at_least(tmp_path):
    folder(tmp_path, pairs())
    with pytest.raises(UsageError, match="258"):
        read(tmp_path, tokenizer="bpe", vocabulary=100)


def test_tokens_are_of_the_training_part_alone(tmp_path):
    folder(tmp_path / "train", pairs(20))
    folder(tmp_path / "test", [("zebra", "good"), ("yak", "bad")])
    data, _ = read(tmp_path)
    assert "zebra" not in data.spec.input.tokenizer
    assert data.test[0][0][0] == 1


def test_measured_labels_are_refused(tmp_path):
    rows = [f"{x},{n / 7:.3f}" for n, (x, _) in enumerate(pairs(30))]
    path = lines(tmp_path / "a.csv", ["text,score", *rows])
    with pytest.raises(DataError, match="texts are classified"):
        read(path)


def test_folds_share_one_tokenizer(tmp_path):
    path = lines(
        tmp_path / "a.tsv", ["text\tlabel", *("\t".join(r) for r in pairs(30))]
    )
    one, other = (
        load(DataConfig(source=str(path), folds=3, fold=k)) for k in (1, 2)
    )
    assert one.spec == other.spec
    shown = [
        {d.train.text(n) for n in range(len(d.train))} for d in (one, other)
    ]
    assert shown[0] != shown[1]
    x, _ = one.train[0]
    again, _ = one.train.read_as(other.spec)[0]
    assert x.tolist() == again.tolist()


def objects(path, *last):
    rows = [json.dumps({"text": t, "label": c}) for t, c in pairs()]
    lines(path, [*rows, *last])
    return path


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("[" * 100_000, "nested too deeply"),
        ('{"text": ' * 50_000 + "1" + "}" * 50_000, "nested too deeply"),
        (json.dumps({"te\u0301xt": "a", "t\u00e9xt": "b"}), "are one name"),
    ],
)
def test_objects_that_cannot_be_read(line, words, tmp_path):
    with pytest.raises(DataError, match=words):
        read(objects(tmp_path / "x.jsonl", line))


def test_objects_of_strangers(tmp_path):
    path = objects(
        tmp_path / "x.jsonl",
        '{"text": NaN, "label": "bad"}',
        r'{"text": "half a pair", "label": "bad", "\ud83d": "x"}',
    )
    data, found = read(path, text="text")
    assert "NaN" not in found
    assert any("1 example holds no text" in told for told in data.remarks)


def test_long_codes_are_not_merged(tmp_path):
    codes = [10**20 + n % 2 for n in range(12)]
    rows = [
        json.dumps({"text": text, "label": code})
        for (text, _), code in zip(pairs(), codes, strict=True)
    ]
    lines(tmp_path / "x.jsonl", rows)
    data, _ = read(tmp_path / "x.jsonl", text="text", labels="classes")
    assert data.spec.target.classes == (str(10**20), str(10**20 + 1))


def test_utf_32_is_not_taken_for_utf_16(tmp_path):
    rows = ["text\tlabel", *("\t".join(pair) for pair in pairs())]
    lines(tmp_path / "x.tsv", rows, "utf-32")
    assert set(read(tmp_path / "x.tsv")[1]) == {text for text, _ in pairs()}


def test_dropped_repeats_of_another_class_are_told(tmp_path):
    rows = ["text\tlabel", *("\t".join(pair) for pair in pairs())]
    lines(tmp_path / "x.tsv", [*rows, f"{pairs()[0][0]}\tbad"])
    data, _ = read(tmp_path / "x.tsv", repeats="drop")
    assert any("1 of them with another class" in n for n in data.remarks)
