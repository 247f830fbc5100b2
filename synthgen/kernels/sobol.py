"""Low-discrepancy points: the first two dimensions of Sobol's sequence, scrambled by XOR.

References:
    Kollig, Keller 2002, Efficient multidimensional sampling: (0, 2)-sequences and XOR scrambling.
    Keller, Heidrich 2001, Interleaved sampling: neighbours share one net.
"""

import warp as wp

wp.set_module_options({"enable_backward": False, "max_unroll": 1})

BLOCK = wp.constant(4)
EVERY_8TH = wp.constant(wp.uint32(0xFF00FF00))
EVERY_4TH = wp.constant(wp.uint32(0xF0F0F0F0))
EVERY_2ND = wp.constant(wp.uint32(0xCCCCCCCC))
EVERY_1ST = wp.constant(wp.uint32(0xAAAAAAAA))
TOP_BIT = wp.constant(wp.uint32(0x80000000))
GOLDEN = wp.constant(wp.uint32(0x9E3779B9))


@wp.func
def radical_inverse(i: wp.uint32) -> wp.uint32:
    """Return the bits of `i` in reverse: the first dimension of a (0, 2)-sequence."""
    b = (i << wp.uint32(16)) | (i >> wp.uint32(16))
    b = ((b & wp.uint32(0x00FF00FF)) << wp.uint32(8)) | ((b & EVERY_8TH) >> wp.uint32(8))
    b = ((b & wp.uint32(0x0F0F0F0F)) << wp.uint32(4)) | ((b & EVERY_4TH) >> wp.uint32(4))
    b = ((b & wp.uint32(0x33333333)) << wp.uint32(2)) | ((b & EVERY_2ND) >> wp.uint32(2))
    return ((b & wp.uint32(0x55555555)) << wp.uint32(1)) | ((b & EVERY_1ST) >> wp.uint32(1))


@wp.func
def sobol(i: wp.uint32) -> wp.uint32:
    """Return the second dimension of the (0, 2)-sequence."""
    v = TOP_BIT
    bits = wp.uint32(0)
    rest = i
    while rest != wp.uint32(0):
        if (rest & wp.uint32(1)) != wp.uint32(0):
            bits = bits ^ v
        rest = rest >> wp.uint32(1)
        v = v ^ (v >> wp.uint32(1))
    return bits


@wp.func
def net_point(i: wp.int32, scramble: wp.uint32) -> wp.vec2:
    """Return point `i` of the net, scrambled; both coordinates in [0, 1)."""
    a = radical_inverse(wp.uint32(i)) ^ scramble
    b = sobol(wp.uint32(i)) ^ (scramble * GOLDEN)
    scale = 1.0 / 16777216.0
    return wp.vec2(float(a >> wp.uint32(8)) * scale, float(b >> wp.uint32(8)) * scale)


@wp.func
def block_order(column: wp.int32, row: wp.int32) -> wp.int32:
    """Return a pixel's place in its 4 x 4 block, in Morton order."""
    x = column % BLOCK
    y = row % BLOCK
    return (x & 1) + 2 * (y & 1) + 4 * (x >> 1) + 8 * (y >> 1)
