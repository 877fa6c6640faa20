"""How scenes are lit for pictures."""

from typing import Any

import mujoco


def light(spec: Any) -> None:
    """Light a scene that is not compiled yet, before a white sky."""
    # Pictures are drawn without a graphics card: no shadows and no smoothing.
    spec.visual.quality.shadowsize = 0
    spec.visual.quality.offsamples = 0
    spec.visual.headlight.ambient = [0.45, 0.45, 0.45]
    spec.visual.headlight.diffuse = [0.4, 0.4, 0.4]
    spec.add_texture(
        name="sky",
        type=mujoco.mjtTexture.mjTEXTURE_SKYBOX,
        width=8,
        height=48,
        builtin=mujoco.mjtBuiltin.mjBUILTIN_FLAT,
        rgb1=[1, 1, 1],
        rgb2=[1, 1, 1],
    )
    spec.worldbody.add_light(
        pos=[1, -2, 4],
        dir=[-0.2, 0.4, -1],
        diffuse=[0.4, 0.4, 0.4],
        specular=[0.1, 0.1, 0.1],
        type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL,
    )
