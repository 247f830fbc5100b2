"""What is drawn and where: transforms, units, visibility, purposes, instancing, time and codes."""

from __future__ import annotations

import numpy as np
import pytest
from pxr import Usd

from synthgen.errors import StageError
from synthgen.usd.read import traverse
from synthgen.usd.read.description import describe, describe_below, instances_below, refresh_root
from tests.stage_text import HEAD, stage

CUBES = """
    def Cube "plain" { }
    def Cube "render" { uniform token purpose = "render" }
    def Cube "proxy" { uniform token purpose = "proxy" }
    def Cube "guide" { uniform token purpose = "guide" }
    def Cube "hidden" { token visibility = "invisible" }
    def Cube "off" (active = false) { }
"""


def paths(text: str) -> list[str]:
    return [instance.path for instance in describe(stage(text)).instances]


def test_purposes_visibility_and_activity() -> None:
    assert paths(CUBES) == ["/plain", "/render"]
    assert paths(f'def Xform "x" {{ token visibility = "invisible"\n {CUBES} }}') == []
    assert paths(f'def Xform "x" {{ uniform token purpose = "guide"\n {CUBES} }}') == ["/x/render"]
    assert paths('class "c" { def Cube "a" { }\n }\nover "o" { def Cube "a" { }\n }') == []


def test_units_and_up_axis_go_into_the_world_matrix() -> None:
    head = '#usda 1.0\n(\n    metersPerUnit = 0.01\n    upAxis = "Y"\n)\n'
    text = """def Cube "c" { double size = 1
        double3 xformOp:translate = (1, 2, 3)
        uniform token[] xformOpOrder = ["xformOp:translate"] }"""
    (instance,) = describe(stage(text, head)).instances
    assert instance.world_from_mesh[:3, 3] == pytest.approx((0.01, -0.03, 0.02))
    np.testing.assert_allclose(instance.world_from_mesh @ (0, 1, 0, 0), (0, 0, 0.01, 0))  # up is up


@pytest.mark.parametrize(("axis", "up"), [("X", (1, 0, 0)), ("Y", (0, 1, 0)), ("Z", (0, 0, 1)), ("odd", (0, 1, 0))])
def test_every_up_axis_points_up_and_illegal_ones_are_named(axis: str, up: tuple[int, ...]) -> None:
    found = describe(
        stage('def Cube "c" { double size = 1 }', f'#usda 1.0\n(\n metersPerUnit = 1\n upAxis = "{axis}"\n)\n')
    )
    matrix = found.instances[0].world_from_mesh
    assert matrix[:3, :3] @ up == pytest.approx((0, 0, 1))
    assert np.linalg.det(matrix[:3, :3]) == pytest.approx(1)
    assert any("upAxis" in line for line in found.warnings) is (axis in ("X", "odd"))


def test_metres_per_unit_of_zero_is_named() -> None:
    found = describe(stage('def Cube "c" { }', "#usda 1.0\n(\n metersPerUnit = 0\n)\n"))
    assert any("metersPerUnit" in line for line in found.warnings)


def test_reset_xform_stack() -> None:
    text = """def Xform "x" { double3 xformOp:translate = (9, 9, 9)
        uniform token[] xformOpOrder = ["xformOp:translate"]
        def Cube "c" { double3 xformOp:translate = (1, 0, 0)
            uniform token[] xformOpOrder = ["!resetXformStack!", "xformOp:translate"] }
        }"""
    assert describe(stage(text)).instances[0].world_from_mesh[:3, 3] == pytest.approx((1, 0, 0))


def test_time_samples_are_read_at_the_start_or_when_asked() -> None:
    text = """def Cube "c" { double3 xformOp:translate.timeSamples = { 1: (1, 0, 0), 5: (5, 0, 0) }
        uniform token[] xformOpOrder = ["xformOp:translate"] }"""
    head = HEAD.replace("(\n", "(\n    startTimeCode = 2\n    endTimeCode = 5\n", 1)
    text = text.replace("{ 1: (1, 0, 0), 5: (5, 0, 0) }", "{\n 1: (1, 0, 0),\n 5: (5, 0, 0),\n }")
    opened = stage(text, head)

    def x(time: Usd.TimeCode | None = None) -> float:
        return float(describe(opened, time).instances[0].world_from_mesh[0, 3])

    assert (x(), x(Usd.TimeCode(5))) == (2, 5)
    assert float(describe(stage(text)).instances[0].world_from_mesh[0, 3]) == 1  # first sample where no start is named


