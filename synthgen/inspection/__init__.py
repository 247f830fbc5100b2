"""Look at a stage that anybody made: one view, irradiance at points, eye safety."""
