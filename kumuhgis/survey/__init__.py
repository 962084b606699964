"""The door for questionnaires: what phones and paper bring becomes answers, each under its RT, nothing dropped unsaid.

Rooms: ``files`` opens, ``headings`` says what a column is, ``answers`` reads cells, ``places`` says where, ``choosing``
which entry counts, ``reading`` brings them together, ``judging`` says what the answers mean.
"""

from kumuhgis.survey.judging import judge, rt_volumes
from kumuhgis.survey.places import unit_choices
from kumuhgis.survey.reading import Survey, read_survey

__all__ = ["Survey", "judge", "read_survey", "rt_volumes", "unit_choices"]
