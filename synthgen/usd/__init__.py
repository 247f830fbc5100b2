"""Author and read USD; no other code does. Importing this registers synthgen's schemas, before any stage exists."""

from synthgen.usd import schemas

schemas.register()
