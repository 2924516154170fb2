"""What all forms have in common."""

from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    field_template_name = "components/field.html"


class PortalForm(forms.Form):
    """A form whose errors stand beside the fields and in a summary on top."""

    use_required_attribute = False
    error_css_class = "wrong"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})

    def refuse(self, message: Any, field: str | None = None) -> None:
        """Add an error after the form was valid, such as a refusal of the API."""
        self.add_error(field, message)
