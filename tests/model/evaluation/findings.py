"""Findings made up by hand, for what is written about them."""

from dataclasses import replace

from model.evaluation.experiments import Evaluation, Experiment, SubmixExperiment
from model.evaluation.metrics import Ranked
from model.evaluation.protocols import PROTOCOLS, EvaluationProtocol
from model.evaluation.report import Findings
from model.evaluation.retrieval import Leads

GOOD = Evaluation(
    "good",
    [
        *(Ranked(f"song {song}", "drums", 1 + song % 2, 8, song=f"song {song}, take 2") for song in range(6)),
        *(Ranked(f"song {song}", "bass", 1, 5) for song in range(4)),
    ],
    leads=[*[Leads(1.0, 1.0)] * 9, Leads(0.5, 1.0)],
)
POOR = Evaluation(
    "poor",
    [Ranked(one.group, one.stem_type, one.candidates, one.candidates) for one in GOOD.results],
    leads=[Leads(0.0, 0.0)] * 10,
)
PER_TYPE = Experiment(EvaluationProtocol(), "per type", [replace(GOOD, leads=()), replace(POOR, leads=())])
ALL_TYPES = Experiment(PROTOCOLS["musdb18"], "all types", [GOOD, POOR], [Leads(0.3, 0.4)] * 10)
SUBMIXES = [
    SubmixExperiment(
        EvaluationProtocol("aligned"), 8, 12, [replace(GOOD, leads=()), replace(POOR, leads=())]
    ),
    SubmixExperiment(EvaluationProtocol("aligned"), 64, 12, [Evaluation("good", []), Evaluation("poor", [])]),
]
RELIABILITY = {"ece": 0.1, "table": [{"predicted": 0.9, "observed": 0.8, "pairs": 7}]}
FINDINGS = Findings("test songs", [PER_TYPE, ALL_TYPES], SUBMIXES, RELIABILITY)
