"""Run programs and end everything they start.

``spawner``, ``supervision``, ``capture`` and ``descendants`` run in processes of their own, of which every sandbox has
two at all times. They import only what is small: no pathlib, no dataclasses, no typing.
"""
