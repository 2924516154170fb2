"""A cell of a CSV file is text, whatever it begins with."""

import pytest

from common.csv_cells import harmless


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_what_would_be_computed_is_text(start):
    assert harmless(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("cell", ["", "Unit 2338", "1+1", "'=1", " =1"])
def test_what_is_text_stays_as_it_is(cell):
    assert harmless(cell) == cell


@pytest.mark.parametrize("end", [";", ",", "\t", "|", "\n", '; "'])
@pytest.mark.parametrize("sign", ["=", "+", "-", "@"])
def test_nothing_is_computed_where_cells_end_at_another_sign(end, sign):
    assert harmless(f"Ann{end}{sign}1+1{end}x") == f"Ann{end}'{sign}1+1{end}x"
