"""Light and images of a described scene: allocates device arrays, launches kernels, returns values."""
