"""Hostile and broken files of every kind, made here: name -> (bytes, what must become of it)."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from itertools import pairwise

SPACE = "http://www.omg.org/spec/BPMN/20100524/MODEL"
HEAD = f'<?xml version="1.0" encoding="UTF-8"?>\n<definitions xmlns="{SPACE}" xmlns:camunda="http://camunda.org/schema/1.0/bpmn">'

REFUSED, HARMLESS = "refused", "harmless"

File = tuple[bytes, str]


def flow(source: str, target: str, inner: str = "", more: str = "") -> str:
    return f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}" {more}>{inner}</sequenceFlow>'


def chain(*ids: str) -> str:
    return "".join(flow(one, other) for one, other in pairwise(ids))


def process(body: str, id: str = "p") -> str:
    return f'<process id="{id}" isExecutable="true">{body}</process>'


def file(*parts: str) -> bytes:
    return f"{HEAD}{''.join(parts)}</definitions>".encode()


def simple(step: str = '<task id="a"/>', name: str = "") -> str:
    return f'<startEvent id="s"/>{step}<endEvent id="e" name="{name}"/>{chain("s", "a", "e")}'


def files(canary: str) -> Mapping[str, File]:
    """`canary` is a path that must not exist afterwards."""
    return dict([*_broken(), *_xml(), *_shapes(), *_large(), *_scripts(canary), *_names()])


def _broken() -> Iterator[tuple[str, File]]:
    whole = file(process(simple()))
    yield "empty", (b"", REFUSED)
    yield "blank", (b" \n\t ", REFUSED)
    yield "binary", (bytes(range(256)) * 40, REFUSED)
    yield "nul", (whole.replace(b"<task", b"<\0task"), REFUSED)
    yield "truncated", (whole[: len(whole) // 2], REFUSED)
    yield "mismatched", (whole.replace(b"</process>", b"</processus>"), REFUSED)
    yield "two_roots", (whole + whole.split(b"\n", 1)[1], REFUSED)
    yield "undeclared_prefix", (whole.replace(b"<task ", b'<x:task y:z="1" '), HARMLESS)
    yield "attribute_twice", (whole.replace(b'<task id="a"', b'<task id="a" id="b"'), REFUSED)
    yield "wrong_encoding", (whole.replace(b'id="e" name=""', b'id="e" name="\xe8\xe9"'), HARMLESS)
    yield "unknown_encoding", (whole.replace(b"UTF-8", b"KLINGON"), HARMLESS)
    yield "utf_16", (whole.decode().replace("UTF-8", "UTF-16").encode("utf-16"), HARMLESS)
    yield "utf_7", (whole.replace(b"UTF-8", b"UTF-7"), HARMLESS)
    yield "html", (b"<!doctype html><html><body><p>No drawing</body></html>", REFUSED)
    yield "json", (json.dumps({"definitions": {"process": []}}).encode(), REFUSED)
    yield "deep_json", (b"[" * 100_000, REFUSED)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("drawing.bpmn", b"0" * 50_000_000)
    yield "zip", (out.getvalue(), REFUSED)
    yield "dmn", (b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"/>', REFUSED)
    yield "old_bpmn", (whole.replace(b"20100524", b"20090801"), REFUSED)


def _xml() -> Iterator[tuple[str, File]]:
    body = f'<definitions xmlns="{SPACE}">{process(simple(name="&x;"))}</definitions>'
    laughs = "".join(f'<!ENTITY x{n} "{f"&x{n - 1};" * 10}">' for n in range(1, 10))
    entities = {
        "laughs": f'<!ENTITY x0 "ha">{laughs}<!ENTITY x "&x9;">',
        "quadratic": f'<!ENTITY x "{"a" * 100_000}">',
        "external_entity": '<!ENTITY x SYSTEM "file:///etc/passwd">',
        "network_entity": '<!ENTITY x SYSTEM "http://127.0.0.1:9/x">',
        "parameter_entity": '<!ENTITY % y SYSTEM "file:///etc/passwd"> %y; <!ENTITY x "1">',
        "recursive_entity": '<!ENTITY x "&y;"><!ENTITY y "&x;">',
    }
    for name, declared in entities.items():
        yield name, (f"<!DOCTYPE definitions [{declared}]>{body}".encode(), REFUSED)
    yield "doctype", (f'<!DOCTYPE definitions SYSTEM "http://127.0.0.1:9/x.dtd">{body}'.encode(), REFUSED)
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/passwd" parse="text"/>'
    yield (
        "include",
        (file(process(simple(f'<task id="a"><documentation>{include}</documentation></task>'))), HARMLESS),
    )
    style = '<?xml-stylesheet href="http://127.0.0.1:9/x.xsl"?>'
    yield "style_sheet", (f"{style}{file(process(simple())).decode().split('?>', 1)[1]}".encode(), HARMLESS)
    yield "depth", (file("<process>" * 5_000), REFUSED)
    nested = "".join(f'<subProcess id="n{n}">' for n in range(120)) + "</subProcess>" * 120
    yield "nested_sub_processes", (file(process(nested)), HARMLESS)
    yield "long_attribute", (file(process(simple(name="x" * 9_000_000))), HARMLESS)
    yield "too_long", (file(process(simple(name="x" * 11_000_000))), REFUSED)
    many = " ".join(f'a{n}="1"' for n in range(50_000))
    yield "many_attributes", (file(process(simple(f'<task id="a" {many}/>'))), HARMLESS)
    spaces = " ".join(f'xmlns:a{n}="urn:{n}"' for n in range(20_000))
    yield (
        "many_namespaces",
        (f'<definitions xmlns="{SPACE}" {spaces}>{process(simple())}</definitions>'.encode(), HARMLESS),
    )


def _shapes() -> Iterator[tuple[str, File]]:
    yield "no_process", (file(), REFUSED)
    yield "same_id", (file(process(simple('<task id="a"/><task id="a"/>'))), REFUSED)
    yield "same_process", (file(process(simple()), process(simple().replace('"s', '"t'))), REFUSED)
    yield "into_nowhere", (file(process(simple() + flow("a", "nowhere"))), REFUSED)
    yield "from_nowhere", (file(process(simple() + flow("", "a"))), REFUSED)
    other = process('<task id="b"/><endEvent id="f"/>' + chain("b", "f"), "q")
    yield "across_pools", (file(process(simple() + flow("a", "b")), other), REFUSED)
    calls = [
        process(
            f'<startEvent id="s{one}"/><callActivity id="c{one}" calledElement="p{two}"/><endEvent id="e{one}"/>'
            + chain(f"s{one}", f"c{one}", f"e{one}"),
            f"p{one}",
        )
        for one, two in ((1, 2), (2, 3), (3, 1))
    ]
    yield "call_circle", (file(*calls), REFUSED)
    yield "calls_itself", (file(process(simple('<callActivity id="a" calledElement="p"/>'))), REFUSED)
    yield "arrow_to_itself", (file(process(simple() + flow("a", "a"))), HARMLESS)
    yield (
        "endless",
        (
            file(process('<startEvent id="s"/><task id="a"/><task id="b"/>' + chain("s", "a", "b", "a"))),
            REFUSED,
        ),
    )
    yield (
        "machine_loop",
        (
            file(
                process(
                    '<startEvent id="s"/><scriptTask id="a"><script>x = 1</script></scriptTask>'
                    + chain("s", "a", "a")
                )
            ),
            REFUSED,
        ),
    )
    attached = '<boundaryEvent id="b" attachedToRef="b"><timerEventDefinition/></boundaryEvent>'
    yield "attached_to_itself", (file(process(simple() + attached)), HARMLESS)
    yield "default_elsewhere", (file(process(simple('<exclusiveGateway id="a" default="s_a"/>'))), HARMLESS)
    lanes = "".join(f'<lane id="l{n}" name="Sales"><flowNodeRef>a</flowNodeRef></lane>' for n in range(300))
    yield "in_every_lane", (file(process(f"<laneSet>{lanes}</laneSet>{simple()}")), HARMLESS)
    associations = "".join(
        f'<association id="x{n}" sourceRef="x{n}" targetRef="x{n}"/>' for n in range(2_000)
    )
    yield "associations_of_themselves", (file(process(simple() + associations)), HARMLESS)
    many = "<multiInstanceLoopCharacteristics><loopCardinality>1000000000</loopCardinality></multiInstanceLoopCharacteristics>"
    yield "a_billion_instances", (file(process(simple(f'<task id="a">{many}</task>'))), HARMLESS)
    cycle = "<timerEventDefinition><timeCycle>R999999999/PT0S</timeCycle></timerEventDefinition>"
    border = f'<boundaryEvent id="b" attachedToRef="a" cancelActivity="false">{cycle}</boundaryEvent><endEvent id="f"/>{chain("b", "f")}'
    yield "a_timer_that_never_rests", (file(process(simple() + border)), HARMLESS)


def _large() -> Iterator[tuple[str, File]]:
    ids = [f"n{n}" for n in range(1_500)]
    long = "".join(f'<task id="{id}"/>' for id in ids)
    yield (
        "chain_of_1500",
        (file(process(f'<startEvent id="s"/>{long}<endEvent id="e"/>{chain("s", *ids, "e")}')), HARMLESS),
    )
    for blocks, kind in ((16, "parallelGateway"), (16, "inclusiveGateway"), (60, "parallelGateway")):
        parts, last = ['<startEvent id="s"/>'], "s"
        for n in range(blocks):
            parts += [f'<{kind} id="f{n}"/><task id="a{n}"/><task id="b{n}"/><{kind} id="j{n}"/>']
            parts += [chain(last, f"f{n}", f"a{n}", f"j{n}"), chain(f"f{n}", f"b{n}", f"j{n}")]
            last = f"j{n}"
        parts += ['<endEvent id="e"/>', chain(last, "e")]
        yield f"{blocks}_{kind}_blocks", (file(process("".join(parts))), HARMLESS)
    wide = "".join(f'<task id="t{n}"/>{chain("f", f"t{n}", "j")}' for n in range(200))
    forks = '<startEvent id="s"/><parallelGateway id="f"/><parallelGateway id="j"/><endEvent id="e"/>'
    yield "200_branches", (file(process(forks + chain("s", "f") + chain("j", "e") + wide)), HARMLESS)
    ends = "".join(f'<task id="t{n}"/>{chain("f", f"t{n}")}' for n in range(60))
    yield (
        "60_branches_without_a_join",
        (file(process('<startEvent id="s"/><parallelGateway id="f"/>' + chain("s", "f") + ends)), HARMLESS),
    )
    mesh = "".join(flow(f"g{one}", f"g{two}") for one in range(40) for two in range(40) if one != two)
    gates = "".join(f'<exclusiveGateway id="g{n}"/>' for n in range(40))
    yield (
        "every_gateway_to_every_other",
        (file(process(f'<startEvent id="s"/>{gates}{mesh}' + chain("s", "g0"))), HARMLESS),
    )
    gates = gates.replace("exclusive", "inclusive")
    yield (
        "every_inclusive_to_every_other",
        (file(process(f'<startEvent id="s"/>{gates}{mesh}' + chain("s", "g0"))), HARMLESS),
    )
    loose = "".join(f'<task id="t{n}"/>' for n in range(20_000))
    yield "20000_loose_tasks", (file(process(simple() + loose)), HARMLESS)
    arrows = "".join(f'<sequenceFlow id="x{n}" sourceRef="s" targetRef="a"/>' for n in range(20_000))
    yield "20000_arrows_between_two", (file(process(simple() + arrows)), HARMLESS)
    borders = "".join(
        f'<boundaryEvent id="b{n}" attachedToRef="a" cancelActivity="false"><messageEventDefinition messageRef="m"/>'
        f"</boundaryEvent>{flow(f'b{n}', 'e')}"
        for n in range(300)
    )
    yield (
        "300_events_on_a_border",
        (file('<message id="m" name="x"/>', process(simple() + borders)), HARMLESS),
    )
    pools = "".join(process(simple(), f"q{n}") for n in range(80))
    yield "80_processes", (file(pools), REFUSED)


SCRIPTS = (
    'open("{canary}", "w").write("x")',
    '__import__("os").system("touch {canary}")',
    "x = open('/etc/passwd').read()",
    "while True: pass",
    "for i in 1..1000000000000 return i",
    "execution.setVariable('x', new File('{canary}').createNewFile())",
    "x = " + "(" * 20_000 + "1" + ")" * 20_000,
    "x = " + "1+" * 100_000 + "1",
    'x = "a" * 1000000000',
    "x = 9 ** 9 ** 9 ** 9",
    "().__class__.__base__.__subclasses__()",
    'matches("' + "a" * 60 + '!", "(a+)+$")',
)


def _scripts(canary: str) -> Iterator[tuple[str, File]]:
    for number, text in enumerate(SCRIPTS):
        told = text.replace("{canary}", canary)
        safe = told.replace("&", "&amp;").replace("<", "&lt;")
        for language in ("", "groovy"):
            script = f'<scriptTask id="a" scriptFormat="{language}"><script>{safe}</script></scriptTask>'
            yield f"script_{number}_{language or 'feel'}", (file(process(simple(script))), HARMLESS)
        condition = f"<conditionExpression>{safe}</conditionExpression>"
        gateway = (
            '<startEvent id="s"/><exclusiveGateway id="a" default="a_f"/><endEvent id="e"/><endEvent id="f"/>'
            + flow("s", "a")
            + flow("a", "e", condition)
            + flow("a", "f")
        )
        yield f"condition_{number}", (file(process(gateway)), HARMLESS)
        timer = f'<intermediateCatchEvent id="a"><timerEventDefinition><timeDuration>{safe}</timeDuration></timerEventDefinition></intermediateCatchEvent>'
        yield f"timer_{number}", (file(process(simple(timer))), HARMLESS)


def _names() -> Iterator[tuple[str, File]]:
    html = "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;{0}{x.__class__}%s%(x)s"
    yield "html_name", (file(process(simple(f'<userTask id="a" name="{html}"/>', name=html))), HARMLESS)
    for number, id in enumerate(
        (
            "../../etc/passwd",
            "a/../../b",
            "C:\\x",
            "Start",
            "End",
            "Root",
            "a b",
            "{0}",
            "%s",
            "a" * 5_000,
            "__class__",
            "constructor",
            "è",
            "\u202ea",
            "&#10;",
            "x.EndJoin",
            "1; DROP TABLE cases",
            "'",
        )
    ):
        yield (
            f"id_{number}",
            (file(process(simple(f'<userTask id="{id}"/>').replace('"a"', f'"{id}"'))), HARMLESS),
        )
        yield f"process_id_{number}", (file(process(simple(), id)), HARMLESS)
    form = 'camunda:formKey="../../../../etc/passwd" camunda:assignee="${{x}}" camunda:dueDate="{{x}}"'
    yield "form_path", (file(process(simple(f'<userTask id="a" {form}/>'))), HARMLESS)
