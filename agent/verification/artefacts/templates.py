"""A scenario of a criterion beside the templates of its world: is there one of that name, and do the parameters fit?"""

from collections.abc import Sequence
from typing import TypeVar

import jsonschema

from agent.domain.artefacts import Scenario
from agent.domain.errors import UsageError
from agent.verification.artefacts.world import ScenarioTemplate

TemplateT = TypeVar("TemplateT", bound=ScenarioTemplate)


def template_of(templates: Sequence[TemplateT], scenario: Scenario, measure: str, *, of: str) -> TemplateT:
    """Return the template that a scenario fills in.

    Args:
        templates: those of a world.
        scenario: its name and parameters.
        measure: what is to be measured.
        of: what the world tries out, such as ``programs``.

    Raises:
        UsageError: there is none of that name, it does not measure that, or the parameters do not fit its schema.
    """
    template = next((one for one in templates if one.name == scenario.name), None)
    if template is None:
        known = ", ".join(one.name for one in templates)
        raise UsageError(f"there is no scenario {scenario.name!r} of {of}; there are {known}")
    if measure not in template.measures:
        raise UsageError(f"{scenario.name} does not measure {measure!r}; it measures {', '.join(template.measures)}")
    if misfit := misfit_of(template, scenario):
        raise UsageError(f"the parameters do not fit {scenario.name}: {misfit.json_path}: {misfit.message}")
    return template


def misfit_of(template: ScenarioTemplate, scenario: Scenario) -> jsonschema.ValidationError | None:
    """Return what is most wrong with parameters by the schema of a template; None where they fit."""
    validator = jsonschema.Draft202012Validator(template.parameters)
    worst: jsonschema.ValidationError | None = jsonschema.exceptions.best_match(
        validator.iter_errors(scenario.parameters)
    )
    return worst
