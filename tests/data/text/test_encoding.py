"""Encodings of tables that strangers have: read right, said, or asked."""

import pytest

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError
from kerasnotes.data.load import load
from kerasnotes.data.masks.mask_values import read_classes
from kerasnotes.data.readers.tables.text_table import TextTable
from kerasnotes.data.text import legacy
from kerasnotes.data.text.encoding import detect

TOLD = [
    ("gb18030", "样本编号,弹性模量（GPa）,延伸率,材料", "1,2,3,铝合金"),
    ("gbk", "姓名,性别,成绩", "张三,男,90"),
    ("big5", "密度,溫度,硬度,類別", "1.2,3.4,5,不合格"),
    ("cp932", "身長,体重,ラベル", "170,60,女"),
    ("cp949", "이름,성별,점수", "김철수,남,90"),
    ("cp1252", "Länge,Größe,Klasse", "1.2,3.4,häßlich"),
    ("cp1252", "T (°C),d (µm),señal", "1,2,año"),
    ("cp1252", "température,É,à", "1,2,“naïve”"),
    ("cp1252", "LÄNGE,ÅNGSTRÖM,a", "1,2,thé"),
]


@pytest.mark.parametrize(("encoding", "header", "row"), TOLD)
def test_an_encoding_of_before_unicode_is_found_and_said(
    save, encoding, header, row
):
    path = save(header, *[row] * 3, encoding=encoding)
    table = TextTable.open(path)
    assert table.names == tuple(header.split(","))
    [note] = [one for one in table.notes if "UTF-8" in one]
    assert legacy.words(header, 1)[0] in note
    assert "--set data.encoding" in note


@pytest.mark.parametrize(
    ("encoding", "header"),
    [
        ("cp1251", "Плотность,Температура,Класс"),
        ("koi8-r", "Плотность,Температура,Класс"),
        ("cp1253", "πυκνότητα,κλάση"),
        ("gbk", "x,标签"),
        ("cp949", "x,분류"),
    ],
)
def test_what_may_be_several_is_asked_about_with_what_it_would_say(
    save, encoding, header
):
    path = save(header, "1,2,3", encoding=encoding)
    with pytest.raises(DataError, match=r"--set data\.encoding=") as caught:
        detect(path)
    assert legacy.words(header, 2)[-1] in str(caught.value)


def test_an_encoding_that_is_said_is_taken(save):
    rows = [f"{i}.5,{'хорошо' if i % 2 else 'плохо'}" for i in range(20)]
    path = save("длина,label", *rows, encoding="cp1251")
    data = load(DataConfig(source=str(path), encoding="cp1251"))
    assert set(data.spec.target.classes) == {"хорошо", "плохо"}
    assert data.spec.input.names == ("длина",)


def test_a_models_columns_tell_what_it_is_asked_in(save):
    path = save("длина,ширина", "1,2", encoding="cp1251")
    assert TextTable.open(path, ("длина", "ширина")).names[0] == "длина"


def test_an_encoding_that_is_none_is_refused():
    with pytest.raises(ValueError, match="gb18030"):
        DataConfig(encoding="utf-9")


def test_a_wrong_encoding_is_refused(save):
    path = save("длина,label", "1,я", encoding="cp1251")
    with pytest.raises(DataError, match="utf-8"):
        load(DataConfig(source=str(path), encoding="utf-8"))


def test_one_byte_that_is_no_utf8_does_not_make_it_western(save):
    path = save("长度,标签", "1,好", "2,坏")
    path.write_bytes(path.read_bytes() + b"3,\xff\xfe\n")
    with pytest.raises(DataError):
        TextTable.open(path)


def test_names_of_masks_are_read_as_tables_are(tmp_path):
    path = tmp_path / "classes.txt"
    path.write_bytes("0 背景\n255 细胞核\n128 细胞质\n".encode("gb18030"))
    listed = read_classes(path)
    assert listed is not None
    assert list(listed.names.values()) == ["背景", "细胞核", "细胞质"]
    path.write_bytes("0 фон\n1 клетка\n".encode("cp1251"))
    with pytest.raises(DataError, match="Next: save it as UTF-8"):
        read_classes(path)