def test_velocity_is_inherited_by_what_a_body_carries() -> None:
    text = 'def Xform "x" { vector3f physics:velocity = (1, 2, 3)\n def Cube "c" { }\n }\ndef Cube "d" { }'
    found = describe(stage(text)).instances
    assert [i.velocity_m_s for i in found] == [(1, 2, 3), (0, 0, 0)]


def test_native_instances_share_a_mesh_and_have_proxy_paths() -> None:
    text = """def Xform "proto" { def Sphere "s" { }\n }
def Xform "a" (instanceable = true
    references = </proto>) { }
def Xform "b" (instanceable = true
    references = </proto>) { }"""
    found = describe(stage(text)).instances
    assert [i.path for i in found] == ["/proto/s", "/a/s", "/b/s"]
    assert len({i.mesh.key for i in found}) == 1


INSTANCER = """def PointInstancer "p" {{
    point3f[] positions = [(0, 0, 0), (1, 0, 0), (2, 0, 0), (3, 0, 0)]
    int[] protoIndices = [0, 1, 0, {last}]
    float3[] scales = [(1, 1, 1), (2, 2, 2), (-1, 1, 1), (1, 1, 1)]
    rel prototypes = [</p/a>, </p/b>]
    {more}
    def Cube "a" {{ double size = 1
        double3 xformOp:translate = (0, 0, 5)
        uniform token[] xformOpOrder = ["xformOp:translate"] }}
    def Xform "b" {{ def Cube "one" {{ double size = 1 }}
        def Cube "two" {{ double size = 1
            double3 xformOp:translate = (0, 1, 0)
            uniform token[] xformOpOrder = ["xformOp:translate"] }}
        }}
}}"""


def test_point_instancer() -> None:
    found = {i.path: i for i in describe(stage(INSTANCER.format(last=0, more=""))).instances}
    assert list(found) == ["/p[0]", "/p[1]/one", "/p[1]/two", "/p[2]", "/p[3]"]
    assert found["/p[3]"].world_from_mesh[:3, 3] == pytest.approx((3, 0, 5))
    assert found["/p[1]/two"].world_from_mesh[:3, 3] == pytest.approx((1, 2, 0))
    assert found["/p[2]"].mesh.key != found["/p[0]"].mesh.key  # mirrored


def test_point_instancer_masks_and_bad_indices() -> None:
    assert len(paths(INSTANCER.format(last=0, more="int64[] invisibleIds = [0, 1]"))) == 2
    found = describe(stage(INSTANCER.format(last=7, more="")))
    assert len(found.instances) == 4
    assert any("prototype or transform is not there" in line for line in found.warnings)


def test_an_instancer_of_itself_ends() -> None:
    text = """def PointInstancer "p" { point3f[] positions = [(0, 0, 0)]
        int[] protoIndices = [0]
        rel prototypes = [</p>] }"""
    found = describe(stage(text))
    assert not found.instances
    assert any("prototypes hold itself" in line for line in found.warnings)


def test_instancers_that_hold_each_other_end() -> None:
    one = """def PointInstancer "{me}" {{ point3f[] positions = [(0, 0, 0), (1, 0, 0)]
        int[] protoIndices = [0, 0]
        rel prototypes = [</{other}>] }}\n"""
    found = describe(stage(one.format(me="p", other="q") + one.format(me="q", other="p")))
    assert not found.instances
    assert any("nested too deep" in line for line in found.warnings)


def test_flattened_and_endless_transforms_are_named() -> None:
    text = 'def Cube "c" {{ double3 xformOp:scale = ({x}, 1, 1)\n uniform token[] xformOpOrder = ["xformOp:scale"] }}'
    for x, word in (("0", "flattened"), ("nan", "not finite"), ("inf", "not finite")):
        found = describe(stage(text.format(x=x)))
        assert not found.instances
        assert any(word in line for line in found.warnings)


