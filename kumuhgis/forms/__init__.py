"""The questionnaire made of a rule: an XLSForm for phones, a form on paper, both of the same questions.

``write_form`` writes the XLSForm, ``write_paper_form`` the paper form; what their answers mean stands in the rule.
"""

from kumuhgis.forms.contents import FormContents, form_contents
from kumuhgis.forms.paper import write_paper_form
from kumuhgis.forms.xlsform import write_form

__all__ = ["FormContents", "form_contents", "write_form", "write_paper_form"]
