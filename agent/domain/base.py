"""Base classes of every model in the domain."""

from pydantic import BaseModel, ConfigDict


class Fact(BaseModel):
    """Something that happened or was given; it never changes once made."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Form(BaseModel):
    """Something a person or a model fills in: settings, function arguments. Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")
