"""Forms: form-js schemas read and checked at deploy, answers checked again on the server."""

from engine.forms.compiler import compile_form
from engine.forms.form import Field, Form
from engine.forms.messages import MESSAGES, FieldProblem
from engine.forms.reader import read_form

__all__ = ["MESSAGES", "Field", "FieldProblem", "Form", "compile_form", "read_form"]
