"""Make a data set: shards are shared out to an engine, made, received and published."""
