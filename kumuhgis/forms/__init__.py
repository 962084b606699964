"""The questionnaire made of a rule: an XLSForm for phones, a form on paper, a workbook to type paper into.

All three ask the same questions; what the answers mean stands in the rule.
"""

from kumuhgis.forms.contents import FormContents, form_contents
from kumuhgis.forms.entry import write_entry_workbook
from kumuhgis.forms.paper import write_paper_form
from kumuhgis.forms.xlsform import write_form

__all__ = ["FormContents", "form_contents", "write_entry_workbook", "write_form", "write_paper_form"]
