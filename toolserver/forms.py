"""The bases of what is configured and stored on the host's side. What travels to a node is in ``protocol``."""

from pydantic import BaseModel, ConfigDict


class Fact(BaseModel):
    """Something that happened or was given; it never changes once made."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Form(BaseModel):
    """Something that a person fills in. Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")
