"""The dashboard, the rules and their page speak of the metrics that there are, and of each of them."""

import json
import re
from typing import Any

import pytest
import yaml
from prometheus_client.metrics import MetricWrapperBase

from common import metrics
from tests.portal.conftest import ROOT

DEFINED = [each for each in vars(metrics).values() if isinstance(each, MetricWrapperBase)]
OURS = {
    each._name + ("_total" if each._type == "counter" else ""): each
    for each in DEFINED
    if not each._labelvalues
}
PAGE = (ROOT / "docs" / "metrics.md").read_text()
RULES = yaml.safe_load((ROOT / "deploy" / "alerts.yml").read_text())["groups"][0]["rules"]
DASHBOARD: dict[str, Any] = json.loads((ROOT / "deploy" / "grafana.json").read_text())
IN_RULES = [rule["expr"] for rule in RULES]
ON_DASHBOARD = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
OF_KIND = {"histogram": ("_bucket", "_sum", "_count"), "summary": ("_sum", "_count")}


def of(name: str) -> Any:
    """The metric of a row."""
    found = [
        metric
        for base, metric in OURS.items()
        if name in {base + end for end in OF_KIND.get(metric._type, ("",))}
    ]
    assert len(found) == 1, f"There is no {name}"
    return found[0]


@pytest.mark.parametrize("expression", IN_RULES + ON_DASHBOARD)
def test_an_expression_names_rows_and_labels_that_there_are(expression: str):
    rows = re.findall(r"(portal_\w+)(?:\{([^}]*)\})?", expression)
    assert rows or expression.startswith("up{")
    labels: set[str] = {"le"}
    for name, selected in rows:
        metric = of(name)
        labels |= set(metric._labelnames)
        for label in re.findall(r"(\w+)\s*[!=]", re.sub('"[^"]*"', '""', selected)):
            assert label in metric._labelnames, f"{name} has no {label}"
    for grouped in re.findall(r"by \(([^)]*)\)", expression):
        assert set(re.findall(r"\w+", grouped)) <= labels
    assert expression.count("(") == expression.count(")")


def test_values_of_labels_that_rules_pick_out_are_counted_somewhere():
    told = "\n".join(IN_RULES)
    taken = {sample.labels["result"] for sample in metrics.SIGN_INS.collect()[0].samples}
    assert set(re.findall(r'result="([^"]*)"', told)) <= taken
    states = {sample.labels["state"] for sample in metrics.WRITES.collect()[0].samples}
    assert set(re.findall(r'state="([^"]*)"', told)) == states


def test_each_metric_is_on_the_dashboard_and_on_the_page_with_its_labels():
    shown = "\n".join(ON_DASHBOARD)
    for name, metric in OURS.items():
        assert name in shown
        [row] = [line for line in PAGE.splitlines() if line.startswith(f"| `{name}` |")]
        labels = ", ".join(f"`{label}`" for label in metric._labelnames)
        assert row.split("|")[2].strip() == labels
    assert len(OURS) == len(re.findall(r"^\| `portal_", PAGE, re.MULTILINE))


def test_no_label_can_be_a_property_or_a_home():
    few = {"version", "route", "status", "operation", "outcome", "budget", "found", "result"}
    assert {label for metric in OURS.values() for label in metric._labelnames} == few | {
        "what",
        "state",
    }


def test_each_alert_says_what_it_is_and_the_page_what_to_do():
    names = [rule["alert"] for rule in RULES]
    assert names == re.findall(r"^\| `(Portal\w+)` \|", PAGE, re.MULTILINE)
    for rule in RULES:
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"].endswith(".")
        assert re.fullmatch(r"\d+m", rule["for"])


def test_the_dashboard_can_be_imported_anywhere():
    places = [(p["gridPos"]["x"], p["gridPos"]["y"]) for p in DASHBOARD["panels"]]
    assert len(set(places)) == len(places)
    assert [each["name"] for each in DASHBOARD["templating"]["list"]] == ["source"]
    for panel in DASHBOARD["panels"]:
        assert panel["datasource"]["uid"] == "${source}"
    assert "id" not in DASHBOARD