def test_what_is_not_drawn_is_named_once_a_kind() -> None:
    found = describe(stage('def BasisCurves "a" { }\ndef BasisCurves "b" { }\ndef Points "c" { }\ndef Volume "d" { }'))
    assert found.warnings == (
        "/a (and 1 more): curves are not drawn",
        "/c: point clouds are not drawn",
        "/d: volumes are not drawn",
        "/: the stage has no geometry that can be drawn",
    )


def test_instances_below_equals_its_part_of_the_whole() -> None:
    opened = stage(
        f'def Xform "x" {{ vector3f physics:velocity = (1, 0, 0)\n def Xform "y" {{ {CUBES} }}\n }}\ndef Cube "z" {{ }}'
    )
    below = instances_below(opened.GetPrimAtPath("/x/y"))
    whole = describe(opened).instances
    assert [i.path for i in below] == ["/x/y/plain", "/x/y/render"] == [i.path for i in whole][:2]
    assert below[0].velocity_m_s == (1, 0, 0)
    assert below[0].mesh is whole[0].mesh
    part = describe_below(opened.GetPrimAtPath("/x/y"))
    assert [i.path for i in part.instances] == [i.path for i in below]
    assert part.warnings == ()


def test_refresh_root_climbs_to_what_is_drawn_as_one() -> None:
    opened = stage(INSTANCER.format(last=0, more="") + '\ndef Mesh "m" { def GeomSubset "s" { }\n }')
    assert refresh_root(opened.GetPrimAtPath("/p/b/two")).GetPath() == "/p"
    assert refresh_root(opened.GetPrimAtPath("/m/s")).GetPath() == "/m"
    assert refresh_root(opened.GetPrimAtPath("/m")).GetPath() == "/m"


CODE = """def Xform "label" (prepend apiSchemas = ["SynthgenBarcodeAPI:c1"]) {
    double3 xformOp:translate = (0, 0, 2)
    uniform token[] xformOpOrder = ["xformOp:translate"]
    token synthgen:barcode:c1:symbology = "qr"
    string synthgen:barcode:c1:payload = "hello"
    double synthgen:barcode:c1:module_m = 0.001
    int synthgen:barcode:c1:modules_across = 21
    double3[] synthgen:barcode:c1:quad_m = [(0, 1, 0), (1, 1, 0), (1, 0, 0), (0, 0, 0)]
    token[] synthgen:barcode:c1:print_defects = ["fade"] }"""


def test_codes() -> None:
    (code,) = describe(stage(CODE)).codes
    assert (code.path, code.face, code.code_id, code.symbology, code.payload) == ("/label", "c1", "c1", "qr", "hello")
    assert (code.module_m, code.modules_across, code.damaged) == (0.001, 21, True)
    assert code.quad_m.shape == (4, 3)
    assert code.world_from_prim[2, 3] == 2
    broken = describe(stage(CODE.replace(", (0, 0, 0)]", "]")))
    assert not broken.codes
    assert any("four corners" in line for line in broken.warnings)


def test_a_stage_of_too_many_prims_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traverse, "MAX_PRIMS", 3)
    with pytest.raises(StageError, match="more than 3 prims"):
        describe(stage(CUBES))


def test_a_thousand_boxes_are_described_quickly() -> None:
    import time

    box = """def Mesh "m{i}" {{ point3f[] points = [(0, 0, 0), (1, 0, 0), (1, 1, 0)]
        int[] faceVertexCounts = [3]
        int[] faceVertexIndices = [0, 1, 2]
        uniform token subdivisionScheme = "none" }}"""
    opened = stage("\n".join(box.format(i=i) for i in range(1000)))
    describe(opened)
    times = []
    for _ in range(3):
        start = time.process_time()
        assert len({i.mesh.key for i in describe(opened).instances}) == 1
        times.append(time.process_time() - start)
    assert min(times) < 1.0  # 0.1 s where it was measured; 150 ms is the budget
