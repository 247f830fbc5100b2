"""The only code that authors or reads USD. Importing it registers synthgen's schemas, before any stage exists."""

from synthgen.usd import schemas

schemas.register()
