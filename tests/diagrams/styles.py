"""A drawing for each rule of modelling style: the element that is named, and what is drawn."""

from __future__ import annotations

from collections.abc import Mapping

from tests.diagrams.conftest import bpmn
from tests.diagrams.snippets import DURATION, MESSAGE, step

GATEWAY = '<startEvent id="s"/><{0} id="a"/><task id="b"/><task id="c"/><endEvent id="e"/>~ s > a > b > e\n~ a > c > e\n'
LINK = '<intermediateThrowEvent id="b"><linkEventDefinition name="X"/></intermediateThrowEvent>'
PICTURE = (
    b'<d:BPMNDiagram xmlns:d="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:c="http://www.omg.org/spec/DD/20100524/DC">'
    b'<d:BPMNPlane bpmnElement="collab"><d:BPMNShape id="p" bpmnElement="pool" isHorizontal="true"><c:Bounds x="0" y="0"'
    b' width="600" height="300"/></d:BPMNShape><d:BPMNShape id="x" bpmnElement="a"><c:Bounds x="100" y="100" width="100"'
    b' height="80"/></d:BPMNShape><d:BPMNShape id="y" bpmnElement="b"><c:Bounds x="120" y="110" width="100" height="80"/>'
    b"</d:BPMNShape></d:BPMNPlane></d:BPMNDiagram></definitions>"
)

STYLES: Mapping[str, tuple[str, str | bytes]] = {
    "style_ad_hoc_sub_process": (
        "s2",
        step('<adHocSubProcess id="a"><startEvent id="s2"/></adHocSubProcess>'),
    ),
    "style_conditional_flows": (
        "a_c",
        '<exclusiveGateway id="a"/><task id="b"/><task id="c"/>~ a > b [x > 1]\n~ a > c\n',
    ),
    "style_end_event_required": ("offer", '<startEvent id="s"/><task id="a"/>~ s > a\n'),
    "style_event_based_gateway": ("a", '<eventBasedGateway id="a"/><receiveTask id="b"/>~ a > b\n'),
    "style_event_sub_process_typed_start_event": (
        "s2",
        '<subProcess id="a" triggeredByEvent="true"><startEvent id="s2"/></subProcess>',
    ),
    "style_fake_join": ("c", '<task id="a"/><task id="b"/><task id="c"/>~ a > c\n~ b > c\n'),
    "style_global": ("Nameless", step('<task id="a"/>')),
    "style_label_required": ("a", step('<task id="a"/>')),
    "style_link_event": ("b", step(LINK)),
    "style_no_bpmndi": (
        "c",
        bpmn('<task id="a"/><task id="b"/><task id="c"/>').replace(b"</definitions>", PICTURE),
    ),
    "style_no_complex_gateway": ("a", GATEWAY.format("complexGateway")),
    "style_no_disconnected": ("b", step('<task id="a"/><task id="b"/>')),
    "style_no_duplicate_sequence_flows": (
        "more",
        step('<task id="a"/>', '<sequenceFlow id="more" sourceRef="s" targetRef="a"/>'),
    ),
    "style_no_gateway_join_fork": (
        "a",
        '<task id="b"/><task id="c"/><exclusiveGateway id="a"/><task id="d"/><task id="f"/>'
        "~ b > a > d\n~ c > a > f\n",
    ),
    "style_no_implicit_split": ("a", '<task id="a"/><task id="b"/><task id="c"/>~ a > b\n~ a > c\n'),
    "style_no_implicit_end": ("a", '<startEvent id="s"/><task id="a"/>~ s > a\n'),
    "style_no_implicit_start": ("a", '<task id="a"/><endEvent id="e"/>~ a > e\n'),
    "style_no_inclusive_gateway": ("a", GATEWAY.format("inclusiveGateway")),
    "style_no_overlapping_elements": (
        "b",
        bpmn('<task id="a"/><task id="b"/>').replace(b"</definitions>", PICTURE),
    ),
    "style_single_blank_start_event": (
        "offer",
        '<startEvent id="s"/><startEvent id="t"/><task id="a"/>~ s > a\n~ t > a\n',
    ),
    "style_single_event_definition": (
        "a",
        step(f'<intermediateCatchEvent id="a">{MESSAGE}{DURATION}</intermediateCatchEvent>'),
    ),
    "style_start_event_required": ("offer", '<task id="a"/><endEvent id="e"/>~ a > e\n'),
    "style_sub_process_blank_start_event": (
        "s2",
        step(f'<subProcess id="a"><startEvent id="s2">{MESSAGE}</startEvent></subProcess>'),
    ),
    "style_superfluous_gateway": ("a", step('<exclusiveGateway id="a"/>')),
    "style_superfluous_label": (
        "go",
        step('<task id="a"/>').replace('<endEvent id="e"/>', '<endEvent id="e"/><task id="b"/>')
        + '<sequenceFlow id="go" name="then" sourceRef="a" targetRef="b"/>',
    ),
    "style_superfluous_termination": (
        "e",
        '<startEvent id="s"/><task id="a"/><endEvent id="e"><terminateEventDefinition/></endEvent>~ s > a > e\n',
    ),
}
