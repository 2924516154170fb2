"""What all forms have in common."""

from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting
from django.forms.utils import ErrorDict

from common.languages import switching


class Renderer(TemplatesSetting):
    field_template_name = "components/field.html"


class PortalForm(forms.Form):
    """A form whose errors stand beside the fields and in a summary on top."""

    use_required_attribute = False
    error_css_class = "wrong"
    # Whether what was typed comes along when another language is chosen.
    is_kept = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})

    @property
    def errors(self) -> ErrorDict:
        # Whoever chooses another language has not sent the form yet.
        return ErrorDict() if switching.get() else super().errors

    def is_valid(self) -> bool:
        return not switching.get() and super().is_valid()

    def refuse(self, message: Any, field: str | None = None) -> None:
        """Add an error after the form was valid, such as a refusal of the API."""
        self.add_error(field, message)
