"""S44: nothing held about people is forgotten, neither by a copy nor by an erasure."""

from sqlalchemy import Column, ForeignKey, MetaData, String, Table, Uuid

from backend.entrypoints.migrations.tables import METADATA
from backend.rights.column_titles import COLUMN_TITLES
from backend.rights.coverage import gaps
from backend.rights.holdings import HOLDINGS
from backend.rights.retention import Holding, Keep, Reduce
from backend.rights.rows import hidden_columns, shown_columns
from backend.rights.values import Told

ANY = Told("что-то", "something")


def test_every_table_and_every_column_that_names_a_person_is_spoken_for() -> None:
    assert list(gaps(METADATA)) == []


def test_every_shown_column_has_its_words_and_no_secret_is_shown() -> None:
    shown = {column.name for name in HOLDINGS for column in shown_columns(METADATA.tables[name])}
    assert sorted(shown - COLUMN_TITLES.keys()) == []
    assert hidden_columns(METADATA.tables["refresh_tokens"]) == ["token_hash", "successor_salt"]
    assert hidden_columns(METADATA.tables["authorization_codes"]) == ["code_hash", "key_thumbprint"]
    assert hidden_columns(METADATA.tables["data_exports"]) == ["data_key"]


def test_every_law_says_why_where_and_how_long_in_both_languages() -> None:
    laws = [one.retention.law for one in HOLDINGS.values() if isinstance(one.retention, Keep | Reduce)]
    told = [text for law in laws for text in (law.reason, law.act, law.until)]
    assert [text for text in told if not text.ru.strip() or not text.en.strip() or text.ru == text.en] == []


def test_a_forgotten_table_column_and_row_of_the_table_is_found() -> None:
    """The guard can fail, in each of its ways."""
    metadata = MetaData()
    Table("forgotten", metadata, Column("id", Uuid, primary_key=True))
    Table("both", metadata, Column("person_id", Uuid, primary_key=True))
    Table(
        "half", metadata, Column("person_id", Uuid, primary_key=True), Column("told_by", Uuid), Column("note", String)
    )
    Table("child", metadata, Column("person_id", Uuid, primary_key=True), Column("half_id", ForeignKey("half.told_by")))
    holdings = {
        "both": Holding(ANY),
        "half": Holding(ANY, mentions={"gone": ANY}),
        "child": Holding(ANY),
        "absent": Holding(ANY),
    }
    found = [line.split(":")[0] for line in gaps(metadata, holdings, {"both": "nothing"})]
    assert found == ["both", "child.half_id", "forgotten", "half.told_by", "absent", "half.gone"]
