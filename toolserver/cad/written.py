"""What whoever writes a scenario of their own has to know; it names no library, so that hosts can show it."""

from typing import Final

GUIDE: Final = """\
A scenario is Python that defines scenario(api) and returns one number. Lengths are mm, masses kg, speeds m/s, time s.
  api.low, api.high           lowest and highest corner of the artefact as [x, y, z]
  api.hollow()                middle [x, y], radius, floor, brim of what is hollow in it; None without one
  api.tops(x, y)              heights of surfaces that one meets from above at a place, highest first
  api.artefact(free=True, lift=0, tilt_deg=0, friction=0.8)   put it into the scene, loose or held; call it first
  api.add_ball(radius, mass, at, speed=(0, 0, 0))             returns a number that names it
  api.add_block(size, mass, at)                               the same for a box
  api.step(seconds)           let time pass
  api.push(force, at)         push the artefact with newtons at a place from now on; (0, 0, 0) ends it
  api.position(number)        where the middle of a ball or block is
  api.tilt(), api.drift()     degrees the artefact leans, mm that it moved
Example, a ball laid onto it stays there:
def scenario(api):
    api.artefact(free=False)
    x, y = (api.low[0] + api.high[0]) / 2, (api.low[1] + api.high[1]) / 2
    tops = api.tops(x, y)
    if not tops:
        return 1000.0
    ball = api.add_ball(15, 0.03, (x, y, tops[0] + 16))
    api.step(2.0)
    return tops[0] + 15 - api.position(ball)[2]
"""
"""What whoever writes a scenario has to know."""
