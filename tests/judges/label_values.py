#!/usr/bin/env python3
"""Prints, as a JSON list, what the strict parser reads as the values of the label that is named first, in the samples of
the family that is named second, of an OpenMetrics 1.0 exposition on standard input."""
import json
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families

label, name = sys.argv[1:]
text = sys.stdin.buffer.read().decode("utf-8")
families = [family for family in text_string_to_metric_families(text) if family.name == name]
print(json.dumps([sample.labels[label] for family in families for sample in family.samples]))
